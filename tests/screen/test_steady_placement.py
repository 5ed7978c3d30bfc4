from __future__ import annotations

import pytest

from psychopy_neon.screen.placement import Placement, TagPlacement
from psychopy_neon.screen.steady_placement import SteadyPlacement


def judged(states, device_ns=0):
    tags = (
        TagPlacement(number, "top", state, True, 20.0, 200.0, 20.0, 0.7, 1.0, None)
        for number, state in enumerate(states)
    )
    return Placement(tuple(tags), (), device_ns, True, 0.9, 2.0)


GOOD, SMALL, DARK = (["good", state] for state in ("good", "too small", "too dark"))


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        ([SMALL], SMALL),
        ([GOOD, SMALL], GOOD),
        ([GOOD, SMALL, SMALL], SMALL),
        ([GOOD, SMALL, GOOD, SMALL, GOOD, SMALL], GOOD),
        ([GOOD, SMALL, DARK], GOOD),
        ([GOOD, SMALL, DARK, DARK], DARK),
        ([GOOD, SMALL, SMALL, GOOD], SMALL),
    ],
)
def test_another_judgement_is_shown_when_it_comes_twice(came, shown):
    steady = SteadyPlacement()
    for states in came:
        steady.take(judged(states))
    assert [tag.state for tag in steady.shown.tags] == shown


def test_the_same_judgement_counts_once_however_often_it_is_taken():
    steady, doubtful = SteadyPlacement(), judged(SMALL)
    steady.take(judged(GOOD))
    steady.take(doubtful)
    steady.take(doubtful)
    assert [tag.state for tag in steady.shown.tags] == GOOD


def test_what_is_shown_is_the_newest_of_its_kind():
    steady = SteadyPlacement()
    for device_ns in (1, 2, 3):
        steady.take(judged(GOOD, device_ns))
    assert steady.shown.device_ns == 3
