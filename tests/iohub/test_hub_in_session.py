"""A Builder experiment that PsychoPy's Session runs: through Liaison, twice, and then stops it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

RUNS = 4
# The one that was stopped in its Routine.
STOPPED = -1


@pytest.fixture(scope="module")
def run(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_in_session.py")


@pytest.fixture(scope="module")
def rows(run: Any) -> list[dict[str, str]]:
    """The only row of each run."""
    assert [len(rows) for rows in run.results["rows"]] == [1] * RUNS
    return [rows[0] for rows in run.results["rows"]]


def test_each_run_has_a_recording_of_its_own_also_the_one_that_was_stopped(
    run: Any, rows: list[dict[str, str]]
) -> None:
    actions = [action for action, _ in run.results["recordings"]]
    assert actions == ["start", "stop_and_save"] * RUNS
    ids = [recording for _, recording in run.results["recordings"][::2]]
    assert [row["recording.id"] for row in rows] == ids and len(set(ids)) == RUNS


def test_each_event_is_in_the_recording_of_its_run(run: Any, rows: list[dict[str, str]]) -> None:
    assert run.results["events"] == [["stimulus on", row["recording.id"]] for row in rows]
    assert [row["onset.state"] for row in rows] == ["confirmed"] * RUNS


def test_each_run_counts_its_own_events(rows: list[dict[str, str]]) -> None:
    assert [row["neon.events"] for row in rows] == ["1 of 1 events confirmed"] * RUNS


def test_liaison_hears_of_the_run_and_gets_its_data(run: Any, rows: list[dict[str, str]]) -> None:
    heard = run.results["heard"]
    assert [message for message in heard if message.get("type") == "error"] == []
    status = [each["status"] for each in heard if each.get("type") == "experiment_status"]
    assert status == [1, -1]  # PsychoPy's STARTED and FINISHED
    [trial] = heard[-1]["trials"]
    assert trial["recording.id"] == rows[0]["recording.id"]
    assert (trial["onset.event"], trial["onset.state"]) == ("stimulus on", "confirmed")
    assert str(trial["onset.device_ns"]) == rows[0]["onset.device_ns"]


def test_times_are_those_of_the_sessions_clock_in_each_run(rows: list[dict[str, str]]) -> None:
    for row in rows:
        shown_s, event_s = float(row["text.started"]), float(row["onset.time_s"])
        assert event_s == pytest.approx(shown_s, abs=0.001)
    raw_s = [float(row["onset.flip_raw_s"]) for row in rows]
    assert raw_s == sorted(raw_s)  # on a clock that no run sets to zero


def test_gaze_was_there_in_each_run(rows: list[dict[str, str]]) -> None:
    assert all(int(row["gaze.frames"]) > 0 for row in rows[:STOPPED])
    assert any(float(row["gaze.valid_fraction"] or 0) > 0 for row in rows)


def test_psychopys_own_eye_tracking_components_work_in_each_run(
    run: Any, rows: list[dict[str, str]]
) -> None:
    for row in rows[:STOPPED]:
        assert row["record.started"] and "region.numLooks" in row
    assert any(int(row.get("region.numLooks") or 0) > 0 for row in rows)
    assert run.results["messages"]["samples"] > 50


def test_psychopys_markers_are_in_the_data_file(run: Any, rows: list[dict[str, str]]) -> None:
    if "mark.started" not in rows[0]:
        pytest.skip("this PsychoPy has no Eyetracker Marker")
    assert run.results["messages"]["texts"].count("marked") == RUNS


def test_all_runs_are_judged_together_once(run: Any) -> None:
    assert run.output.count("Timing certificate: ") == 1
    kinds = {name.rpartition("_neon_")[2] for name in run.results["left"]}
    assert kinds == {"events.jsonl", "frames.tsv", "timing.html", "timing.json"}


def test_nothing_is_left_running(run: Any) -> None:
    assert run.survivors == [] and run.port_is_free
    assert "Traceback" not in run.output
