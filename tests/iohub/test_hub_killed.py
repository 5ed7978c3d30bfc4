"""No event is lost when one of the two processes is killed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

EVENTS, EVENTS_BEFORE = 300, 100


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


# -- ioHub ----------------------------------------------------------------------------------------


def test_without_iohub_all_events_are_in_a_file_that_is_named(iohub_killed: Any) -> None:
    [spool] = iohub_killed.folder.glob("*handed_over*.jsonl")
    lines = [json.loads(line) for line in spool.read_text("utf-8").splitlines()]
    assert [line["name"] for line in lines] == [f"event {number}" for number in range(EVENTS)]
    assert [line["number"] for line in lines] == iohub_killed.results["numbers"]
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
