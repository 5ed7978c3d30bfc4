from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from psychopy_neon.screen.edges import corners_of_edges
from psychopy_neon.screen.markers import tag_bits

CORNERS = np.array([(60.3, 55.8), (97.1, 60.2), (92.6, 98.4), (55.5, 93.9)])


def drawn(corners: Any = CORNERS, blur_px: float = 0.8, surroundings: int = 128) -> Any:
    """A tag with its white margin, drawn eight times as large and shrunk."""
    tile = np.pad(np.where(tag_bits(5), 200, 10).astype(np.uint8), 1, constant_values=200)
    side = np.array([(1, 1), (9, 1), (9, 9), (1, 9)], np.float32) * 16 - 0.5
    tile = tile.repeat(16, 0).repeat(16, 1)
    target = ((corners + 0.5) * 8 - 0.5).astype(np.float32)
    transform = cv2.getPerspectiveTransform(side, target)
    large = np.full((1280, 1280), surroundings, np.uint8)
    cv2.warpPerspective(tile, transform, (1280, 1280), large, borderMode=cv2.BORDER_TRANSPARENT)
    small = cv2.resize(large, (160, 160), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), blur_px)


def error_px(picture: Any, start: Any) -> float:
    found = corners_of_edges(picture, start[None])[0]
    return float(np.linalg.norm(found - CORNERS, axis=1).max())


@pytest.mark.parametrize(("surroundings", "most_px"), [(0, 0.1), (128, 0.1), (255, 0.27)])
def test_corners_are_found_to_a_tenth_of_a_pixel(surroundings: int, most_px: float) -> None:
    picture = drawn(surroundings=surroundings)
    for seed in range(20):
        start = CORNERS + np.random.default_rng(seed).uniform(-1, 1, (4, 2))
        assert error_px(picture, start) < most_px


def test_noise_and_blur_cost_little() -> None:
    noise = np.random.default_rng(1).normal(0, 6, (160, 160))
    picture = np.clip(drawn(blur_px=1.5) + noise, 0, 255).astype(np.uint8)
    assert error_px(picture, CORNERS + 0.5) < 0.2


def test_something_over_a_part_of_an_edge_is_left_out() -> None:
    picture = drawn()
    picture[50:66, 72:82] = 90
    assert error_px(picture, CORNERS + 0.4) < 0.25


def test_what_has_no_edges_stays_where_it_was() -> None:
    squares = np.array([CORNERS, CORNERS + 300.0, CORNERS - 500.0])
    for level in (0, 255):
        empty = np.full((160, 160), level, np.uint8)
        assert (corners_of_edges(empty, squares) == squares).all()
    noise = np.random.default_rng(2).integers(0, 256, (160, 160)).astype(np.uint8)
    assert np.abs(corners_of_edges(noise, squares) - squares).max() < 15
    assert corners_of_edges(empty, np.empty((0, 4, 2))).shape == (0, 4, 2)


def test_a_square_of_one_point_is_no_error() -> None:
    point = np.full((1, 4, 2), 80.0)
    assert (corners_of_edges(drawn(), point) == point).all()
