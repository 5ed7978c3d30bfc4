"""Directions as angles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.viewing_angles import (
    angles_from_rays,
    angles_on_flat_screen,
    offsets_from_target,
    rays_from_angles,
)

angle = st.floats(-60.0, 60.0)
direction = st.tuples(angle, angle)


def test_right_and_up_are_positive() -> None:
    assert angles_from_rays([(1.0, 0.0), (0.0, -1.0)]) == pytest.approx(
        np.array([(45.0, 0.0), (0.0, 45.0)])
    )


@given(direction)
def test_rays_and_angles_are_inverse(angles: tuple[float, float]) -> None:
    assert angles_from_rays(rays_from_angles(angles))[0] == pytest.approx(angles, abs=1e-9)


@given(direction, direction)
def test_an_offset_is_as_long_as_the_angle_between_the_directions(
    gaze: tuple[float, float], target: tuple[float, float]
) -> None:
    first, second = (np.array([x, y, 1.0]) for x, y in (*rays_from_angles([gaze, target]),))
    apart = np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)
    assert np.hypot(*offsets_from_target(gaze, target)[0]) == pytest.approx(
        np.degrees(apart), abs=1e-6
    )


def test_a_degree_to_the_right_counts_less_high_up() -> None:
    offset = offsets_from_target((1.0, 60.0), (0.0, 60.0))[0]
    assert offset[0] == pytest.approx(0.5, abs=0.001)


def test_what_is_not_in_front_or_unknown_has_no_direction() -> None:
    assert np.isnan(rays_from_angles([(120.0, 0.0), (np.nan, 0.0)])).all(axis=1).all()
    assert np.isnan(offsets_from_target((np.nan, np.nan), (0.0, 0.0))).all()


def test_the_monitor_gives_angles_without_a_pose() -> None:
    angles = angles_on_flat_screen([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], (60.0, 40.0), 60.0)
    expected = [(0.0, 0.0), (np.degrees(np.arctan(0.5)), 0.0), (0.0, np.degrees(np.arctan(1 / 3)))]
    assert angles == pytest.approx(np.array(expected))


def test_a_monitor_without_a_distance_is_refused() -> None:
    with pytest.raises(UsageError, match="Monitor Center"):
        angles_on_flat_screen([(0.0, 0.0)], (60.0, 40.0), 0.0)
