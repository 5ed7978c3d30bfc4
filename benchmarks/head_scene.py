"""A moving head in front of a screen, with the truth: what camera, gyroscope and eyes report.

Pure geometry: the tags' corners are projected and get noise instead of being found in pictures.
The head turns about the neck, whose pivot sways. Errors of the gyroscope and the noise of corners
are those of the reference's own simulation (``screen-mapping.md``, section 6).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.camera import PICTURE_SIZE_PX, SceneCamera
from psychopy_neon.screen.detector import DetectedMarkers
from psychopy_neon.screen.imu_alignment import documented
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.screen.pose import ScreenPose, estimate_pose
from psychopy_neon.screen.rotations import from_vector, product, to_matrix
from psychopy_neon.screen.surface import Surface

Array = npt.NDArray[np.float64]

WINDOW_PX, WINDOW_HEIGHT_MM = (1920, 1080), 299.0
DISTANCE_MM = 600.0
LAPTOP_HEIGHT_MM = 190.0
START_NS = 1_700_000_000_000_000_000
GAZE_HZ, PICTURE_HZ, GYRO_HZ = 200.0, 29.99, 110.0
CORNER_NOISE_PX = 0.15
GYRO_BIAS_DEG_S, GYRO_NOISE_DEG_S, GYRO_SCALE = 0.3, 0.1, 0.01
GYRO_TILT_DEG, GYRO_LAG_S = 1.0, 0.002
LEVER_MM, LEVER_SPREAD_MM = (0.0, -80.0, 110.0), 15.0
SWAY_MM = ((8.0, 0.23), (3.0, 0.61))  # amplitude and frequency of the neck's pivot
FIXATION_S = 0.35
_STEP_S = 0.001
_IMU_DTYPE = np.dtype(
    [("ns", "<i8"), ("gyro", "<f4", 3), ("acceleration", "<f4", 3), ("orientation", "<f4", 4)]
)


@dataclass(frozen=True, eq=False)
class Motion:
    """Rotation of a head: rates in camera axes (rad/s, shape (N, 3)), one per millisecond."""

    name: str
    rates: Array

    @property
    def duration_s(self) -> float:
        return (len(self.rates) - 1) * _STEP_S


def recorded(folder: Path) -> Motion | None:
    """The gyroscope of a real recording, forth and back; None if it is not there.

    Played backwards the head goes back to where it began, so that the screen stays in view.
    """
    source = folder / "imu ps1.raw"
    if not source.exists():
        return None
    samples = np.fromfile(source, _IMU_DTYPE)
    times = (samples["ns"] - samples["ns"][0]) / 1e9
    grid = np.arange(0.0, times[-1], _STEP_S)
    to_camera = documented().camera_from_imu
    camera = np.radians(samples["gyro"].astype(np.float64)) @ to_camera.T
    rates = np.column_stack([np.interp(grid, times, axis) for axis in camera.T])
    return Motion("real gyro trace", np.concatenate([rates, -rates[::-1]]))


def still() -> Motion:
    """A head that only sways."""
    grid = np.arange(0.0, 12.0, _STEP_S)
    yaw = np.radians(1.0) * np.cos(2 * np.pi * 0.4 * grid)
    return Motion("still, slight sway", np.column_stack([0.5 * yaw, yaw, 0 * yaw]))


def sine(peak_deg_s: float) -> Motion:
    """Looking left and right, with some nodding."""
    grid = np.arange(0.0, 12.0, _STEP_S)
    yaw = np.radians(peak_deg_s) * np.cos(2 * np.pi * 0.6 * grid)
    pitch = 0.2 * np.radians(peak_deg_s) * np.cos(2 * np.pi * 0.9 * grid + 1)
    return Motion(f"sine, {peak_deg_s:g} deg/s peak", np.column_stack([pitch, yaw, 0 * yaw]))


def turns() -> Motion:
    """Turns of 20 degrees within 0.6 s, and rests."""
    grid = np.arange(0.0, 12.0, _STEP_S)
    part = np.clip((grid % 1.5) / 0.6, 0, 1)
    speed = np.radians(20.0) / 0.6 * 30 * part**2 * (1 - part) ** 2
    way = np.where((grid // 1.5) % 2 == 0, 1.0, -1.0)
    return Motion("20 deg turns in 0.6 s", np.column_stack([0 * grid, way * speed, 0 * grid]))


@dataclass(frozen=True, eq=False)
class Picture:
    """What a picture showed."""

    device_ns: int
    found: DetectedMarkers
    pose: ScreenPose | None


@dataclass(frozen=True, eq=False)
class Gyro:
    """What the gyroscope reports: stamps, ns, and rates in its own axes, deg/s, shape (N, 3)."""

    device_ns: list[int]
    rates_deg_s: Array


@dataclass(frozen=True, eq=False)
class Gaze:
    """Gaze samples: times, scene pixels (N, 2), points looked at (norm), speed of the head."""

    device_ns: list[int]
    pixels: Array
    targets: Array
    speed_deg_s: Array


@dataclass
class HeadScene:
    """One wearer making one motion.

    Parameters
    ----------
    motion : Motion
    seed : int
        Of the wearer's neck and sway, and of all noise.
    window_height_mm : float
    """

    motion: Motion
    seed: int
    window_height_mm: float = WINDOW_HEIGHT_MM
    camera: SceneCamera = field(default_factory=SceneCamera.typical)

    def __post_init__(self) -> None:
        self._chance = np.random.default_rng(self.seed)
        self.surface = Surface.from_markers(frame_layout(WINDOW_PX).markers)
        self._unit_mm = self.window_height_mm / 2
        self._orientations = _integrated(self.motion.rates)
        self._lever = np.array(LEVER_MM) + self._chance.normal(0, LEVER_SPREAD_MM, 3)
        self._phases = self._chance.uniform(0, 2 * np.pi, (len(SWAY_MM), 3))
        self._facing = _middle(self._orientations)

    # -- truth --------------------------------------------------------------------------------

    def pose(self, time_s: float) -> ScreenPose:
        """Where the window truly is."""
        place = min(max(time_s / _STEP_S, 0.0), len(self._orientations) - 1.001)
        index = int(place)
        x, y, z = (self.motion.rates[index] * (place - index) * _STEP_S).tolist()
        turned = product(self._orientations[index], from_vector(x, y, z))
        to_window = self._facing.T @ to_matrix(turned)
        neck = -np.array([0, 0, DISTANCE_MM]) - self._lever + self._sway_mm(time_s)
        camera = (neck + to_window @ self._lever) / self._unit_mm
        rotation = to_window.T
        half = self.surface.half_size
        return ScreenPose(_ns(time_s), rotation, -rotation @ camera, half, 8, 0.9, 0.2)

    def _sway_mm(self, time_s: float) -> Array:
        sway = np.zeros(3)
        for (size, frequency), phases in zip(SWAY_MM, self._phases, strict=True):
            sway += size * np.sin(2 * np.pi * frequency * time_s + phases)
        return sway

    # -- sensors ------------------------------------------------------------------------------

    def pictures(self) -> list[Picture]:
        """The tags in view and their noisy corners, and the pose that follows from them."""
        return [self._picture(time_s) for time_s in self._times(PICTURE_HZ)]

    def _picture(self, time_s: float) -> Picture:
        truth = self.pose(time_s)
        ids = np.array(self.surface.tag_ids)
        norm = np.array([self.surface.markers[tag] for tag in ids]) / truth.half_size * (1, -1)
        pixels = self.camera.project(truth.rays_from_norm(norm.reshape(-1, 2))).reshape(-1, 4, 2)
        with np.errstate(invalid="ignore"):
            inside = ((pixels > 0) & (pixels < np.array(PICTURE_SIZE_PX) - 1)).all(axis=(1, 2))
        noisy = pixels[inside] + self._chance.normal(0, CORNER_NOISE_PX, (inside.sum(), 4, 2))
        found = DetectedMarkers(ids[inside], noisy)
        pose = estimate_pose(found, self.surface, self.camera, _ns(time_s))
        return Picture(_ns(time_s), found, pose)

    def gyro(self) -> Gyro:
        """With the errors of a real one."""
        times = self._times(GYRO_HZ)
        x, y, z = self._chance.normal(0, np.radians(GYRO_TILT_DEG) / math.sqrt(3), 3).tolist()
        to_imu = to_matrix(from_vector(x, y, z)) @ documented().camera_from_imu.T
        grid = np.arange(len(self.motion.rates)) * _STEP_S
        camera = np.column_stack([np.interp(times, grid, axis) for axis in self.motion.rates.T])
        rates = np.degrees(camera @ to_imu.T) * (1 + GYRO_SCALE)
        rates += self._chance.choice([-1.0, 1.0], 3) * GYRO_BIAS_DEG_S
        rates += self._chance.normal(0, GYRO_NOISE_DEG_S, rates.shape)
        return Gyro([_ns(time_s + GYRO_LAG_S) for time_s in times], rates)

    def gaze(self) -> Gaze:
        """Fixations of points of the window; pixels are exact."""
        times = self._times(GAZE_HZ)
        places = self._chance.uniform(-0.8, 0.8, (int(times[-1] / FIXATION_S) + 1, 2))
        targets = places[(times / FIXATION_S).astype(int)]
        rays = [
            self.pose(time_s).rays_from_norm(target)[0]
            for time_s, target in zip(times, targets, strict=True)
        ]
        speeds = np.degrees(np.linalg.norm(self.motion.rates, axis=1))
        return Gaze(
            [_ns(time_s) for time_s in times],
            self.camera.project(rays),
            targets,
            speeds[(times / _STEP_S).astype(int)],
        )

    def _times(self, rate_hz: float) -> Array:
        first_s = float(self._chance.uniform(0, 1 / rate_hz))
        return np.arange(first_s, self.motion.duration_s, 1 / rate_hz)


def error_deg(truth: ScreenPose, target: Array, mapped: Array) -> float:
    """Angle at the camera between the point looked at and the one found."""
    rays = truth.rays_from_norm([target, mapped])
    looked, found = np.column_stack([rays, np.ones(2)])
    sine_ = np.linalg.norm(np.cross(looked, found))
    return math.degrees(math.atan2(sine_, float(looked @ found)))


def _integrated(rates: Array) -> list[tuple[float, float, float, float]]:
    turned = [(1.0, 0.0, 0.0, 0.0)]
    for x, y, z in ((rates[1:] + rates[:-1]) / 2 * _STEP_S).tolist():
        turned.append(product(turned[-1], from_vector(x, y, z)))
    return turned


def _middle(orientations: list[tuple[float, float, float, float]]) -> Array:
    mean = np.array(orientations).mean(axis=0)
    w, x, y, z = (mean / np.linalg.norm(mean)).tolist()
    return to_matrix((w, x, y, z))


def _ns(time_s: float) -> int:
    return START_NS + round(time_s * 1e9)


MOTIONS: tuple[Callable[[], Motion], ...] = (
    still,
    lambda: sine(20),
    lambda: sine(40),
    turns,
)
