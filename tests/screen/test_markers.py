from __future__ import annotations

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import (
    WHITE_LEVEL,
    frame_layout,
    paint_markers,
    tag_bits,
    tile_levels,
)

# First codes of the family as its authors publish them; OpenCV draws the tags upside down.
PUBLISHED = {0: 0xD5D628584, 1: 0xD97F18B49, 2: 0xDD280910E}


@pytest.mark.parametrize(("tag_id", "code"), PUBLISHED.items())
def test_bits_are_those_of_the_family_36h11(tag_id: int, code: int) -> None:
    inner = np.rot90(tag_bits(tag_id)[1:7, 1:7], 2)
    assert int("".join(str(int(bit)) for bit in inner.ravel()), 2) == code


def test_border_of_a_tag_is_black() -> None:
    border = np.pad(np.zeros((6, 6), bool), 1, constant_values=True)
    assert not tag_bits(17)[border].any()


@pytest.mark.parametrize(("quiet", "size"), [(1, (1280, 720)), (2, (1280, 720)), (1, (1080, 1920))])
def test_the_share_that_is_covered_is_that_of_the_painted_pixels(
    quiet: int, size: tuple[int, int]
) -> None:
    layout = frame_layout(size, quiet_modules=quiet)
    pixels = np.full((size[1], size[0]), 128, np.uint8)
    paint_markers(pixels, layout)
    assert layout.covered_fraction == pytest.approx((pixels != 128).mean(), rel=1e-9)


@pytest.mark.parametrize("tag_id", [-1, 587])
def test_unknown_tag_is_refused(tag_id: int) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        tag_bits(tag_id)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (1024, 768), (801, 601), (1080, 1920)])
def test_default_frame_is_eight_tags_of_whole_pixels(size: tuple[int, int]) -> None:
    layout = frame_layout(size)
    exact = (np.array([m.corners for m in layout.markers]) * (1, -1) + 1) * np.array(size) / 2
    assert layout.tag_ids == tuple(range(8))
    assert layout.side_px % 8 == 0
    assert 0.075 <= layout.side_px / size[1] <= 0.085
    assert exact == pytest.approx(layout.corners_px(), abs=1e-9)


def test_frame_touches_the_window_edges_with_its_white_margin() -> None:
    layout = frame_layout((1280, 720))
    corners = layout.corners_px()
    assert corners.min() == layout.quiet_px
    assert tuple(corners.max(axis=(0, 1)) + layout.quiet_px) == (1280, 720)


def test_corners_run_clockwise_from_the_top_left_with_y_up() -> None:
    top_left, top_right, bottom_right, bottom_left = frame_layout((1280, 720)).markers[0].corners
    assert top_left[0] == bottom_left[0] < top_right[0] == bottom_right[0] < 0
    assert top_left[1] == top_right[1] > bottom_left[1] == bottom_right[1] > 0


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"tag_size": 0.4}, "do not fit"),
        ({"columns": 20}, "do not fit"),
        ({"tag_size": 0.005}, "is impossible"),
        ({"tag_size": -0.1}, "is impossible"),
        ({"tag_size": float("nan")}, "is impossible"),
        ({"columns": 1}, "2 or more columns"),
        ({"rows": 1}, "2 or more columns"),
        ({"first_id": -1}, "-1 to 6"),
        ({"first_id": 580}, "580 to 587"),
        ({"quiet_modules": 0}, "white margin"),
    ],
)
def test_impossible_layout_is_refused_with_a_reason(request_: dict[str, float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        frame_layout((1280, 720), **request_)  # type: ignore[arg-type]


def test_last_ids_of_the_family_can_be_used() -> None:
    assert frame_layout((1280, 720), first_id=579).tag_ids[-1] == 586


def test_grid_of_two_by_two_is_the_four_corners() -> None:
    corners = frame_layout((1280, 720), columns=2, rows=2).corners_px()
    assert {tuple(np.sign(square.mean(axis=0) - (640, 360))) for square in corners} == {
        (-1, -1),
        (1, -1),
        (-1, 1),
        (1, 1),
    }


@pytest.mark.parametrize("shape", [(720, 1280), (720, 1280, 3)])
def test_painted_picture_holds_each_tag_at_its_corners(shape: tuple[int, ...]) -> None:
    layout = frame_layout((1280, 720))
    pixels = np.full(shape, 77, np.uint8)
    paint_markers(pixels, layout)
    module = layout.side_px // 8
    for marker, corners in zip(layout.markers, layout.corners_px().astype(int), strict=True):
        (left, top), (right, bottom) = corners[0], corners[2]
        square = pixels.reshape(720, 1280, -1)[top:bottom, left:right, 0]
        centres = square[module // 2 :: module, module // 2 :: module]
        assert (centres == np.where(tag_bits(marker.tag_id), WHITE_LEVEL, 0)).all()
        assert pixels[top - 1, left - 1].min() == WHITE_LEVEL
    assert pixels[360, 640].max() == 77


def test_painting_into_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(UsageError, match="one size"):
        paint_markers(np.zeros((100, 100), np.uint8), frame_layout((1280, 720)))


def test_tile_has_a_white_margin_of_the_modules_asked_for() -> None:
    tile = tile_levels(3, quiet_modules=2, white=150)
    assert tile.shape == (12, 12)
    assert set(np.unique(tile)) == {0, 150}
    assert (tile[:2] == 150).all()
