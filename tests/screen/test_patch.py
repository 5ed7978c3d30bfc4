from __future__ import annotations

import cv2
import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.markers import frame_layout, paint_markers
from psychopy_neon.screen.patch import BRIGHT, paint_patch, patch_corners, patch_luma
from psychopy_neon.screen.pose import ScreenPose

SIZES = [(1280, 720), (1920, 1080), (1024, 768), (801, 601)]


def pose_at(distance: float, aspect: float = 16 / 9) -> ScreenPose:
    """Facing the window from `distance` half window heights."""
    flat = np.array([0.0, 0.0, distance])
    return ScreenPose(0, np.eye(3), flat, (aspect, 1.0), 8, 1.0, 0.0)


def seen(camera: SceneCamera, pose: ScreenPose, picture: np.ndarray) -> np.ndarray:
    """What the camera sees of a window that shows the picture."""
    height, width = picture.shape
    across, down = np.meshgrid(np.arange(1600.0), np.arange(1200.0))
    rays = camera.undistort(np.column_stack([across.ravel(), down.ravel()]))
    norm = np.nan_to_num(pose.norm_from_rays(rays), nan=9.0)
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
    small, _, opposite, _ = patch_corners(frame_layout((1280, 720), columns=9))
    side_px = (opposite[0] - small[0]) * 640
    assert 16 <= side_px < frame_layout((1280, 720)).side_px
    with pytest.raises(UsageError, match="no room"):
        patch_corners(frame_layout((1280, 720), columns=12))


@pytest.mark.parametrize("level", [0, 100, BRIGHT])
def test_the_brightness_is_that_of_the_patch_alone(level: int) -> None:
    camera, pose, layout = SceneCamera.typical(), pose_at(4.0), frame_layout((1280, 720))
    window = np.full((720, 1280), 128, np.uint8)
    paint_patch(window, layout, level)
    picture = seen(camera, pose, cv2.GaussianBlur(window, (0, 0), 2.0))
    assert patch_luma(picture, pose, camera, patch_corners(layout)) == pytest.approx(level, abs=1)


def test_a_patch_outside_of_the_picture_has_no_brightness() -> None:
    camera, layout = SceneCamera.typical(), frame_layout((1280, 720))
    picture = np.zeros((1200, 1600), np.uint8)
    for distance in (0.9, -3.0):
        assert patch_luma(picture, pose_at(distance), camera, patch_corners(layout)) is None
