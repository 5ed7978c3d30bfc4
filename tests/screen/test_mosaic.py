from __future__ import annotations

import numpy as np
import pytest

from psychopy_neon.screen.camera import PICTURE_SIZE_PX, SceneCamera
from psychopy_neon.screen.detector import DetectedMarkers, MarkerDetector
from psychopy_neon.screen.expected_markers import expected_markers
from psychopy_neon.screen.markers import frame_layout, paint_markers
from psychopy_neon.screen.mosaic import cut_mosaic
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.rotations import from_vector, to_matrix
from psychopy_neon.screen.surface import Surface

LAYOUT = frame_layout((640, 480))
AS_IS = np.arange(256, dtype=np.uint8)
CAMERA = SceneCamera.typical()


def scene(left: int, top: int, hidden: tuple[int, ...] = ()) -> np.ndarray:
    window = np.full((480, 640), 128, np.uint8)
    paint_markers(window, LAYOUT)
    for tag in hidden:
        (x0, y0), _, (x1, y1), _ = LAYOUT.corners_px()[tag].astype(int)
        window[max(0, y0 - 8) : y1 + 8, max(0, x0 - 8) : x1 + 8] = 60
    picture = np.full((1200, 1600), 90, np.uint8)
    picture[top : top + 480, left : left + 640] = window
    return picture


def tags_at(left: int, top: int) -> DetectedMarkers:
    corners = np.add(LAYOUT.corners_px(), (left - 0.5, top - 0.5))
    return DetectedMarkers(np.array(LAYOUT.tag_ids, np.int64), corners)


def test_a_patch_shows_its_part_of_the_picture_on_white():
    luma = np.random.default_rng(1).integers(0, 255, (120, 160), np.uint8)
    squares = np.array([[(20, 30), (40, 30), (40, 50), (20, 50)], [(90, 60), (110, 60)] * 2])
    mosaic = cut_mosaic(luma, squares.astype(float), 5.0, AS_IS)
    for number, square in enumerate(squares):
        for x, y in (*square, square.mean(axis=0).astype(int)):
            in_mosaic = np.array([(x, y)]) - mosaic.offsets[number]
            column, row = in_mosaic[0].astype(int)
            assert mosaic.picture[row, column] == luma[y, x]
            assert mosaic.cells_of(in_mosaic).tolist() == [number]
    assert (mosaic.picture[: mosaic.cell_px[1], mosaic.cell_px[0] - 1] == 255).all()


@pytest.mark.parametrize("at", [(-40.0, 10.0), (150.0, 100.0), (500.0, 500.0)])
def test_what_lies_outside_the_picture_is_white(at):
    luma = np.zeros((120, 160), np.uint8)
    square = np.add([[(0, 0), (30, 0), (30, 30), (0, 30)]], at)
    mosaic = cut_mosaic(luma, square, 4.0, AS_IS)
    assert (mosaic.picture == 255).any()
    assert mosaic.picture.shape[0] <= 50 and mosaic.picture.shape[1] <= 50


def test_a_window_that_moves_fast_is_followed():
    detector = MarkerDetector(LAYOUT.tag_ids)
    for number in range(14):
        left, top = 40 + 45 * number, 100 + 20 * number
        found = detector.detect(scene(left, top))
        assert len(found) == 8
        assert np.abs(found.corners_px - tags_at(left, top).corners_px).max() < 0.1


def test_tags_that_return_are_found_at_once_where_they_are_expected():
    detector = MarkerDetector(LAYOUT.tag_ids)
    assert len(detector.detect(scene(500, 300))) == 8
    hidden = detector.detect(scene(500, 300, hidden=(0, 1, 2)), tags_at(500, 300))
    assert hidden.ids.tolist() == [3, 4, 5, 6, 7]
    assert len(detector.detect(scene(500, 300), tags_at(500, 300))) == 8


def test_tags_that_are_not_where_they_are_expected_are_found_in_the_same_picture():
    detector = MarkerDetector(LAYOUT.tag_ids)
    detector.detect(scene(500, 300))
    found = detector.detect(scene(500, 300), tags_at(100, 650))
    assert len(found) == 8
    assert np.abs(found.corners_px - tags_at(500, 300).corners_px).max() < 0.1


def test_tags_in_the_patch_of_a_neighbour_count_once():
    detector = MarkerDetector(LAYOUT.tag_ids)
    detector.detect(scene(500, 300))
    large = tags_at(500, 300)
    middle = large.corners_px.mean(axis=1, keepdims=True)
    grown = DetectedMarkers(large.ids, middle + 6 * (large.corners_px - middle))
    found = detector.detect(scene(500, 300), grown)
    assert found.ids.tolist() == list(range(8))
    assert np.abs(found.corners_px - large.corners_px).max() < 0.1


def test_tags_are_expected_where_the_pose_puts_them_if_the_picture_shows_them():
    surface = Surface.from_markers(frame_layout((1280, 720)).markers)
    turned = to_matrix(from_vector(0.05, -0.1, 0.02))
    for right, count in ((0.0, 8), (3.6, 5), (30.0, 0)):
        place = np.array([right, 0.0, 4.0])
        pose = ScreenPose(1, turned, place, surface.half_size, 8, 0.9, 0.2)
        expected = expected_markers(pose, surface, CAMERA)
        assert len(expected) == count
        assert (expected.corners_px >= 0).all()
        assert (expected.corners_px < PICTURE_SIZE_PX).all()
        if not count:
            continue
        on_window = pose.norm_from_rays(CAMERA.undistort(expected.corners_px.reshape(-1, 2)))
        plane = np.concatenate([surface.markers[int(tag)] for tag in expected.ids])
        assert np.allclose(on_window, plane / surface.half_size * (1, -1), atol=1e-4)
