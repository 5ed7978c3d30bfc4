from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.detector import FULL_SEARCH_EVERY, MarkerDetector
from psychopy_neon.screen.markers import WHITE_LEVEL, MarkerLayout, frame_layout, paint_markers

LAYOUT = frame_layout((640, 480))


def picture(left: int = 500, top: int = 300, layout: MarkerLayout = LAYOUT) -> Any:
    """Scene of 1600 x 1200 pixels with a window whose tags are one camera pixel a pixel."""
    window = np.full((layout.size_px[1], layout.size_px[0]), 128, np.uint8)
    paint_markers(window, layout)
    scene = np.full((1200, 1600), 90, np.uint8)
    scene[top : top + window.shape[0], left : left + window.shape[1]] = window
    return scene


def true_corners(left: int = 500, top: int = 300) -> Any:
    """Edges lie half a pixel left and up of the centre of the first pixel inside."""
    return np.add(LAYOUT.corners_px(), (left - 0.5, top - 0.5))


def without_tags(scene: Any, ids: list[int], left: int = 500, top: int = 300) -> Any:
    covered = scene.copy()
    for tag in ids:
        (x0, y0), _, (x1, y1), _ = np.add(LAYOUT.corners_px()[tag], (left, top)).astype(int)
        covered[y0 - 8 : y1 + 8, x0 - 8 : x1 + 8] = 60
    return covered


@pytest.fixture
def detector() -> MarkerDetector:
    return MarkerDetector(LAYOUT.tag_ids)


def test_all_tags_are_found_to_a_tenth_of_a_pixel(detector: MarkerDetector) -> None:
    found = detector.detect(picture())
    assert found.ids.tolist() == list(range(8))
    assert np.abs(found.corners_px - true_corners()).max() < 0.1


def test_following_pictures_give_the_same_corners_as_the_first(detector: MarkerDetector) -> None:
    first = detector.detect(picture())
    for _ in range(FULL_SEARCH_EVERY + 2):
        again = detector.detect(picture())
        assert again.ids.tolist() == first.ids.tolist()
        assert np.abs(again.corners_px - true_corners()).max() < 0.1


def test_window_that_jumps_is_found_in_the_same_picture(detector: MarkerDetector) -> None:
    detector.detect(picture())
    jumped = detector.detect(picture(left=20, top=700))
    assert len(jumped) == 8
    assert np.abs(jumped.corners_px - true_corners(20, 700)).max() < 0.1


def test_few_tags_left_are_found_in_the_same_picture(detector: MarkerDetector) -> None:
    detector.detect(picture())
    assert detector.detect(without_tags(picture(), [0, 1, 2, 3, 4, 5])).ids.tolist() == [6, 7]


def test_tags_that_return_are_found_within_one_round(detector: MarkerDetector) -> None:
    hidden = without_tags(picture(), [0, 1, 2])
    assert detector.detect(hidden).ids.tolist() == [3, 4, 5, 6, 7]
    counts = [len(detector.detect(picture())) for _ in range(FULL_SEARCH_EVERY)]
    assert counts[-1] == 8


def test_no_tags_give_an_empty_answer_and_are_found_again_later(detector: MarkerDetector) -> None:
    empty = np.full((1200, 1600), 90, np.uint8)
    for _ in range(4):
        nothing = detector.detect(empty)
        assert len(nothing) == 0
        assert nothing.corners_px.shape == (0, 4, 2)
    assert max(len(detector.detect(picture())) for _ in range(3)) == 8


def test_tags_of_others_are_not_reported() -> None:
    others = frame_layout((640, 480), first_id=100)
    assert len(MarkerDetector(LAYOUT.tag_ids).detect(picture(layout=others))) == 0
    assert MarkerDetector([3, 105]).detect(picture(layout=others)).ids.tolist() == [105]


def test_first_corner_stays_with_the_tag_when_the_picture_turns(detector: MarkerDetector) -> None:
    turned = detector.detect(np.ascontiguousarray(np.rot90(picture())))
    x, y = true_corners().transpose(2, 0, 1)
    assert np.abs(turned.corners_px - np.stack([y, 1599 - x], -1)).max() < 0.1


def test_padded_read_only_pictures_are_accepted(detector: MarkerDetector) -> None:
    rows = np.zeros((1200, 1664), np.uint8)
    rows[:, :1600] = picture()
    view = rows[:, :1600]
    view.flags.writeable = False
    assert len(detector.detect(view)) == 8
    assert len(detector.detect(view)) == 8


@pytest.mark.parametrize("level", [0, 255])
def test_tags_are_found_on_any_background(level: int) -> None:
    window = np.full((480, 640), level, np.uint8)
    paint_markers(window, LAYOUT, white=max(level, WHITE_LEVEL))  # as NeonMarkers does
    assert len(MarkerDetector(LAYOUT.tag_ids).detect(window)) == 8


@pytest.mark.parametrize("ids", [[], [-1], [587]])
def test_impossible_ids_are_refused(ids: list[int]) -> None:
    with pytest.raises(UsageError):
        MarkerDetector(ids)


@pytest.mark.parametrize("luma", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4))])
def test_pictures_that_are_not_brightness_are_refused(luma: Any, detector: MarkerDetector) -> None:
    with pytest.raises(UsageError, match="brightness"):
        detector.detect(luma)
