"""The files of a real run, as tidy CSV and as BIDS."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psychopy_neon.cli.main import main
from psychopy_neon.export import BidsName, Screen, find_run, read_run, write_bids

Rows = list[dict[str, str]]
Described = tuple[list[list[str]], dict[str, Any]]
STEM = "sub-01_task-look"


@pytest.fixture(scope="module")
def run(session: Any) -> Any:
    return read_run(session.folder)


@pytest.fixture(scope="module")
def csv_files(session: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """What ``psychopy-neon export`` wrote, rows by name of the table."""
    folder = tmp_path_factory.mktemp("csv")
    assert main(["export", str(session.folder / "run.csv"), "-o", str(folder)]) == 0
    files = {}
    for path in folder.glob("run_neon_*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            files[path.stem.removeprefix("run_neon_")] = list(csv.DictReader(file))
    return files


@pytest.fixture(scope="module")
def bids(session: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bids")
    screen = ["--screen-m", "0.53x0.30", "--distance-m", "0.6"]
    names = ["--bids", str(root), "--sub", "01", "--task", "look"]
    assert main(["export", str(session.folder), *names, *screen]) == 0
    return root


def _described(bids: Path, name: str) -> Described:
    folder = bids / "sub-01" / "beh"
    with gzip.open(folder / f"{STEM}_{name}.tsv.gz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return rows, json.loads((folder / f"{STEM}_{name}.json").read_text("utf-8"))


# -- CSV ------------------------------------------------------------------------------------------


def test_every_table_is_a_file(csv_files: dict[str, Rows]) -> None:
    assert set(csv_files) == {"samples", "events", "trials", "motion", "poses"}


def test_samples_are_those_of_the_data_file(csv_files: dict[str, Rows], rows: Any) -> None:
    samples = csv_files["samples"]
    assert len(samples) == len(rows)
    assert float(samples[-1]["time_s"]) == pytest.approx(rows[-1]["time"], abs=1e-9)
    newest = int(np.flatnonzero(rows["status"] == 0)[-1])  # the last ones may be of a blink
    gaze_x = float(samples[newest]["live_gaze_x"])
    assert gaze_x == pytest.approx(rows[newest]["left_gaze_x"], abs=1e-5)
    assert {row["gaze_valid"] for row in samples} == {"0", "1"}
    assert all((row["gaze_x"] == "") == (row["gaze_valid"] == "0") for row in samples)
    assert 2 < float(samples[0]["left_pupil_mm"]) < 8
    assert samples[0]["right_lid_aperture_mm"] and samples[0]["worn"] == "1"


def test_gaze_is_settled_and_what_the_experiment_saw_stands_beside_it(
    csv_files: dict[str, Rows], data_tables: dict[str, Any]
) -> None:
    samples = {int(row["device_ns"]): row for row in csv_files["samples"]}
    settled = data_tables["NeonSettledGazeEvent"]
    for each in settled[::25]:
        row = samples[int(each["device_ns"])]
        assert row["gaze_source"] == "settled"
        assert row["gaze_problem"] == each["gaze_problem"].decode()
        if row["gaze_valid"] == "1":
            assert float(row["gaze_x"]) == pytest.approx(each["gaze_x"], abs=1e-6)
            assert row["uncorrected_gaze_x"] == row["gaze_x"]
    live = [row for row in samples.values() if row["gaze_source"] == "live"]
    assert len(live) == len(samples) - len(settled)
    assert all(row["gaze_x"] == row["live_gaze_x"] for row in live)
    assert {row["correction_version"] for row in samples.values()} == {"0"}


def test_all_times_are_on_one_axis_though_the_zero_was_moved(run: Any, rows: Any) -> None:
    assert np.diff(rows["time"]).min() < -0.5  # in the data file they are not
    steps = np.diff(run.samples["time_s"])
    true_steps = np.diff(run.samples["device_time_s"])
    assert np.abs(steps - true_steps).max() < 0.002


def test_events_tell_eye_movements_and_what_the_experiment_sent(run: Any) -> None:
    events = run.events
    kinds = set(events["kind"].tolist())
    assert kinds == {"fixation", "saccade", "blink", "event", "message"}
    assert (np.diff(events["time_s"]) >= 0).all()
    names = events["name"].tolist()
    assert {"look left", "a quarter earlier", "too late", "all is said"} <= set(names)
    late = names.index("too late")
    assert events["state"][late] == "unconfirmed"
    saccade = events["kind"] == "saccade"
    assert (events["amplitude_deg"][saccade] > 0).all()
    assert (events["duration_s"][saccade] > 0).all()


def test_the_participant_looked_after_the_event_that_said_so(run: Any) -> None:
    events = run.events
    said_s = events["time_s"][events["name"].tolist().index("look left")]
    after = (events["kind"] == "saccade") & (events["time_s"] > said_s)
    assert 0.02 < events["time_s"][after][0] - said_s < 0.15  # reaction time 0.05 s


def test_trials_and_what_lies_in_them(run: Any, csv_files: dict[str, Rows]) -> None:
    trials = csv_files["trials"]
    assert [row["trial"] for row in trials] == ["1", "2"]
    start_s, end_s = (float(trials[1][name]) for name in ("start_s", "end_s"))
    assert start_s == float(trials[1]["stimulus.started"])
    assert end_s == float(trials[1]["stimulus.stopped"])
    inside = (run.samples["time_s"] >= start_s) & (run.samples["time_s"] < end_s)
    assert ((run.samples["trial"] == 2) == inside).all()
    assert inside.sum() > 350


# -- BIDS -----------------------------------------------------------------------------------------


def test_each_eye_and_both_together_have_a_recording(bids: Path) -> None:
    eyes = {label: _described(bids, f"recording-{label}_physio") for label in EYES}
    for label, (rows, about) in eyes.items():
        assert about["Columns"][:4] == ["timestamp", "x_coordinate", "y_coordinate", "pupil_size"]
        assert {len(row) for row in rows} == {len(about["Columns"])}
        assert about["PhysioType"] == "eyetrack" and about["RecordedEye"] == EYES[label]
        assert about["SampleCoordinateSystem"] == "gaze-on-screen"
        assert about["SamplingFrequency"] == pytest.approx(200, rel=0.01)
        assert about["StartTime"] == pytest.approx(float(rows[0][0]))
        assert all(about[axis]["Units"] == "pixel" for axis in ("x_coordinate", "y_coordinate"))
        assert set(about["Columns"]) <= {*about, "timestamp"}  # each is described
        assert about["DeviceSerialNumber"] == "123456"


EYES = {"eye1": "left", "eye2": "right", "eye3": "cyclopean"}


def test_gaze_is_in_pixels_of_the_window_and_of_both_eyes_only(bids: Path) -> None:
    both, _ = _described(bids, "recording-eye3_physio")
    valid = [row for row in both if row[1] != "n/a"]  # the last ones may be of a blink
    x, y = (float(text) for text in valid[-1][1:3])
    assert x == pytest.approx((0.5 + 1) * 1280 / 2, abs=15)
    assert y == pytest.approx((1 - 0.4) * 720 / 2, abs=15)
    left, _ = _described(bids, "recording-eye1_physio")
    assert {row[1] for row in left} == {"n/a"}


def test_eye_movements_and_events_stand_on_the_clock_of_the_samples(bids: Path) -> None:
    rows, about = _described(bids, "recording-eye3_physioevents")
    assert about["OnsetSource"] == "timestamp"
    assert about["Columns"][:4] == ["onset", "duration", "trial_type", "message"]
    kinds = {row[2] for row in rows}
    assert kinds == {"fixation", "saccade", "blink", "n/a"}
    assert {"look left", "all is said"} <= {row[3] for row in rows}


def test_the_experiment_and_its_screen_are_described(bids: Path) -> None:
    folder = bids / "sub-01" / "beh"
    with (folder / f"{STEM}_events.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["trial"] for row in rows if row["trial_type"] == "trial"] == ["1", "2"]
    assert "look left" in {row["trial_type"] for row in rows}
    about = json.loads((folder / f"{STEM}_events.json").read_text("utf-8"))
    assert about["TaskName"] == "look"
    assert about["StimulusPresentation"] == {
        "ScreenDistance": 0.6,
        "ScreenOrigin": ["top", "left"],
        "ScreenResolution": [1280, 720],
        "ScreenSize": [0.53, 0.3],
    }
    dataset = json.loads((bids / "dataset_description.json").read_text("utf-8"))
    assert dataset["BIDSVersion"].startswith("1.11") and dataset["Name"]


def test_equal_data_give_equal_files(run: Any, tmp_path: Path) -> None:
    name = BidsName("02", "look", "pre", 3)
    first = [path.read_bytes() for path in write_bids(run, tmp_path, name)]
    again = write_bids(run, tmp_path, name, Screen())
    assert [path.read_bytes() for path in again] == first[1:]  # the dataset is described already
    assert again[0].name == "sub-02_ses-pre_task-look_run-3_recording-eye1_physio.tsv.gz"


@pytest.mark.parametrize("given", ["run.hdf5", "run", "run_neon_events.jsonl", "run.csv", ""])
def test_a_run_is_found_by_any_of_its_files(session: Any, given: str) -> None:
    files = find_run(session.folder / given)
    assert files.hdf5.name == "run.hdf5" and files.name == "run"
    assert files.journal is not None and files.journal.name == "run_neon_events.jsonl"
    assert files.trials is not None and files.trials.name == "run.csv"
