from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from psychopy_neon.screen.detector import LOST_LONG, MarkerDetector
from psychopy_neon.screen.expected_markers import expected_markers
from psychopy_neon.screen.foreseen import recognised
from psychopy_neon.screen.markers import frame_layout, paint_markers
from psychopy_neon.screen.pose import estimate_pose
from psychopy_neon.screen.surface import Surface

LAYOUT = frame_layout((800, 600))
IDS = np.array(LAYOUT.tag_ids)
LEFT, TOP = 400, 250


def picture(left: int = LEFT, top: int = TOP) -> Any:
    window = np.full((600, 800), 128, np.uint8)
    paint_markers(window, LAYOUT)
    scene = np.full((1200, 1600), 90, np.uint8)
    scene[top : top + 600, left : left + 800] = window
    return scene


SCENE = picture()
TRUE = np.add(LAYOUT.corners_px(), (LEFT - 0.5, TOP - 0.5))
MODULE_PX = float(np.ptp(TRUE[0, :, 0])) / 8


@pytest.mark.parametrize("off_modules", [(0.0, 0.0), (0.5, -0.4), (-0.4, 0.5)])
def test_tags_are_recognised_within_half_a_module(off_modules: tuple[float, float]) -> None:
    squares = TRUE + np.array(off_modules) * MODULE_PX
    is_there, corners = recognised(SCENE, IDS, squares)
    assert is_there.all()
    assert np.abs(corners - TRUE).max() < 0.1


def test_other_tags_and_other_places_are_not_recognised() -> None:
    assert not recognised(SCENE, IDS + 100, TRUE)[0].any()
    assert not recognised(SCENE, np.roll(IDS, 1), TRUE)[0].any()
    for off in ((3.0, 0.0), (0.0, -3.0), (40.0, 40.0), (5000.0, 0.0), (-5000.0, -5000.0)):
        assert not recognised(SCENE, IDS, TRUE + np.array(off) * MODULE_PX)[0].any()


def test_a_turned_tag_is_another() -> None:
    assert not recognised(SCENE, IDS, np.roll(TRUE, 1, axis=1))[0].any()


@pytest.mark.parametrize("level", [0, 90, 255])
def test_nothing_is_recognised_on_an_empty_picture(level: int) -> None:
    empty = np.full((1200, 1600), level, np.uint8)
    assert not recognised(empty, IDS, TRUE)[0].any()
    noise = np.random.default_rng(1).normal(level, 2, empty.shape).clip(0, 255).astype(np.uint8)
    assert not recognised(noise, IDS, TRUE)[0].any()


def test_only_the_covered_tags_are_missing() -> None:
    covered = SCENE.copy()
    x, y = TRUE[3].mean(axis=0).astype(int)
    covered[y - 40 : y + 10, x - 40 : x + 40] = 60
    is_there, _ = recognised(covered, IDS, TRUE)
    assert IDS[~is_there].tolist() == [3]


def test_more_tags_than_a_picture_has_columns_are_looked_at() -> None:
    many = np.tile(TRUE, (12, 1, 1))
    is_there, _ = recognised(SCENE, np.tile(IDS, 12), many)
    assert len(is_there) == 96
    assert is_there.all()


def test_tags_missed_in_very_dim_light_are_recognised_in_the_next_picture(
    render: Callable[..., Any],
) -> None:
    scene = render(600.0, exposure=0.12, room=0.02)
    surface = Surface.from_markers(scene.layout.markers)
    detector = MarkerDetector(scene.layout.tag_ids)
    pose = estimate_pose(detector.detect(scene.luma), surface, scene.camera, 0)
    assert pose is not None
    expected = expected_markers(pose, surface, scene.camera)
    found = detector.detect(scene.luma, expected, elsewhere=False)
    assert len(found) == 8
    better = estimate_pose(found, surface, scene.camera, 0)
    assert better is not None
    norm = better.norm_from_rays(scene.camera.undistort(scene.points_px))
    assert scene.error_deg(norm).mean() < 0.03


def test_a_window_that_was_away_for_long_is_found_to_a_tenth_of_a_pixel() -> None:
    detector = MarkerDetector(IDS)
    empty = np.full((1200, 1600), 90, np.uint8)
    for _ in range(LOST_LONG + 1):
        assert len(detector.detect(empty)) == 0
    found = detector.detect(SCENE)
    assert found.ids.tolist() == IDS.tolist()
    assert np.abs(found.corners_px - TRUE).max() < 0.1


def test_small_tags_are_found_too_though_most_pictures_are_searched_at_half_size() -> None:
    small = frame_layout((1920, 1080), tag_size=24 / 1080)
    scene = np.full((1080, 1920), 128, np.uint8)
    paint_markers(scene, small)
    detector = MarkerDetector(small.tag_ids)
    for _ in range(LOST_LONG + 1):
        detector.detect(np.full_like(scene, 90))
    assert max(len(detector.detect(scene)) for _ in range(13)) >= 6
