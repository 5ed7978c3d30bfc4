"""Ways of mapping one moving wearer's gaze, each by what had arrived at the sample's time."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from head_scene import (
    START_NS,
    WINDOW_HEIGHT_MM,
    WINDOW_PX,
    Gaze,
    Gyro,
    HeadScene,
    Motion,
    Picture,
    error_deg,
)

from psychopy_neon.screen.head_motion import HeadMotion
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.screen.pose import ScreenPose

Array = npt.NDArray[np.float64]
Arrival = ScreenPose | tuple[int, Array]

HERE = Path(__file__).resolve().parent
LATE_MS = (50, 100)
GYRO_LATE_S = 0.010
SETTLED_IN_S = 2.0  # by then the alignment is learnt; before it is reported apart
LOST_S, LOST_EVERY_S = 0.33, 1.0


@dataclass(eq=False)
class Run:
    """One wearer's data, made once for all ways of mapping."""

    scene: HeadScene
    pictures: list[Picture]
    gyro: Gyro
    gaze: Gaze
    truth: list[ScreenPose]
    theirs: dict[int, Array] = field(default_factory=dict)  # errors of the makers' package

    @classmethod
    def of(cls, motion: Motion, seed: int, height_mm: float = WINDOW_HEIGHT_MM) -> Run:
        scene = HeadScene(motion, seed, height_mm)
        gaze = scene.gaze()
        truth = [scene.pose((moment - START_NS) / 1e9) for moment in gaze.device_ns]
        return cls(scene, scene.pictures(), scene.gyro(), gaze, truth)

    def errors(self, mapped: Array) -> Array:
        """Degrees, one for each gaze sample; NaN where nothing was found."""
        each = zip(self.truth, self.gaze.targets, mapped, strict=True)
        return np.array([error_deg(*three) for three in each])


@dataclass(eq=False)
class Live:
    """What live mapping gave: errors by our way and by newest detection, and their circumstances.

    Attributes
    ----------
    ours, newest, expected, age_s : ndarray, shape (N,)
        Degrees, and seconds since the newest picture; NaN before the first.
    cost_s : list of float
        What each call for a pose took.
    """

    ours: Array
    newest: Array
    expected: Array
    age_s: Array
    cost_s: list[float] = field(default_factory=list)


def live(
    run: Run,
    late_s: float,
    *,
    gyro: bool = True,
    lost: bool = False,
    gyro_late_s: float = GYRO_LATE_S,
) -> Live:
    """Map every sample by what had arrived at its time; pictures arrive `late_s` after theirs."""
    motion, cost_s = HeadMotion(), []
    feed = _arrivals(run, late_s, gyro_late_s if gyro else None, lost)
    waiting = next(feed)
    count = len(run.gaze.device_ns)
    found, newest = np.full((count, 2), np.nan), np.full((count, 2), np.nan)
    expected, age_s = np.full(count, np.nan), np.full(count, np.nan)
    rays = run.scene.camera.undistort(run.gaze.pixels)
    for number, moment in enumerate(run.gaze.device_ns):
        while waiting is not None and waiting[0] <= moment:
            _take(motion, waiting[1])
            waiting = next(feed, None)
        started_s = time.perf_counter()
        placed = motion.at(moment)
        cost_s.append(time.perf_counter() - started_s)
        last = motion.history.newest
        if placed is None or last is None:
            continue
        found[number] = placed.pose.norm_from_rays(rays[number])[0]
        newest[number] = last.norm_from_rays(rays[number])[0]
        expected[number] = placed.expected_error_deg
        age_s[number] = (moment - last.device_ns) / 1e9
    return Live(run.errors(found), run.errors(newest), expected, age_s, cost_s)


def _arrivals(
    run: Run, late_s: float, gyro_late_s: float | None, lost: bool
) -> Iterator[tuple[int, Arrival]]:
    """Poses and gyroscope samples in the order in which they arrive, with that time."""
    poses = [picture.pose for picture in run.pictures if picture.pose is not None]
    arrivals: list[tuple[int, int, Arrival]] = [
        (pose.device_ns + round(late_s * 1e9), 1, pose)
        for pose in poses
        if not (lost and _is_lost(pose.device_ns))
    ]
    if gyro_late_s is not None:
        samples = zip(run.gyro.device_ns, run.gyro.rates_deg_s, strict=True)
        arrivals += [(ns + round(gyro_late_s * 1e9), 0, (ns, rates)) for ns, rates in samples]
    for arrived_ns, _, what in sorted(arrivals, key=lambda arrival: arrival[:2]):
        yield arrived_ns, what


def _is_lost(device_ns: int) -> bool:
    since_s = (device_ns - START_NS) / 1e9
    return since_s > SETTLED_IN_S and since_s % LOST_EVERY_S < LOST_S


def _take(motion: HeadMotion, what: Arrival) -> None:
    if isinstance(what, ScreenPose):
        motion.take_pose(what)
        motion.compare()
    else:
        device_ns, rates = what
        motion.take_gyro(device_ns, tuple(rates.tolist()))


def settled(run: Run) -> tuple[Array, Array]:
    """Errors and expected errors when the pictures before and after each sample are known."""
    motion = HeadMotion()
    count = len(run.gaze.device_ns)
    found, expected = np.full((count, 2), np.nan), np.full(count, np.nan)
    rays = run.scene.camera.undistort(run.gaze.pixels)
    done = 0
    for _, what in _arrivals(run, 0.1, GYRO_LATE_S, False):
        _take(motion, what)
        newest = motion.history.newest
        while newest and done < count and run.gaze.device_ns[done] <= newest.device_ns:
            placed = motion.at(run.gaze.device_ns[done])
            if placed is not None and placed.source == "interpolated":
                found[done] = placed.pose.norm_from_rays(rays[done])[0]
                expected[done] = placed.expected_error_deg
            done += 1
    return run.errors(found), expected


def run_theirs(run: Run, python: str) -> None:
    """Fill in the errors of real_time_screen_gaze itself, by how late pictures are (ms)."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(source, **_for_official(run))  # type: ignore[arg-type]
        program = [python, str(HERE / "head_official.py"), str(source), str(target)]
        subprocess.run(program, check=True, timeout=600)
        mapped = np.load(target)["mapped"]
    run.theirs = {late: run.errors(each) for late, each in zip(LATE_MS, mapped, strict=True)}


def _for_official(run: Run) -> dict[str, Array]:
    size = np.array(WINDOW_PX)
    markers = frame_layout(WINDOW_PX).markers
    most = len(markers)
    ids, corners = np.full((len(run.pictures), most), -1), np.zeros((len(run.pictures), most, 4, 2))
    for number, picture in enumerate(run.pictures):
        seen = len(picture.found)
        ids[number, :seen] = picture.found.ids
        corners[number, :seen] = picture.found.corners_px
    return {
        "matrix": run.scene.camera.camera_matrix,
        "distortion": run.scene.camera.distortion,
        "window_px": size,
        "tag_ids": np.array([marker.tag_id for marker in markers]),
        "tag_corners": (np.array([m.corners for m in markers]) * (1, -1) + 1) / 2 * size,
        "picture_ns": np.array([picture.device_ns for picture in run.pictures]),
        "found_ids": ids,
        "found_px": corners,
        "gaze_ns": np.array(run.gaze.device_ns),
        "gaze_px": run.gaze.pixels,
        "delays_ns": np.array(LATE_MS) * 1_000_000,
    }
