"""Approximations contain the exact polygon; the rest is exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.clock.convex_polygon import (
    Polygon,
    centroid,
    clip,
    hull,
    intersection,
    rectangle,
    widened,
    with_fewer_corners,
)

SQUARE = rectangle(0, 2, 0, 2)
points = st.lists(st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), min_size=3)


def distance_outside(polygon: Polygon, x: float, y: float) -> float:
    """How far the point is beyond the worst edge; not positive inside."""
    worst = -float("inf")
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        worst = max(worst, ((x - ax) * (by - ay) - (y - ay) * (bx - ax)) / length)
    return worst


@given(points=points, most=st.integers(4, 8))
def test_fewer_corners_never_cut_anything_off(points: Polygon, most: int) -> None:
    exact = hull(points)
    simple = with_fewer_corners(exact, most)
    assert len(simple) <= most
    if len(exact) > 2:
        assert all(distance_outside(simple, x, y) < 1e-6 for x, y in exact)


@given(points=points)
def test_hull_contains_its_points_and_turns_left_at_every_corner(points: Polygon) -> None:
    corners = hull(points)
    assert set(corners) <= set(points)
    if len(corners) > 2:
        assert all(distance_outside(corners, x, y) <= 0 for x, y in points)


@given(points=points, a=st.integers(-5, 5), b=st.integers(-5, 5), c=st.integers(-3000, 3000))
def test_clip_keeps_exactly_the_allowed_side(points: Polygon, a: int, b: int, c: int) -> None:
    polygon = hull(points)
    kept = clip(polygon, a, b, c)
    assert all(a * x + b * y <= c + 1e-6 for x, y in kept)
    assert {p for p in polygon if a * p[0] + b * p[1] <= c} <= set(kept)


def test_clip_of_a_square_by_its_diagonal() -> None:
    assert set(clip(SQUARE, 1, 1, 2)) == {(0, 0), (2, 0), (0, 2)}


def test_clip_leaves_nothing_of_a_polygon_beyond_the_line() -> None:
    assert clip(SQUARE, 1, 0, -1) == []


def test_widening_adds_the_steps_in_every_direction() -> None:
    assert set(widened(SQUARE, [(1, 0), (-1, 0)])) == {(-1, 0), (3, 0), (3, 2), (-1, 2)}
    assert set(widened(SQUARE, [(0, 0), (1, 0)])) == {(0, 0), (3, 0), (3, 2), (0, 2)}


def test_smallest_corner_is_the_one_that_goes() -> None:
    chamfered = [(0.0, 0.0), (4.0, 0.0), (4.0, 3.9), (3.9, 4.0), (1.0, 4.0), (0.0, 3.0)]
    assert with_fewer_corners(chamfered, 5) == [(0, 0), (4, 0), (4, 4), (1, 4), (0, 3)]
    for first in range(6):
        turned = with_fewer_corners(chamfered[first:] + chamfered[:first], 5)
        assert {(round(x, 9), round(y, 9)) for x, y in turned} == {
            *((0, 0), (4, 0), (4, 4), (1, 4), (0, 3))
        }
    moved = [(x + 64, y - 256) for x, y in chamfered]
    assert with_fewer_corners(moved, 5) == pytest.approx(
        np.array([(64, -256), (68, -256), (68, -252), (65, -252), (64, -253)])
    )


def test_corners_on_top_of_each_other_fall_back_to_the_box() -> None:
    assert with_fewer_corners([(0.0, 0.0), (2.0, 1.0)] * 3, 4) == rectangle(0, 2, 0, 1)


@given(one=points, other=points)
def test_intersection_is_inside_both_and_has_every_corner_that_both_have(
    one: Polygon, other: Polygon
) -> None:
    polygon, window = hull(one), hull(other)
    if min(len(polygon), len(window)) < 3:
        return
    shared = intersection(polygon, window)
    for x, y in shared:
        assert max(distance_outside(polygon, x, y), distance_outside(window, x, y)) < 1e-6
    both = [p for p in [*polygon, *window] if distance_outside(polygon, *p) < -1e-6]
    both = [p for p in both if distance_outside(window, *p) < 0]
    assert not both or len(shared) >= 3


def test_intersection_of_squares_that_overlap() -> None:
    assert set(intersection(SQUARE, rectangle(1, 3, 1, 3))) == {(1, 1), (2, 1), (2, 2), (1, 2)}
    assert intersection(SQUARE, rectangle(5, 6, 0, 2)) == []


def test_rounding_makes_the_window_wider() -> None:
    assert set(intersection(SQUARE, rectangle(2.5, 4, 0, 2), (1.0, 0.0))) == {
        *((1.5, 0.0), (2, 0), (2, 2), (1.5, 2.0)),
    }


def test_an_edge_that_rounding_has_turned_round_cuts_nothing_off() -> None:
    top = [(2.0, 2.0), (1.0, 2.0), (1.0 + 1e-12, 2.0), (0.0, 2.0)]  # one step back amid its way
    window = [(0.0, 0.0), (2.0, 0.0), *top]
    small = rectangle(0, 1, 0, 1)
    assert intersection(small, window) == []
    assert set(intersection(small, window, (1e-9, 1e-9))) == set(small)


@given(points=points)
def test_centroid_is_inside(points: Polygon) -> None:
    polygon = hull(points)
    if len(polygon) > 2:
        assert distance_outside(polygon, *centroid(polygon)) < 1e-6


def test_centroid_of_a_triangle_is_the_mean_of_its_corners() -> None:
    assert centroid([(1.0, 1.0), (4.0, 1.0), (1.0, 7.0)]) == (2.0, 3.0)


def test_centroid_of_a_line_is_its_middle() -> None:
    assert centroid([(0.0, 0.0), (2.0, 4.0)]) == (1.0, 2.0)
