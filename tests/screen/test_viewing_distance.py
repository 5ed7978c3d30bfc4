from __future__ import annotations

import numpy as np
import pytest

from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.viewing_distance import POSES, ViewingDistance


def pose(distance: float, number: int = 0) -> ScreenPose:
    aside = np.array([0.1, -0.2, distance])
    return ScreenPose(number, np.eye(3), aside, (1.78, 1.0), 8, 1.0, 0.1)


def sat_at(
    viewing: ViewingDistance, distance: float, poses: int, correction: object = None
) -> None:
    for number in range(poses):
        viewing.take(pose(distance, number), correction)


@pytest.fixture
def viewing() -> ViewingDistance:
    return ViewingDistance()


def test_it_is_unknown_before_a_second_has_passed(viewing: ViewingDistance) -> None:
    sat_at(viewing, 4.0, POSES - 1)
    assert viewing.change is None
    sat_at(viewing, 4.0, 1)
    assert viewing.change == pytest.approx(0.0)


def test_where_somebody_sat_at_first_is_what_the_first_second_agrees_on(
    viewing: ViewingDistance,
) -> None:
    sat_at(viewing, 9.0, POSES // 3)
    sat_at(viewing, 4.0, 2 * POSES)
    assert viewing.change == pytest.approx(0.0)


def test_who_moves_away_is_seen_to(viewing: ViewingDistance) -> None:
    sat_at(viewing, 4.0, 3 * POSES)
    sat_at(viewing, 5.2, POSES)
    assert viewing.change == pytest.approx(0.3, abs=0.01)
    sat_at(viewing, 3.0, POSES)
    assert viewing.change == pytest.approx(-0.25, abs=0.01)


def test_a_moment_aside_changes_nothing(viewing: ViewingDistance) -> None:
    sat_at(viewing, 4.0, 2 * POSES)
    sat_at(viewing, 9.0, POSES // 3)
    assert viewing.change == pytest.approx(0.0)


def test_a_correction_or_another_window_is_another_beginning(viewing: ViewingDistance) -> None:
    sat_at(viewing, 4.0, POSES)
    sat_at(viewing, 5.2, POSES, correction="first")
    assert viewing.change == pytest.approx(0.0)
    sat_at(viewing, 4.0, POSES, correction="first")
    assert viewing.change == pytest.approx(-0.23, abs=0.01)
    viewing.forget()
    assert viewing.change is None
