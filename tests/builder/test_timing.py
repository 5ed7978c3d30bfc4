"""How long components last, and what that means for their Routine."""

from __future__ import annotations

from typing import Any

import pytest
from psychopy.constants import FOREVER

LASTING = ["NeonRecording", "NeonGaze", "NeonMarkers"]


@pytest.mark.parametrize("kind", [*LASTING, "NeonEvent"])
def test_a_routine_of_fixed_length_stays_non_slip(trial: Any, kind: str) -> None:
    trial.add("Text", "text", stopVal=2.0)
    trial.add(kind, "ours")
    assert trial.routine.getMaxTime() == (2.0, True)


@pytest.mark.parametrize("kind", LASTING)
def test_a_short_routine_is_not_prolonged(trial: Any, kind: str) -> None:
    trial.add("Text", "text", stopVal=0.25)
    trial.add(kind, "ours")
    assert trial.routine.getMaxTime() == (0.25, True)


@pytest.mark.parametrize("kind", LASTING)
def test_without_stop_time_it_lasts_as_long_as_the_others(trial: Any, kind: str) -> None:
    trial.add("Text", "text", startVal=1.0, stopVal=2.0)
    ours = trial.add(kind, "ours", startVal=0.5)
    trial.add(kind, "another")
    assert ours.getStartAndDuration() == (0.5, 2.5, True)


@pytest.mark.parametrize("kind", LASTING)
def test_alone_in_a_routine_it_is_endless(trial: Any, kind: str) -> None:
    ours = trial.add(kind, "ours")
    assert ours.getStartAndDuration() == (0.0, FOREVER, False)


@pytest.mark.parametrize("kind", LASTING)
def test_beside_something_of_unknown_length_it_is_endless(trial: Any, kind: str) -> None:
    trial.add("Text", "text", stopVal="$duration")
    ours = trial.add(kind, "ours")
    assert ours.getStartAndDuration() == (0.0, FOREVER, False)


@pytest.mark.parametrize("kind", LASTING)
def test_a_stop_time_counts_as_for_other_components(trial: Any, kind: str) -> None:
    ours = trial.add(kind, "ours", startVal=0.5, stopVal=1.5)
    assert ours.getStartAndDuration() == (0.5, 1.5, True)
    assert trial.routine.getMaxTime() == (2.0, True)


def test_a_disabled_neighbour_does_not_count(trial: Any) -> None:
    trial.add("Text", "text", stopVal=1.0)
    trial.add("Text", "off", stopVal=9.0, disabled=True)
    assert trial.add("NeonGaze", "ours").getStartAndDuration() == (0.0, 1.0, True)


def test_an_event_is_a_moment(trial: Any) -> None:
    event = trial.add("NeonEvent", "event", startVal=0.5, stopVal=3.0)
    assert event.getStartAndDuration() == (0.5, 0.0, True)


def test_an_event_with_an_offset_lasts_until_then(trial: Any) -> None:
    event = trial.add("NeonEvent", "event", startVal=0.5, stopVal=3.0, offsetName="off")
    assert event.getStartAndDuration() == (0.5, 3.0, True)


def test_an_event_on_a_condition_has_no_fixed_time(trial: Any) -> None:
    event = trial.add("NeonEvent", "event", startType="condition", startVal="key.keys")
    assert event.getStartAndDuration() == (None, 0.0, False)
