"""The demo does the main job end to end, and its report says so truthfully."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TRIALS = 8
TARGET_RADIUS_PX = 0.08 * 720
BUDGET_S = 90.0


@pytest.fixture(scope="module")
def report(demo_run: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((demo_run.folder / "report.json").read_text("utf-8"))
    return content


@pytest.fixture(scope="module")
def rows(report: dict[str, Any]) -> list[dict[str, str]]:
    with open(report["files"]["csv"], encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def conditions(demo_run: Any) -> list[dict[str, str]]:
    with (demo_run.folder / "conditions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def screenshot(report: dict[str, Any]) -> Any:
    """Red, green and blue, shape (720, 1280, 3), as signed numbers."""
    import cv2

    picture = cv2.imread(report["files"]["screenshot"])
    assert picture is not None
    return picture[:, :, ::-1].astype(int)


def _middle(mask: Any) -> tuple[float, float]:
    assert mask.any()
    rows, columns = np.nonzero(mask)
    return float(columns.min() + columns.max()) / 2, float(rows.min() + rows.max()) / 2


# -- as a command ---------------------------------------------------------------------------------


def test_the_demo_succeeds(demo_run: Any) -> None:
    assert demo_run.ending.code == 0, demo_run.ending.output


def test_the_demo_is_quick(demo_run: Any) -> None:
    assert demo_run.ending.seconds < BUDGET_S


def test_the_demo_leaves_nothing_running(demo_run: Any) -> None:
    assert demo_run.ending.survivors == []
    assert demo_run.ending.port_is_free


def test_the_demo_prints_its_report_and_where_its_files_are(
    demo_run: Any, report: dict[str, Any]
) -> None:
    printed = demo_run.ending.output
    assert f"{TRIALS} sent, {TRIALS} confirmed by the phone" in printed
    assert "every event arrived" in printed
    for path in (*report["files"].values(), str(demo_run.folder / "report.json")):
        assert path in printed
        assert Path(path).is_file()


def test_the_experiment_itself_has_nothing_to_complain_about(demo_run: Any) -> None:
    log = (demo_run.folder / "experiment.log").read_text(encoding="utf-8")
    assert f"psychopy_neon: {TRIALS} of {TRIALS} events confirmed" in log
    for complaint in ("Traceback", "ERROR", "not confirmed"):
        assert complaint not in log


# -- the report -----------------------------------------------------------------------------------


def test_every_event_is_confirmed(report: dict[str, Any]) -> None:
    assert report["passed"] is True
    assert report["events_sent"] == report["events_confirmed"] == TRIALS
    assert report["events_missing"] == [] and report["problems"] == []


def test_event_times_are_within_their_guarantee(report: dict[str, Any]) -> None:
    assert report["events_beyond_bound"] == 0
    assert 0 <= report["event_error_median_ms"] <= report["event_error_worst_ms"]
    assert report["event_bound_worst_ms"] < 20


def test_gaze_arrives_and_is_saved(report: dict[str, Any]) -> None:
    assert report["gaze_received"] > 1000
    assert report["gaze_lost"] == 0
    assert 1000 < report["gaze_saved"] <= report["gaze_received"]
    assert report["gaze_valid_percent"] > 80


def test_gaze_on_the_screen_is_right(report: dict[str, Any]) -> None:
    # A machine that is late with pictures maps gaze through an older pose of the swaying head.
    assert report["screen_error_p95_deg"] < 1.5
    assert report["screen_error_median_deg"] < 0.5


def test_looking_ends_every_trial(report: dict[str, Any]) -> None:
    assert report["trials"] == report["trials_ended_by_gaze"] == TRIALS


# -- the files ------------------------------------------------------------------------------------


def test_the_csv_holds_the_recordings_id(
    demo_run: Any, report: dict[str, Any], rows: list[dict[str, str]]
) -> None:
    [recording_id] = {row["phoneRecording.id"] for row in rows if row["phoneRecording.id"]}
    assert report["recording_ids"] == [recording_id]
    recordings = [
        line for line in demo_run.json_lines("truth.jsonl") if line["kind"] == "recording"
    ]
    assert [line["action"] for line in recordings] == ["start", "stop_and_save"]
    assert {line["id"] for line in recordings} == {recording_id}


def test_the_csv_holds_every_event_once(
    rows: list[dict[str, str]], conditions: list[dict[str, str]]
) -> None:
    events = [row for row in rows if row["onset.event"]]
    assert sorted(row["onset.event"] for row in events) == sorted(
        row["event_name"] for row in conditions
    )
    assert [int(float(row["onset.number"])) for row in events] == list(range(1, TRIALS + 1))
    flips = [float(row["onset.flip_raw_s"]) for row in events]
    assert flips == sorted(flips)


def test_the_csv_says_what_became_of_every_event(rows: list[dict[str, str]]) -> None:
    events = [row for row in rows if row["onset.event"]]
    assert {row["onset.state"] for row in events} == {"confirmed"}
    device_ns = [int(row["onset.device_ns"]) for row in events]
    assert device_ns == sorted(set(device_ns))
    assert all(0.0 < float(row["onset.bound_ms"]) < 50.0 for row in events)
    assert {row["neon.events"] for row in rows} == {f"{TRIALS} of {TRIALS} events confirmed"}


def test_event_times_are_on_the_clock_of_psychopys_own_columns(rows: list[dict[str, str]]) -> None:
    events = [row for row in rows if row["onset.event"]]
    apart_s = [abs(float(row["onset.time_s"]) - float(row["target.started"])) for row in events]
    assert max(apart_s) < 0.1


def test_the_csv_sums_gaze_up(rows: list[dict[str, str]]) -> None:
    trials = [row for row in rows if row["trials.thisN"]]
    assert all(int(row["neonGaze.frames"]) > 10 for row in trials)
    assert all(float(row["neonGaze.valid_fraction"]) > 0.5 for row in trials)
    assert all(0 <= float(row["neonGaze.median_age_s"]) < 0.1 for row in trials)


def test_the_hdf5_file_holds_gaze_in_order(report: dict[str, Any]) -> None:
    import tables

    with tables.open_file(report["files"]["hdf5"]) as file:
        rows = file.root.data_collection.events.eyetracker.BinocularEyeSampleEvent[:]
    assert len(rows) == report["gaze_saved"]
    assert (np.diff(rows["device_time"]) > 0).all()
    assert ((rows["status"] == 0) == ~np.isnan(rows["left_gaze_x"])).all()


# -- the screenshot -------------------------------------------------------------------------------


def test_the_screenshot_shows_the_tags_where_they_belong(screenshot: Any) -> None:
    from psychopy_neon.screen.detector import MarkerDetector
    from psychopy_neon.screen.markers import frame_layout

    luma = np.ascontiguousarray(screenshot.mean(axis=2).astype(np.uint8))
    found = MarkerDetector(range(20)).detect(luma)
    layout = frame_layout((1280, 720))
    order = np.argsort(found.ids)
    assert list(found.ids[order]) == [marker.tag_id for marker in layout.markers]
    # Centres of pixels against edges: half a pixel apart by convention.
    assert np.abs(found.corners_px[order] + 0.5 - layout.corners_px()).max() < 1.0


def test_the_screenshot_shows_the_target_of_a_trial(
    screenshot: Any, conditions: list[dict[str, str]]
) -> None:
    x, y = _middle(_is_green(screenshot) | _is_red(screenshot))
    places = [
        (640 + 720 * float(row["target_x"]), 360 - 720 * float(row["target_y"]))
        for row in conditions
    ]
    assert min(np.hypot(x - px, y - py) for px, py in places) < 3


def test_the_screenshot_shows_gaze_on_the_target_that_notices_it(screenshot: Any) -> None:
    target, gaze = _middle(_is_green(screenshot)), _middle(_is_red(screenshot))
    assert np.hypot(gaze[0] - target[0], gaze[1] - target[1]) < TARGET_RADIUS_PX / 2


def _is_green(picture: Any) -> Any:
    red, green, blue = np.moveaxis(picture, 2, 0)
    return (green > 150) & (red < 110) & (blue < 110)


def _is_red(picture: Any) -> Any:
    red, green, blue = np.moveaxis(picture, 2, 0)
    return (red > 200) & (green < 60) & (blue < 60)
