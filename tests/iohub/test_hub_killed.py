"""No event is lost when one of the two processes is killed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from psychopy_neon.transport.spool_reader import SpoolReader

EVENTS, EVENTS_BEFORE = 300, 100
ENDED_WITHIN_S = 30.0  # what the events may take; without any it is about a second


@pytest.fixture(scope="module")
def experiment_killed(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_killed.py", kill="experiment")


@pytest.fixture(scope="module")
def iohub_killed(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_killed.py", kill="iohub")


def _names(run: Any) -> list[str]:
    return [line["name"] for line in run.json_lines("truth.jsonl") if line["kind"] == "event"]


# -- the experiment -------------------------------------------------------------------------------


def test_all_events_of_a_killed_experiment_reach_the_phone_once_and_in_order(
    experiment_killed: Any,
) -> None:
    sent = experiment_killed.results["sent"]
    names = _names(experiment_killed)
    assert EVENTS_BEFORE < sent < EVENTS
    # The last one may have been handed over without having been noted.
    assert names == [f"event {number}" for number in range(len(names))]
    assert len(names) in (sent, sent + 1)


def test_they_are_in_the_recording_and_in_the_journal(experiment_killed: Any) -> None:
    truth = experiment_killed.json_lines("truth.jsonl")
    [start, stop] = [line for line in truth if line["kind"] == "recording"]
    assert (start["action"], stop["action"]) == ("start", "stop_and_save")
    events = [line for line in truth if line["kind"] == "event"]
    assert {line["recording_id"] for line in events} == {start["id"]}
    journal = experiment_killed.json_lines("run_neon_events.jsonl")
    made = [line for line in journal if line["kind"] == "event"]
    confirmed = [line for line in journal if line["kind"] == "confirmed"]
    assert [line["handed_over"] for line in made] == list(range(1, len(events) + 1))
    assert [line["data"] for line in made] == [{"trial": n} for n in range(len(events))]
    assert len(confirmed) == len(events)


def test_the_file_of_the_hand_over_is_not_needed_any_more(experiment_killed: Any) -> None:
    assert list(experiment_killed.folder.glob("*handed_over*")) == []


def test_iohub_ends_by_itself_although_the_experiment_looks_alive(experiment_killed: Any) -> None:
    assert experiment_killed.results["ended_after_s"] < ENDED_WITHIN_S
    assert experiment_killed.survivors == [] and experiment_killed.port_is_free
    assert "the experiment has ended without its end" in experiment_killed.output


def test_the_data_file_of_a_killed_experiment_can_be_read(experiment_killed: Any) -> None:
    import tables

    with tables.open_file(str(experiment_killed.folder / "run.hdf5")) as file:
        rows = file.root.data_collection.events.eyetracker.BinocularEyeSampleEvent[:]
    assert len(rows) > 20


# -- ioHub ----------------------------------------------------------------------------------------


def test_without_iohub_all_events_are_in_a_file_that_is_named(iohub_killed: Any) -> None:
    [spool] = iohub_killed.folder.glob("*handed_over*.bin")
    reader = SpoolReader(spool)
    events = []
    while not reader.is_at_end:
        events += reader.read()
    reader.close()
    assert [event.name for event in events] == [f"event {number}" for number in range(EVENTS)]
    assert [event.number for event in events] == iohub_killed.results["numbers"]
    assert f"{spool} keeps all events" in " ".join(iohub_killed.output.split("\n"))
    assert f"unknown how many of {EVENTS} events" in iohub_killed.output


def test_the_data_file_says_what_is_known(iohub_killed: Any) -> None:
    states = iohub_killed.results["states"]
    assert set(states[:EVENTS_BEFORE]) <= {"confirmed", "pending"}
    assert "confirmed" in states
    assert set(states[EVENTS_BEFORE:]) == {"pending"}
    [summary] = iohub_killed.results["summaries"]
    assert summary.startswith(f"unknown how many of {EVENTS} events")


def test_what_reached_the_phone_reached_it_once(iohub_killed: Any) -> None:
    names = _names(iohub_killed)
    assert names == [f"event {number}" for number in range(len(names))]


def test_of_two_experiments_on_one_port_one_is_told_and_the_other_goes_on(
    iohub_killed: Any,
) -> None:
    """Which of both ioHubs answers both is the system's choice."""
    told = [text for text in iohub_killed.results["told"] if "its own" not in text]
    assert len(told) == 1
    assert "the ioHub of another experiment answers (process " in told[0]
    assert "another udp_port" in told[0]
