"""Choosing by looking."""

from __future__ import annotations

import math

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.dwell import Dwell

FRAME_S = 0.016


def look(dwell: Dwell[str], item: str | None, seconds: float, start_s: float) -> float:
    """Look at one thing for a time, frame by frame; returns when it ended."""
    frames = round(seconds / FRAME_S)
    for number in range(frames):
        dwell.take(start_s + number * FRAME_S, item)
    return start_s + frames * FRAME_S


def test_what_is_looked_at_for_long_enough_is_chosen() -> None:
    dwell: Dwell[str] = Dwell(0.5)
    now_s = look(dwell, "a", 0.4, 10.0)
    assert (dwell.looked_at, dwell.selected) == ("a", None)
    assert dwell.progress == pytest.approx(0.8, abs=0.05)
    look(dwell, "a", 0.2, now_s)
    assert dwell.selected == "a"
    assert dwell.progress == 1


def test_looking_at_something_else_begins_from_nothing() -> None:
    dwell: Dwell[str] = Dwell(0.5)
    now_s = look(dwell, "a", 0.4, 10.0)
    now_s = look(dwell, "b", FRAME_S, now_s)
    assert (dwell.looked_at, dwell.progress) == ("b", 0)
    look(dwell, "a", 0.4, now_s)
    assert dwell.selected is None


def test_the_first_that_was_chosen_stays_chosen_until_reset() -> None:
    dwell: Dwell[str] = Dwell(0.3)
    now_s = look(dwell, "a", 0.4, 10.0)
    now_s = look(dwell, "b", 1.0, now_s)
    assert dwell.selected == "a"
    dwell.reset()
    assert (dwell.selected, dwell.looked_at, dwell.progress) == (None, None, 0)
    look(dwell, "b", 0.4, now_s)
    assert dwell.selected == "b"


def test_a_blink_is_forgiven_but_does_not_count() -> None:
    dwell: Dwell[str] = Dwell(0.5)
    now_s = look(dwell, "a", 0.3, 10.0)
    before = dwell.progress
    now_s = look(dwell, None, 0.12, now_s)
    assert (dwell.looked_at, dwell.progress) == ("a", before)
    now_s = look(dwell, "a", 0.15, now_s)
    assert dwell.selected is None
    look(dwell, "a", 0.15, now_s)
    assert dwell.selected == "a"


def test_a_longer_look_at_nothing_ends_it() -> None:
    dwell: Dwell[str] = Dwell(0.5)
    now_s = look(dwell, "a", 0.4, 10.0)
    now_s = look(dwell, None, 0.2, now_s)
    assert (dwell.looked_at, dwell.progress) == (None, 0)
    look(dwell, "a", 0.4, now_s)
    assert dwell.selected is None


def test_of_a_pause_between_two_frames_little_counts_as_looking() -> None:
    dwell: Dwell[str] = Dwell(0.5)
    dwell.take(10.0, "a")
    dwell.take(12.0, "a")
    assert dwell.selected is None
    assert dwell.progress == pytest.approx(0.3)


def test_nothing_seen_in_a_pause_is_no_choice() -> None:
    dwell: Dwell[str] = Dwell(0.5)
    dwell.take(10.0, "a")
    dwell.take(10.02, None)
    dwell.take(12.0, "a")
    assert (dwell.looked_at, dwell.progress) == ("a", 0)
    dwell.take(12.02, None)
    dwell.take(14.0, None)
    assert dwell.looked_at is None


def test_nothing_is_never_chosen() -> None:
    dwell: Dwell[str] = Dwell(0.1)
    look(dwell, None, 5.0, 10.0)
    assert (dwell.selected, dwell.looked_at) == (None, None)


@pytest.mark.parametrize("dwell_s", [0, -1, math.nan, math.inf])
def test_a_dwell_time_that_makes_no_sense_is_refused(dwell_s: float) -> None:
    with pytest.raises(UsageError, match="dwell time"):
        Dwell(dwell_s)
