"""Draws one scene picture of a turning head, with tags, the window's outline and gaze, three ways.

    python benchmarks/head_picture.py

The simulator's own picture and gyroscope; the newest picture whose tags are known is 67 ms older.
Writes ``benchmarks/results/head_motion.jpg``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from psychopy_neon.screen.camera import SceneCamera  # noqa: E402
from psychopy_neon.screen.detector import DetectedMarkers, MarkerDetector  # noqa: E402
from psychopy_neon.screen.expected_markers import expected_markers  # noqa: E402
from psychopy_neon.screen.head_motion import HeadMotion  # noqa: E402
from psychopy_neon.screen.markers import frame_layout  # noqa: E402
from psychopy_neon.screen.pose import ScreenPose, estimate_pose  # noqa: E402
from psychopy_neon.screen.surface import Surface  # noqa: E402
from psychopy_neon.simulator.head import Head  # noqa: E402
from psychopy_neon.simulator.imu_sensor import motion_of  # noqa: E402
from psychopy_neon.simulator.monitor import Monitor  # noqa: E402
from psychopy_neon.simulator.scene_renderer import SceneRenderer  # noqa: E402
from psychopy_neon.simulator.scene_view import SceneView  # noqa: E402

SIZE_PX = (1280, 720)
FRAME_NS, SAMPLE_NS = 33_333_333, 9_090_909
NOW_NS = 2_000_000_000  # the head turns fastest then
LATE_FRAMES = 2
LOOKED_AT = (0.35, -0.25)
OLD, OURS, TRUE = (40, 80, 235), (235, 150, 30), (90, 220, 90)  # blue, green, red
EDGE = np.linspace(-1, 1, 40)
OUTLINE = np.concatenate(
    [np.column_stack(pair) for pair in ((EDGE, EDGE * 0 + 1), (EDGE * 0 + 1, -EDGE))]
    + [np.column_stack(pair) for pair in ((-EDGE, EDGE * 0 - 1), (EDGE * 0 - 1, EDGE))]
)

Picture = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]


def main() -> None:
    view = SceneView(SceneCamera.typical(), Head(600.0, True, 14.0), Monitor(SIZE_PX, 531.0))
    moments = [NOW_NS - FRAME_NS * back for back in range(45, -1, -1)]
    renderer = SceneRenderer(view, moments)
    surface = Surface.from_markers(frame_layout(SIZE_PX).markers)
    motion, detector = HeadMotion(), MarkerDetector(surface.tag_ids)
    for moment in range(moments[0], NOW_NS, SAMPLE_NS):
        motion.take_gyro(moment, motion_of(view.head, moment).rotation_deg_s)
    for moment in moments[:-LATE_FRAMES]:
        found = detector.detect(renderer.picture(moment))
        pose = estimate_pose(found, surface, view.camera, moment)
        if pose is not None:
            motion.take_pose(pose)
            motion.compare()
    picture = cv2.cvtColor(renderer.picture(NOW_NS), cv2.COLOR_GRAY2BGR)
    placed, newest = motion.at(NOW_NS), motion.history.newest
    assert placed is not None and newest is not None
    for pose, colour in ((newest, OLD), (placed.pose, OURS)):
        _draw(picture, pose, surface, view.camera, colour)
    _gaze(picture, view, (newest, placed.pose))
    path = HERE / "results" / "head_motion.jpg"
    cv2.imwrite(str(path), picture[250:1000, 150:1500], [cv2.IMWRITE_JPEG_QUALITY, 85])


def _draw(
    picture: Picture,
    pose: ScreenPose,
    surface: Surface,
    camera: SceneCamera,
    colour: tuple[int, ...],
) -> None:
    expected: DetectedMarkers = expected_markers(pose, surface, camera)
    outline = camera.project(pose.rays_from_norm(OUTLINE))
    lines = [outline, *expected.corners_px]
    places = [np.rint(16 * line).astype(np.int32) for line in lines]
    cv2.polylines(picture, places, True, colour, 2, cv2.LINE_AA, 4)


def _gaze(picture: Picture, view: SceneView, poses: tuple[ScreenPose, ScreenPose]) -> None:
    """Where the person looks (cross), and where on the window each pose puts that (circles)."""
    looked = np.array([view.scene_px(LOOKED_AT, NOW_NS)])
    rays = view.camera.undistort(looked)
    cv2.drawMarker(picture, _place(looked[0]), TRUE, cv2.MARKER_CROSS, 34, 3)
    legend = [("true gaze", TRUE)]
    for pose, colour, name in zip(
        poses, (OLD, OURS), ("newest picture", "ours, live"), strict=True
    ):
        norm = pose.norm_from_rays(rays)[0]
        shown = view.scene_px((float(norm[0]), float(norm[1])), NOW_NS)
        cv2.circle(picture, _place(np.array(shown)), 16, colour, 3, cv2.LINE_AA)
        apart = np.hypot(*(np.array(shown) - looked[0])) / 15.5
        legend.append((f"{name}: off by {apart:.2f} deg", colour))
    for number, (text, colour) in enumerate(legend):
        place = (180, 300 + 42 * number)
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 6, cv2.LINE_AA)
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, colour, 2, cv2.LINE_AA)


def _place(point: Array) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


if __name__ == "__main__":
    main()
