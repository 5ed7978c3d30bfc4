"""Rendered scene video of a screen with tags, with the truth, for `bench_tags`.

The renderer is that of the shared reference (``../shared/reference/examples/scene_renderer``),
which is not part of the project. Pictures go through MJPEG and 5 Mbit/s H.264, as those of the
phone.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.imu_alignment import documented
from psychopy_neon.screen.markers import MarkerLayout, frame_layout, paint_markers
from psychopy_neon.screen.rotations import vector_of_matrix

Array = npt.NDArray[np.float64]

MONITOR_PX, MONITOR_MM = (1920, 1080), (531.0, 299.0)
CONTENTS = ("natural", "text", "gratings")  # one for each sequence, as is the camera
RATE_HZ, GYRO_HZ = 30, 110
EXPOSURE_S, EXPOSURE_STEPS = 0.010, 5
SWING_HZ, SWING_PICTURES = 0.6, 25  # half a swing, from one turning point to the other
NECK_ADDS = 1.18  # the camera swings about the neck: the picture is faster than the head turns
GRID = np.stack(np.meshgrid(np.linspace(-0.9, 0.9, 5), np.linspace(-0.9, 0.9, 4)), -1)
POINTS = GRID.reshape(-1, 2)  # looked at, norm units


@dataclass(frozen=True)
class Situation:
    """What the camera sees, and how fast the picture swings at most; else it sways."""

    name: str
    distance_mm: float = 600.0
    exposure: float = 0.8
    room: float = 0.15
    turn_deg_s: float = 0.0
    tag_size: float = 0.08


SITUATIONS = (
    Situation("good light, head nearly still"),
    Situation("white 4 times overexposed", exposure=4.0, room=0.02),
    Situation("picture swings at up to 40 deg/s, 10 ms exposure", turn_deg_s=40.0),
    Situation("small tags, 21 camera pixels", distance_mm=565.0, tag_size=48 / 1080),
    Situation("very dim, noisy", exposure=0.12, room=0.02),
)


@dataclass(frozen=True)
class Sequence:
    """One video and its truth.

    Attributes
    ----------
    packets : list of bytes
        Access units in Annex B form, the first a key picture.
    times_s : ndarray, shape (N,)
    visible : list of set of int
        Tags wholly in each picture.
    looked_px : ndarray, shape (N, P, 2)
        Where the points of the screen truly are, scene pixels.
    gyro : list of tuple
        Time, s, and rates in the gyroscope's axes, deg/s.
    """

    packets: list[bytes]
    times_s: Array
    visible: list[set[int]]
    looked_px: Array
    gyro: list[tuple[float, tuple[float, float, float]]]
    layout: MarkerLayout
    matrix: Array
    distortion: Array
    distance_mm: float


def load_renderer(folder: Path) -> ModuleType | None:
    """The module, or None if the reference is not there."""
    source = folder / "examples" / "scene_renderer" / "scene_renderer.py"
    if not source.exists():
        return None
    spec = importlib.util.spec_from_file_location("scene_renderer", source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scene_renderer"] = module
    spec.loader.exec_module(module)
    return module


def make(renderer: Any, situation: Situation, number: int, pictures: int) -> Sequence:
    """One sequence of a situation; takes half a second for each picture, more if it is blurred."""
    monitor = renderer.Screen(MONITOR_PX, MONITOR_MM)
    camera = renderer.SceneCamera.neon(number)
    layout = frame_layout(MONITOR_PX, tag_size=situation.tag_size)
    shown = np.array(renderer.make_content(CONTENTS[number], monitor, number))
    paint_markers(shown, layout, white=255)
    pose_at = _head(renderer, monitor, situation, number, pictures)
    optics = renderer.Optics(exposure=situation.exposure, room=situation.room)
    room = renderer.make_room(number)
    steps = EXPOSURE_STEPS if situation.turn_deg_s else 1
    times_s = np.arange(pictures) / RATE_HZ
    frames = [
        renderer.render(
            camera,
            monitor,
            shown,
            renderer.exposure_poses(pose_at, time_s, EXPOSURE_S, steps),
            optics,
            room,
            seed=100 * number + index,
        )
        for index, time_s in enumerate(times_s)
    ]
    poses = [pose_at(time_s) for time_s in times_s]
    points_px = (POINTS * (1, -1) + 1) / 2 * MONITOR_PX
    looked = [renderer.screen_to_camera_px(camera, monitor, pose, points_px) for pose in poses]
    return Sequence(
        _encoded(frames),
        times_s,
        [_visible(renderer, camera, monitor, pose, layout) for pose in poses],
        np.array(looked),
        _gyro(pose_at, times_s[-1]),
        layout,
        camera.K,
        camera.D,
        situation.distance_mm,
    )


def _head(
    renderer: Any, monitor: Any, situation: Situation, number: int, pictures: int
) -> Callable[[float], Any]:
    middle_s = (pictures - 1) / RATE_HZ / 2
    swing_deg = situation.turn_deg_s / NECK_ADDS / (2 * math.pi * SWING_HZ)
    way = 1 if number % 2 == 0 else -1

    def pose_at(time_s: float) -> Any:
        pitch = -4.0 + 2.0 * number
        if situation.turn_deg_s:
            yaw = way * swing_deg * math.sin(2 * math.pi * SWING_HZ * (time_s - middle_s))
        else:
            sway = 2 * math.pi * 0.6 * time_s + number
            yaw = 5.0 * way + 1.0 * math.sin(sway)
            pitch += 0.5 * math.sin(1.4 * sway)
        return renderer.head_pose(
            monitor, situation.distance_mm, yaw=yaw, pitch=pitch, roll=3.0 * way
        )

    return pose_at


def _visible(renderer: Any, camera: Any, monitor: Any, pose: Any, layout: MarkerLayout) -> set[int]:
    seen = set()
    for marker in layout.markers:
        corners = (np.array(marker.corners) * (1, -1) + 1) / 2 * MONITOR_PX
        pixels = renderer.screen_to_camera_px(camera, monitor, pose, corners)
        if camera.in_image(pixels, 2.0).all():
            seen.add(marker.tag_id)
    return seen


def _gyro(
    pose_at: Callable[[float], Any], end_s: float
) -> list[tuple[float, tuple[float, float, float]]]:
    to_imu, step_s, samples = documented().camera_from_imu.T, 1e-3, []
    for time_s in np.arange(-0.02, end_s + 0.02, 1 / GYRO_HZ).tolist():
        before, after = (pose_at(time_s + way * step_s).R for way in (-1, 1))
        camera = vector_of_matrix(before @ after.T) / (2 * step_s)
        x, y, z = np.degrees(to_imu @ camera).tolist()
        samples.append((time_s, (x, y, z)))
    return samples


def _encoded(frames: list[npt.NDArray[np.uint8]]) -> list[bytes]:
    """Baseline, 5 Mbit/s, a key picture every two seconds, as the phone encodes."""
    height, width = frames[0].shape
    codec: Any = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.bit_rate = width, height, 5_000_000
    codec.pix_fmt, codec.time_base = "yuv420p", Fraction(1, RATE_HZ)
    codec.options = {
        **{"profile": "baseline", "preset": "veryfast", "tune": "zerolatency", "g": "60"},
        **{"maxrate": "5000000", "bufsize": "2500000", "x264-params": "keyint=60:scenecut=0"},
    }
    packets = []
    for number, frame in enumerate(frames):
        pixels = np.full((height * 3 // 2, width), 128, np.uint8)
        pixels[:height] = frame
        picture = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        picture.pts = number
        packets += codec.encode(picture)
    return [bytes(packet) for packet in packets + codec.encode(None)]
