"""What is told, when, and that it is told once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

STEP_S = 0.5


class Told:
    """A lookout and what it told; time passes in steps of half a second."""

    def __init__(self, lookout_type: Any, facts: Any) -> None:
        self.notices: list[Any] = []
        self.facts = facts
        self.lookout = lookout_type(self.notices.append)
        self.now_s = 100.0
        self.pictures = (0, 0)

    def see(self, seconds: float = STEP_S, **facts: Any) -> list[str]:
        """What is told while this holds."""
        before = len(self.notices)
        self.facts = replace(self.facts, **facts)
        for _ in range(round(seconds / STEP_S)):
            self.lookout.look(self.facts, self.now_s)
            self.now_s += STEP_S
        return [notice.text for notice in self.notices[before:]]

    def film(self, seconds: float, *, shows_screen: bool) -> list[str]:
        """What is told while the scene camera runs."""
        told = []
        for _ in range(round(seconds / STEP_S)):
            frames, without = self.pictures
            self.pictures = (frames + 15, without + 15 * (not shows_screen))
            told += self.see(
                shows_markers=True, frames=self.pictures[0], frames_without_screen=self.pictures[1]
            )
        return told


@pytest.fixture
def told(sample_classes: Any) -> Told:
    from psychopy_neon.iohub.lookout import Lookout
    from psychopy_neon.iohub.problems import Facts

    return Told(Lookout, Facts(module_serial="123456", first_serial="123456", worn=True))


def test_while_all_is_well_nothing_is_told(told: Told) -> None:
    assert told.see(10.0) == []
    assert told.film(10.0, shows_screen=True) == []
    assert told.lookout.present == []


def test_a_lost_phone_is_told_at_once_and_once_and_its_return(told: Told) -> None:
    first = told.see(STEP_S, state="lost", error="no answer from 192.0.2.1")
    assert len(first) == 1 and "the phone is lost: no answer from 192.0.2.1" in first[0]
    assert told.see(10.0) == []
    assert told.lookout.present == first
    assert told.see(state="connected") == ["the phone is back"]
    assert told.lookout.present == []


def test_a_refused_recording_is_told_with_the_phones_reason(told: Told) -> None:
    reason = "the phone's battery is too low"
    [text] = told.see(recording="failed", recording_error=reason)
    assert text == f"the phone does not record: {reason}"
    assert told.notices[-1].level == "error"


def test_glasses_that_are_not_worn_are_told_after_two_seconds(told: Told) -> None:
    assert told.see(1.5, worn=False) == []
    assert [text[:25] for text in told.see(1.0)] == ["the glasses are not worn,"]
    assert told.see(5.0, worn=None) == []  # nobody knows
    assert told.see(worn=True) == ["the glasses are worn again"]


def test_a_moment_without_the_glasses_is_not_told(told: Told) -> None:
    assert told.see(1.0, worn=False) == []
    assert told.see(5.0, worn=True) == []


def test_other_glasses_are_told_by_their_numbers(told: Told) -> None:
    [text] = told.see(1.0, module_serial="654321")
    assert text == "other glasses are plugged in: 654321 instead of 123456"


def test_glasses_that_are_pulled_out_are_told(told: Told) -> None:
    [text] = told.see(1.0, module_serial="")
    assert "123456 are unplugged" in text
    assert told.see(1.0, module_serial="123456") == ["the glasses 123456 are plugged in again"]


def test_markers_that_are_not_seen_are_told_after_three_seconds(told: Told) -> None:
    told.film(2.0, shows_screen=True)
    assert told.film(2.5, shows_screen=False) == []
    assert [text[:40] for text in told.film(1.5, shows_screen=False)] == [
        "the scene camera sees too few markers, s"
    ]
    assert told.see(10.0) == []  # no pictures, so that cannot be told
    assert told.film(1.0, shows_screen=True) == ["enough markers are seen again"]


def test_without_markers_of_the_experiment_nobody_misses_them(told: Told) -> None:
    for number in range(20):
        assert told.see(frames=number * 15, frames_without_screen=number * 15) == []


def test_gaze_that_stays_out_is_told_with_the_reason(told: Told) -> None:
    [text] = told.see(2.0, gaze_error="no gaze packets for 1 s")
    assert "no gaze packets for 1 s" in text
    assert told.see(gaze_error="") == ["gaze comes again"]


def test_a_lost_phone_ends_no_other_problem(told: Told) -> None:
    told.see(2.0, gaze_error="no gaze packets for 1 s", module_serial="")
    lost = told.see(2.0, state="lost", error="x", gaze_error="", module_serial="123456")
    assert len(lost) == 1 and len(told.lookout.present) == 3
    assert len(told.see(2.0, state="connected")) == 3


@pytest.mark.parametrize("state", ["LOW", "CRITICAL"])
def test_a_low_battery_and_full_storage_are_told(told: Told, state: str) -> None:
    battery, storage = told.see(battery_state=state, battery_percent=7, storage_state=state)
    assert "battery is low (7 %)" in battery and "storage is nearly full" in storage


def test_sentences_are_single_lines(told: Told) -> None:
    told.see(5.0, state="lost", error="x", worn=False, recording="failed", recording_error="y")
    assert len(told.notices) == 3
    assert all("\n" not in notice.text for notice in told.notices)


def test_it_looks_twice_a_second(told: Told) -> None:
    assert told.lookout.is_due(0.0)
    told.lookout.look(told.facts, 10.0)
    assert not told.lookout.is_due(10.4) and told.lookout.is_due(10.5)


def test_another_viewing_distance_is_told_once_and_when_it_is_over(told: Told) -> None:
    assert told.see(10.0, distance_change=0.2) == []
    assert told.see(2.5, distance_change=0.32) == []
    first = told.see(10.0)
    assert len(first) == 1 and "the participant is 32% farther from the screen" in first[0]
    assert "validate again" in first[0]
    assert told.see(10.0, distance_change=0.2) == told.see(10.0, distance_change=0.3) == []
    assert told.see(3.0, distance_change=0.05) == [
        "the participant is as far from the screen as at first again"
    ]
    assert "25% nearer to the screen" in told.see(10.0, distance_change=-0.25)[0]


def test_an_unknown_viewing_distance_is_no_problem(told: Told) -> None:
    assert told.see(10.0, distance_change=None) == []
