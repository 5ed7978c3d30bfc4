"""BIDS files of a run that is made by hand, value by value."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.export import BidsName, Screen, write_bids
from psychopy_neon.export.bids_samples import EYES
from psychopy_neon.export.corrections import NAMES as CORRECTION_NAMES
from psychopy_neon.export.run import Run
from psychopy_neon.export.run_events import NAMES as EVENT_NAMES
from psychopy_neon.export.run_files import RunFiles

NAN = math.nan
NAME = BidsName("01", "look")
Table = list[list[str]]
Read = Callable[[str], tuple[Table, dict[str, Any]]]

SAMPLES = {  # the second is of before the first
    "time_s": [2.005, 2.0, 2.01],
    "trial": [1, 1, 0],
    "time_error_s": [1e-4, 2e-4, 3e-4],
    "gaze_x": [0.0, -1.0, NAN],
    "gaze_y": [0.0, 1.0, NAN],
    "gaze_valid": [1, 1, 0],
    "gaze_problem": ["", "", "blink"],
    "live_gaze_x": [0.5, -0.5, NAN],
    "live_gaze_y": [0.5, -0.5, NAN],
    "raw_x_px": [800.0, 801.0, 802.0],
    "raw_y_px": [600.0, 601.0, 602.0],
    "worn": [1, 1, 1],
    "left_pupil_mm": [3.0, 3.1, 3.2],
    "right_pupil_mm": [4.0, 4.1, 4.2],
    "left_eye_center_x_mm": [-30.0, -31.0, -32.0],
    "right_eye_center_x_mm": [30.0, 31.0, 32.0],
}
EVENTS: list[dict[str, Any]] = [
    {"time_s": 1.0, "duration_s": 0.0, "kind": "message", "name": "said"},
    {"time_s": 2.0, "duration_s": 0.2, "kind": "fixation", "name": "7", "x": 0.0, "y": 0.0},
    {"time_s": 2.2, "duration_s": 0.0, "kind": "event", "name": "go", "trial": 1},
    {"time_s": 2.3, "duration_s": 0.05, "kind": "saccade", "name": "", "x": 0.0, "y": 1.0,
     "end_x": 1.0, "end_y": -1.0, "amplitude_deg": 12.5},
    {"time_s": NAN, "duration_s": 0.0, "kind": "event", "name": "nobody knows when"},
]  # fmt: skip
TRIALS = {"trial": [1, 2, 3], "start_s": [1.5, 2.5, NAN], "end_s": [2.5, NAN, NAN]}
POSES = {
    "units_per_norm_x": [7.0, 1.0],
    "units_per_norm_y": [7.0, 1.0],
    "window_width_px": [640, 1280],
    "window_height_px": [480, 720],
}
CORRECTION = (3.5, 2, 1.0, -0.5, 0.01, 0.02, 0.03, 0.04, 5, 2.0, NAN)


def columns(table: dict[str, list[Any]]) -> dict[str, np.ndarray]:
    def kind(values: list[Any]) -> Any:
        return object if isinstance(values[0], str) else None

    return {name: np.array(values, kind(values)) for name, values in table.items()}


def events() -> dict[str, np.ndarray]:
    names = (*EVENT_NAMES, "trial")
    blank = {"name": "", "trial": 0}
    return columns({n: [each.get(n, blank.get(n, NAN)) for each in EVENTS] for n in names})


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(
        RunFiles("p01", tmp_path / "p01.hdf5", None, None),
        columns(SAMPLES),
        events(),
        columns(TRIALS),
        {},
        columns(POSES),
        "841684",
        columns(dict(zip(CORRECTION_NAMES, [[each] for each in CORRECTION], strict=True))),
    )


def read(root: Path, name: str) -> tuple[Table, dict[str, Any]]:
    stem = root / NAME.folder / f"{NAME.matches}_{name}"
    packed, plain = Path(f"{stem}.tsv.gz"), Path(f"{stem}.tsv")
    text = gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes()
    about = json.loads(Path(f"{stem}.json").read_text("utf-8"))
    return [line.split("\t") for line in text.decode().splitlines()], about


@pytest.fixture
def written(run: Run, tmp_path: Path) -> Read:
    write_bids(run, tmp_path / "study", NAME, Screen(size_m=(0.53, 0.3), distance_m=0.6))
    return lambda name: read(tmp_path / "study", name)


def test_gaze_is_in_the_order_of_time_in_pixels_of_the_last_window(written: Read) -> None:
    rows, about = written("recording-eye3_physio")
    assert [row[:4] for row in rows] == [
        ["2.0", "0.0", "0.0", "3.5999999999999996"],
        ["2.005", "640.0", "360.0", "3.5"],
        ["2.01", "n/a", "n/a", "3.7"],
    ]
    value = {name: [row[place] for row in rows] for place, name in enumerate(about["Columns"])}
    assert about["Columns"] == [
        *("timestamp", "x_coordinate", "y_coordinate", "pupil_size", "raw_x_px", "raw_y_px"),
        *("gaze_valid", "gaze_problem", "worn", "time_error_s", "live_gaze_x", "live_gaze_y"),
    ]
    assert value["raw_x_px"] == ["801.0", "800.0", "802.0"]
    assert value["gaze_problem"] == ["n/a", "n/a", "blink"]
    assert value["live_gaze_x"] == ["320.0", "960.0", "n/a"]
    assert value["live_gaze_y"] == ["540.0", "180.0", "n/a"]
    assert "left_eye_center_x_mm" not in value and "uncorrected_gaze_x" not in value


@pytest.mark.parametrize(
    ("label", "side", "pupils", "centers"),
    [
        ("eye1", "left", ["3.1", "3.0", "3.2"], ["-31.0", "-30.0", "-32.0"]),
        ("eye2", "right", ["4.1", "4.0", "4.2"], ["31.0", "30.0", "32.0"]),
    ],
)
def test_each_eye_has_its_own_columns_and_no_gaze(
    written: Read, label: str, side: str, pupils: list[str], centers: list[str]
) -> None:
    rows, about = written(f"recording-{label}_physio")
    assert about["Columns"] == [
        *("timestamp", "x_coordinate", "y_coordinate", "pupil_size", "eye_center_x_mm")
    ]
    assert rows == [
        [time, "n/a", "n/a", *own]
        for time, *own in zip(["2.0", "2.005", "2.01"], pupils, centers, strict=True)
    ]
    assert about["RecordedEye"] == side and "GazeCorrections" not in about
    assert about["pupil_size"] == {
        "Description": f"diameter of the pupil, {side} eye",
        "Units": "mm",
    }
    assert "cyclopean" in about["x_coordinate"]["Description"]
    assert about["eye_center_x_mm"]["Units"] == "mm"


def test_a_recording_is_described(written: Read) -> None:
    _, about = written("recording-eye3_physio")
    assert (about["StartTime"], about["SamplingFrequency"]) == (2.0, 200.0)
    assert (about["PhysioType"], about["RecordedEye"]) == ("eyetrack", "cyclopean")
    assert about["DeviceSerialNumber"] == "841684"
    assert about["x_coordinate"] == {
        "Description": "gaze on the window, to the right",
        "Units": "pixel",
    }
    assert about["y_coordinate"]["Description"] == "gaze on the window, down"
    assert about["pupil_size"]["Description"].endswith("mean of both eyes")
    assert (about["Manufacturer"], about["ManufacturersModelName"]) == ("Pupil Labs", "Neon")
    assert about["live_gaze_x"]["Units"] == about["live_gaze_y"]["Units"] == "pixel"
    assert "Units" not in about["worn"] and about["time_error_s"]["Units"] == "s"
    assert "gaze_source" not in about


@pytest.mark.parametrize(
    "name", [*(f"recording-{eye}_physio" for eye in EYES), "recording-eye3_physioevents", "events"]
)
def test_every_column_is_described_with_its_unit(written: Read, name: str) -> None:
    rows, about = written(name)
    for column in about.get("Columns", rows[0]):
        assert about[column]["Description"]
        assert about[column].get("Units", "pixel") in ("pixel", "mm", "s", "degree", "rad")


def test_times_and_movements_say_what_they_are_measured_in(written: Read) -> None:
    _, about = written("recording-eye3_physioevents")
    assert about["OnsetSource"] == "timestamp"
    assert (about["onset"]["Units"], about["duration"]["Units"]) == ("s", "s")
    assert about["amplitude"]["Units"] == "degree"
    _, about = written("recording-eye3_physio")
    assert about["timestamp"]["Units"] == "s" and "Origin" in about["timestamp"]
    _, about = written("events")
    assert (about["onset"]["Units"], about["duration"]["Units"]) == ("s", "s")


def test_corrections_of_gaze_are_described_with_their_numbers(written: Read) -> None:
    _, about = written("recording-eye3_physio")
    assert about["GazeCorrections"]["Corrections"] == [
        {
            "Onset": 3.5,
            "Version": 2,
            "OffsetDegrees": [1.0, -0.5],
            "Linear": [[0.01, 0.02], [0.03, 0.04]],
            "Targets": 5,
            "ExpectedErrorDegrees": None,
        }
    ]


def test_movements_have_their_kind_and_events_their_name(written: Read) -> None:
    rows, about = written("recording-eye3_physioevents")
    assert about["Columns"] == [
        *("onset", "duration", "trial_type", "message", "x", "y", "end_x", "end_y", "amplitude")
    ]
    nowhere = ["n/a"] * 5
    assert rows == [
        ["1.0", "0.0", "n/a", "said", *nowhere],
        ["2.0", "0.2", "fixation", "n/a", "640.0", "360.0", *nowhere[:3]],
        ["2.2", "0.0", "n/a", "go", *nowhere],
        ["2.3", "0.05", "saccade", "n/a", "640.0", "0.0", "1280.0", "720.0", "12.5"],
    ]  # an onset must be a number: what has none is left out
    assert {about[name]["Units"] for name in ("x", "y", "end_x", "end_y")} == {"pixel"}
    assert set(about["trial_type"]["Levels"]) == {"fixation", "saccade", "blink"}


def test_trials_and_events_of_the_experiment_are_in_the_order_of_time(written: Read) -> None:
    rows, about = written("events")
    assert rows == [
        ["onset", "duration", "trial_type", "trial"],
        ["1.5", "1.0", "trial", "1"],
        ["2.2", "0.0", "go", "1"],
        ["2.5", "n/a", "trial", "2"],
    ]
    assert about["TaskName"] == "look"
    assert about["StimulusPresentation"] == {
        "ScreenDistance": 0.6,
        "ScreenOrigin": ["top", "left"],
        "ScreenResolution": [1280, 720],
        "ScreenSize": [0.53, 0.3],
    }


def test_a_phone_without_eye_state_has_the_recording_of_both_eyes_only(
    run: Run, tmp_path: Path
) -> None:
    samples = {name: run.samples[name] for name in run.samples if "_mm" not in name}
    bare = replace(run, samples=samples, events={}, trials={}, module_serial="", corrections={})
    names = [path.name for path in write_bids(bare, tmp_path / "study", NAME)]
    assert names == [
        "dataset_description.json",
        "sub-01_task-look_recording-eye3_physio.tsv.gz",
        "sub-01_task-look_recording-eye3_physio.json",
        "sub-01_task-look_events.tsv",
        "sub-01_task-look_events.json",
    ]
    _, about = read(tmp_path / "study", "recording-eye3_physio")
    assert not {"pupil_size", "DeviceSerialNumber", "GazeCorrections"} & set(about)
    assert read(tmp_path / "study", "events")[0] == [["onset", "duration", "trial_type", "trial"]]


def test_what_nobody_knows_of_the_screen_is_said_to_be_unknown(run: Run, tmp_path: Path) -> None:
    write_bids(replace(run, poses={}), tmp_path / "study", NAME)
    rows, about = read(tmp_path / "study", "recording-eye3_physio")
    assert rows[0][1:3] == ["-1.0", "1.0"]
    assert about["x_coordinate"] == {
        "Description": "gaze on the window, to the right, in its own units",
        "Units": "arbitrary",
    }
    assert about["y_coordinate"]["Description"] == "gaze on the window, up, in its own units"
    _, about = read(tmp_path / "study", "events")
    assert about["StimulusPresentation"] == {
        "ScreenDistance": "n/a",
        "ScreenOrigin": ["top", "left"],
        "ScreenResolution": "n/a",
        "ScreenSize": "n/a",
    }


def test_a_dataset_that_is_described_already_keeps_its_description(
    run: Run, tmp_path: Path
) -> None:
    root = tmp_path / "Müller"
    first = write_bids(run, root, NAME)
    assert first[0] == root / "dataset_description.json"
    assert "Müller" in first[0].read_text("utf-8")
    assert json.loads(first[0].read_text("utf-8")) == {
        "Name": "Müller",
        "BIDSVersion": "1.11.1",
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "psychopy-neon"}],
    }
    first[0].write_text("mine")
    assert first[0] not in write_bids(run, root, NAME) and first[0].read_text() == "mine"


def test_neither_the_names_nor_the_time_of_writing_are_in_a_compressed_file(
    run: Run, tmp_path: Path
) -> None:
    packed = [path for path in write_bids(run, tmp_path / "a", NAME) if path.suffix == ".gz"]
    assert len(packed) == 4
    for path in packed:
        flags_and_time = path.read_bytes()[3:8]
        assert flags_and_time == bytes(5)


def test_a_single_sample_has_the_rate_that_neon_has(run: Run, tmp_path: Path) -> None:
    alone = {name: values[:1] for name, values in run.samples.items()}
    write_bids(replace(run, samples=alone), tmp_path / "study", NAME)
    _, about = read(tmp_path / "study", "recording-eye3_physio")
    assert (about["SamplingFrequency"], about["StartTime"]) == (200.0, 2.005)


def test_a_run_without_samples_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no gaze samples"):
        write_bids(replace(run, samples={}), tmp_path / "study", NAME)
    assert not (tmp_path / "study").exists()


def test_names_say_session_and_run_if_there_are_any() -> None:
    name = BidsName("02", "look", "pre", 3)
    assert (name.folder, name.matches) == ("sub-02/ses-pre/beh", "sub-02_ses-pre_task-look_run-3")
    assert (NAME.folder, NAME.matches) == ("sub-01/beh", "sub-01_task-look")
    with pytest.raises(UsageError, match="run is -1"):
        BidsName("02", "look", run=-1)
