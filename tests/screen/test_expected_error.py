"""The model of the error that tags and motion add, part by part."""

from __future__ import annotations

import math

import numpy as np
import pytest

from psychopy_neon.screen.expected_error import (
    carried_deg,
    extrapolated_deg,
    interpolated_deg,
    pose_deg,
)
from psychopy_neon.screen.pose import ScreenPose

GOOD_DEG = 0.008


def pose(hull_fraction: float = 0.9, reprojection_px: float = 0.2) -> ScreenPose:
    place = np.array([0.0, 0.0, 4.0])
    return ScreenPose(0, np.eye(3), place, (1.78, 1.0), 8, hull_fraction, reprojection_px)


def turning(deg_per_s: float) -> float:
    return math.radians(deg_per_s)


@pytest.mark.parametrize(
    ("hull_fraction", "reprojection_px", "error_deg"),
    [(0.9, 0.2, 0.008), (0.5, 0.2, 0.008), (0.49, 0.2, 0.03), (0.35, 0.2, 0.03), (0.34, 0.2, 0.1),
     (0.0, 0.0, 0.1), (0.9, 0.3, 0.008), (0.9, 0.6, 0.016), (0.34, 0.9, 0.3)],
)  # fmt: skip
def test_few_tags_and_tags_that_do_not_fit_make_a_pose_worse(
    hull_fraction: float, reprojection_px: float, error_deg: float
) -> None:
    assert pose_deg(pose(hull_fraction, reprojection_px)) == pytest.approx(error_deg)


@pytest.mark.parametrize(
    ("ahead_s", "turned_deg", "guessed_s", "speed_deg_s", "added_deg"),
    [
        (0.1, 0.0, 0.0, 0.0, 0.07),  # the neck moves
        (0.0, 10.0, 0.0, 0.0, 0.25),  # axes, scale and lever are not exact
        (0.0, 0.0, 0.02, 100.0, 0.2),  # what the gyroscope has not told yet
        (0.0, 0.0, 0.02, 0.0, 0.003),  # nobody is quite still
        (0.0, 0.0, 0.0, 100.0, 0.0),
        (0.1, 0.0, 0.0, 100.0, math.hypot(0.07, 0.25)),
    ],
)
def test_a_carried_pose_adds_up_what_the_gyroscope_leaves_open(
    ahead_s: float, turned_deg: float, guessed_s: float, speed_deg_s: float, added_deg: float
) -> None:
    found = carried_deg(pose(), ahead_s, math.radians(turned_deg), guessed_s, turning(speed_deg_s))
    assert found == pytest.approx(math.hypot(GOOD_DEG, added_deg), rel=1e-6)


@pytest.mark.parametrize(
    ("ahead_s", "speed_deg_s", "added_deg"),
    [(0.0, 20.0, 0.0), (0.05, 20.0, 0.35), (0.1, 20.0, 1.4), (0.2, 20.0, 1.4 + 2.0),
     (0.05, 0.0, 0.02625), (0.2, 0.0, 0.105 + 0.15)],
)  # fmt: skip
def test_without_a_gyroscope_the_error_grows_with_time_and_speed(
    ahead_s: float, speed_deg_s: float, added_deg: float
) -> None:
    found = extrapolated_deg(pose(), ahead_s, turning(speed_deg_s))
    assert found == pytest.approx(math.hypot(GOOD_DEG, added_deg), rel=1e-6)


@pytest.mark.parametrize("has_gyro", [False, True])
@pytest.mark.parametrize(
    ("share", "turned_deg", "bent_deg"),
    [(0.5, 2.0, 0.14), (0.1, 2.0, 0.0504), (0.9, 2.0, 0.0504), (0.0, 2.0, 0.0), (1.0, 2.0, 0.0),
     (0.5, 0.0, 0.0042)],
)  # fmt: skip
def test_between_two_pictures_the_middle_is_known_worst(
    has_gyro: bool, share: float, turned_deg: float, bent_deg: float
) -> None:
    found = interpolated_deg(pose(), 0.04, share, math.radians(turned_deg), has_gyro)
    shaped = bent_deg * (0.05 if has_gyro else 1.0)
    assert found == pytest.approx(math.hypot(GOOD_DEG, shaped), rel=1e-6)
