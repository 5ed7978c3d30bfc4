"""Windows that move, and tags that two monitors show at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.screen.markers import frame_layout, paint_markers
from psychopy_neon.screen.placement_check import check_placement
from psychopy_neon.screen.pose import estimate_pose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.simulator.head import Head
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.scene_renderer import SceneRenderer
from psychopy_neon.simulator.scene_view import SceneView

WALL_PX, WALL_MM = (2400, 1200), 800.0
WINDOW_PX = (1024, 768)
LAYOUT = frame_layout(WINDOW_PX)
SURFACE = Surface.from_markers(LAYOUT.markers)
CAMERA = SceneCamera.typical()
POINTS = np.array([(0.0, 0.0), (0.8, 0.8), (-0.8, 0.5), (0.6, -0.9)])
LEFT, RIGHT = (80, 200), (1280, 260)


@dataclass(frozen=True)
class Desk(Monitor):
    """Windows with the same tags, each by its left and upper edge in pixels."""

    windows: tuple[tuple[int, int], ...] = ()

    def picture(self) -> Any:
        pixels = np.full((WALL_PX[1], WALL_PX[0]), 60, np.uint8)
        for left, top in self.windows:
            window = pixels[top : top + WINDOW_PX[1], left : left + WINDOW_PX[0]]
            window[...] = 128
            paint_markers(window, LAYOUT)
        return pixels


def view_of(*windows: tuple[int, int]) -> SceneView:
    desk = Desk(WALL_PX, WALL_MM, windows=windows)
    return SceneView(CAMERA, Head(600.0, moves=False), desk)


def seen(*windows: tuple[int, int]) -> Any:
    return SceneRenderer(view_of(*windows), [0]).picture(0)


def looked_at(window: tuple[int, int]) -> Any:
    """Scene pixels of `POINTS` of a window."""
    in_window = (POINTS * (1, -1) + 1) / 2 * WINDOW_PX
    on_wall = ((in_window + window) / WALL_PX * 2 - 1) * (1, -1)
    return np.array([view_of(window).scene_px((x, y), 0) for x, y in on_wall])


def error(pose: Any, window: tuple[int, int]) -> float:
    return float(np.abs(pose.norm_from_rays(CAMERA.undistort(looked_at(window))) - POINTS).max())


def test_gaze_stays_right_while_the_window_is_dragged_away() -> None:
    detector = MarkerDetector(LAYOUT.tag_ids)
    for number, window in enumerate((LEFT, LEFT, (400, 300), RIGHT)):
        pose = estimate_pose(detector.detect(seen(window)), SURFACE, CAMERA, number)
        assert pose is not None and pose.tags == 8
        assert error(pose, window) < 0.01


def test_the_same_tags_on_two_monitors_give_the_place_of_one_or_none() -> None:
    picture = seen(LEFT, RIGHT)
    detector = MarkerDetector(LAYOUT.tag_ids)
    for number in range(3):
        pose = estimate_pose(detector.detect(picture), SURFACE, CAMERA, number)
        assert pose is None or min(error(pose, LEFT), error(pose, RIGHT)) < 0.02


def test_the_same_tags_on_two_monitors_are_told_in_one_sentence() -> None:
    placement = check_placement(seen(LEFT, RIGHT), SURFACE, CAMERA)
    assert {tag.state for tag in placement.tags} == {"elsewhere"}
    (sentence,) = placement.sentences
    assert sentence.startswith("All 8 tags are seen where they should not be")
    assert "another window" in sentence


@pytest.mark.parametrize("wrong", [(500.0, 620.0), (1100.0, 580.0)])
def test_a_calibration_of_other_glasses_costs_little(wrong: tuple[float, float]) -> None:
    matrix = CAMERA.camera_matrix.copy()
    matrix[0, 2], matrix[1, 2] = CAMERA.camera_matrix[0, 2] + 15, CAMERA.camera_matrix[1, 2] - 15
    other = SceneCamera(matrix, CAMERA.distortion)
    pose = estimate_pose(MarkerDetector(LAYOUT.tag_ids).detect(seen(LEFT)), SURFACE, other, 0)
    assert pose is not None
    found = pose.norm_from_rays(other.undistort([wrong]))
    truth = view_of(LEFT).norm_of([wrong])
    on_wall = ((truth * (1, -1) + 1) / 2 * WALL_PX - LEFT) / WINDOW_PX * 2 - 1
    assert found == pytest.approx(on_wall * (1, -1), abs=0.02)
