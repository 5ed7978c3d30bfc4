"""A Builder experiment that PsychoPy's Session runs, twice, and then stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

RUNS = 3


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


def test_times_are_those_of_the_sessions_clock_in_each_run(rows: list[dict[str, str]]) -> None:
    for row in rows:
        shown_s, event_s = float(row["text.started"]), float(row["onset.time_s"])
        assert event_s == pytest.approx(shown_s, abs=0.001)
    raw_s = [float(row["onset.flip_raw_s"]) for row in rows]
    assert raw_s == sorted(raw_s)  # on a clock that no run sets to zero


def test_gaze_was_there_in_each_run(rows: list[dict[str, str]]) -> None:
    assert all(int(row["gaze.frames"]) > 0 for row in rows[:2])
    assert any(float(row["gaze.valid_fraction"] or 0) > 0 for row in rows)


def test_psychopys_own_eye_tracking_components_work_in_each_run(
    run: Any, rows: list[dict[str, str]]
) -> None:
    for row in rows[:2]:  # the third was stopped in its Routine
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
