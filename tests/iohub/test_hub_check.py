"""Neon Check in a Builder experiment: all well at first, then much wrong, then Escape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.readiness import KEYS

FAULTS = ("glasses", "worn", "battery", "template")


@pytest.fixture(scope="module")
def run(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_check.py")


def columns(run: Any, name: str) -> dict[str, str]:
    """What a check wrote into the data file."""
    row = next(row for row in run.results["rows"] if row.get(f"{name}.verdict"))
    return {key[len(name) + 1 :]: row[key] for key in row if key.startswith(f"{name}.")}


@pytest.fixture(scope="module")
def first(run: Any) -> dict[str, str]:
    return columns(run, "first")


@pytest.fixture(scope="module")
def second(run: Any) -> dict[str, str]:
    return columns(run, "second")


def test_all_green_it_goes_on_by_itself(first: dict[str, str]) -> None:
    assert (first["verdict"], first["choice"], first["chosen_by"]) == ("ready", "go on", "itself")
    assert first["retries"] == "0" and float(first["duration_s"]) >= 1.0
    assert {first[key] for key in KEYS if key != "wearer"} == {"good"}
    assert first["wearer"] == first["wearer_found"] == ""


def test_what_was_found_is_in_the_data(first: dict[str, str]) -> None:
    assert first["glasses_found"] == "123456 on Simulated Neon"
    assert first["battery_found"].startswith("71 %") and "GB free" in first["storage_found"]
    assert first["template_found"] == "Simulated template, complete"
    assert first["markers_found"] == "8 of 8 seen"
    assert float(first["gaze_found"].split(" per second")[0]) > 20
    assert first["clock_found"].endswith(" ms") and "at times" in first["network_found"]


def test_faults_are_red_with_a_sentence_each(run: Any, second: dict[str, str]) -> None:
    assert {key for key in KEYS if second[key] == "bad"} == set(FAULTS)
    assert second["wearer"] == "warning" and second["verdict"] == "not ready"
    told = run.results["sentences"]
    assert told["glasses"] == "Wrong glasses, 123456: plug in 654321."
    assert told["worn"] == "Nobody wears the glasses: put them on."
    assert told["battery"] == "The phone's battery is low: plug it in, and wait."
    assert told["template"] == "Required and not answered: Participant. Answer it in the app."
    assert "says P07" in told["wearer"]


def test_space_does_not_go_on_at_once_while_something_is_red(run: Any) -> None:
    """It was pressed once; R and Escape came after it."""
    assert "Space again: go on anyway" in run.results["legends"]


def test_checking_again_is_counted_and_finds_the_same(second: dict[str, str]) -> None:
    """It was pressed when all faults showed, and Escape only when they did again."""
    assert second["retries"] == "1"


def test_escape_ends_the_experiment_with_the_recording_saved(
    run: Any, second: dict[str, str]
) -> None:
    assert (second["choice"], second["chosen_by"]) == ("stop", "key")
    truth = run.json_lines("truth.jsonl")
    actions = [line["action"] for line in truth if line["kind"] == "recording"]
    assert actions == ["start", "stop_and_save"]
    assert [line for line in truth if line["kind"] == "event"] == []
    assert second["recording_found"] == "recording"


def test_the_live_picture_comes_with_gaze_and_tags(run: Any) -> None:
    assert run.results["pictures"] > 5
    x, y = run.results["gaze"]
    assert 0.4 < x < 0.6 and 0.4 < y < 0.6  # the wearer looks at the middle of the screen
    assert run.results["tags"] == [True] * 8


def test_the_picture_is_removed_at_the_end(run: Any) -> None:
    paths = run.results["paths"]
    assert len(set(paths)) == 2
    assert [path for path in paths if Path(path).exists()] == []


def test_before_it_begins_there_is_nothing_to_tell(run: Any) -> None:
    assert run.results["before"] == [{}, False]


def test_the_journal_keeps_both_checks_with_their_sentences(run: Any) -> None:
    outcomes = [line["outcome"] for line in run.results["journal"]]
    assert [each["verdict"] for each in outcomes] == ["ready", "not ready"]
    assert outcomes[1]["items"]["worn"] == ["bad", "no", "Nobody wears the glasses: put them on."]


def test_it_is_no_pilot_run_unless_it_is_one(run: Any) -> None:
    assert run.results["piloting"] == [False, False]


def test_both_screens_were_drawn(run: Any) -> None:
    for name in ("first", "second"):
        assert (run.folder / f"{name}.png").stat().st_size > 20_000


def test_nothing_is_left_running(run: Any) -> None:
    assert run.survivors == [] and run.port_is_free
