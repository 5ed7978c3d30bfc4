from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.screen.markers import frame_layout, paint_markers
from psychopy_neon.screen.patch import (
    BRIGHT,
    inverting_markers,
    inverting_points,
    mean_luma,
    paint_inverted,
    paint_patch,
    patch_corners,
    patch_points,
)
from psychopy_neon.screen.pose import ScreenPose, estimate_pose
from psychopy_neon.screen.surface import Surface

SIZES = [(1280, 720), (1920, 1080), (1024, 768), (801, 601)]


def pose_at(distance: float, aspect: float = 16 / 9) -> ScreenPose:
    """Facing the window from `distance` half window heights."""
    flat = np.array([0.0, 0.0, distance])
    return ScreenPose(0, np.eye(3), flat, (aspect, 1.0), 8, 1.0, 0.0)


@cache
def all_rays() -> np.ndarray:
    """Of the pixels of the typical camera; takes a second."""
    across, down = np.meshgrid(np.arange(1600.0), np.arange(1200.0))
    return SceneCamera.typical().undistort(np.column_stack([across.ravel(), down.ravel()]))


def seen(pose: ScreenPose, picture: np.ndarray) -> np.ndarray:
    """What the typical camera sees of a window that shows the picture."""
    height, width = picture.shape
    norm = np.nan_to_num(pose.norm_from_rays(all_rays()), nan=9.0)
    places = ((norm * (1, -1) + 1) * (width, height) / 2 - 0.5).astype(np.float32)
    x, y = (places[:, axis].reshape(1200, 1600) for axis in (0, 1))
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderValue=[60.0]))


@pytest.mark.parametrize("size", SIZES)
def test_the_patch_has_whole_pixels_and_touches_no_tag(size: tuple[int, int]) -> None:
    layout = frame_layout(size)
    pixels = np.full(size[::-1], 128, np.uint8)
    paint_markers(pixels, layout)
    with_tags = pixels.copy()
    paint_patch(pixels, layout, BRIGHT + 1)
    changed = pixels != with_tags
    assert (with_tags[changed] == 128).all()
    rows, columns = np.nonzero(changed)
    assert len(rows) == layout.side_px**2 == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    corners = (np.array(patch_corners(layout)) * (1, -1) + 1) * np.array(size) / 2
    assert corners[0] == pytest.approx([columns.min(), rows.min()], abs=1e-6)
    assert corners[2] == pytest.approx([columns.max() + 1, rows.max() + 1], abs=1e-6)


def test_the_patch_shrinks_between_many_tags_and_is_refused_where_none_fits() -> None:
    small, _, opposite, _ = patch_corners(frame_layout((1280, 720), tag_size=0.1, columns=9))
    side_px = (opposite[0] - small[0]) * 640
    assert 16 <= side_px < frame_layout((1280, 720), tag_size=0.1).side_px
    with pytest.raises(UsageError, match="no room"):
        patch_corners(frame_layout((1280, 720), tag_size=0.1, columns=12))


@pytest.mark.parametrize("level", [0, 100, BRIGHT])
def test_the_brightness_is_that_of_the_patch_alone(level: int) -> None:
    camera, pose, layout = SceneCamera.typical(), pose_at(4.0), frame_layout((1280, 720))
    window = np.full((720, 1280), 128, np.uint8)
    paint_patch(window, layout, level)
    picture = seen(pose, cv2.GaussianBlur(window, (0, 0), 2.0))
    points = patch_points(patch_corners(layout))
    assert mean_luma(picture, pose, camera, points) == pytest.approx(level, abs=1)


@pytest.mark.parametrize(
    ("columns", "rows", "inverted"), [(3, 3, (1,)), (4, 2, (1, 2)), (2, 3, (0,)), (2, 2, (0,))]
)
def test_enough_markers_stay_as_they_are(columns: int, rows: int, inverted: tuple[int]) -> None:
    layout = frame_layout((1280, 720), columns=columns, rows=rows)
    assert tuple(each.tag_id for each in inverting_markers(layout)) == inverted
    assert len(layout.markers) - len(inverted) >= 3


@pytest.mark.parametrize("distance", [2.5, 6.0])
def test_white_turns_black_where_an_inverted_marker_is_measured(distance: float) -> None:
    camera, pose, layout = SceneCamera.typical(), pose_at(distance), frame_layout((1280, 720))
    window = np.full((720, 1280), 128, np.uint8)
    paint_markers(window, layout)
    lumas = []
    for _ in range(2):
        picture = seen(pose, cv2.GaussianBlur(window, (0, 0), 2.0))
        lumas.append(mean_luma(picture, pose, camera, inverting_points(layout)))
        paint_inverted(window, layout)
    white, black = lumas
    assert white is not None and black is not None
    assert white - black > 100


def test_an_inverted_marker_is_not_found_and_spoils_no_pose() -> None:
    camera, pose, layout = SceneCamera.typical(), pose_at(4.0), frame_layout((1280, 720))
    plain = np.full((720, 1280), 128, np.uint8)
    paint_markers(plain, layout)
    inverted = plain.copy()
    paint_inverted(inverted, layout)
    detector = MarkerDetector(layout.tag_ids)
    for share in (0.3, 0.5, 1.0):
        window = cv2.addWeighted(plain, 1 - share, inverted, share, 0)
        found = detector.detect(seen(pose, np.asarray(window, np.uint8)))
        assert {0, 2, 3, 4, 5, 6, 7} <= set(found.ids.tolist())
        again = estimate_pose(found, Surface.from_markers(layout.markers), camera, 0)
        assert again is not None
        apart = camera.project(again.rays_from_norm(inverting_points(layout))) - camera.project(
            pose.rays_from_norm(inverting_points(layout))
        )
        assert np.abs(apart).max() < 1.0


def test_a_patch_outside_of_the_picture_has_no_brightness() -> None:
    camera, layout = SceneCamera.typical(), frame_layout((1280, 720))
    picture = np.zeros((1200, 1600), np.uint8)
    for distance in (0.9, -3.0):
        for points in (patch_points(patch_corners(layout)), inverting_points(layout)):
            assert mean_luma(picture, pose_at(distance), camera, points) is None
