"""Columns, trials and the one time axis."""

from __future__ import annotations

import gzip
import io
import math
from pathlib import Path

import numpy as np
import pytest

from psychopy_neon.export.bids_files import write_recording, write_table
from psychopy_neon.export.columns import Columns, from_records, length, sorted_by, write_rows
from psychopy_neon.export.gaze_samples import tidy_samples
from psychopy_neon.export.run import Run
from psychopy_neon.export.run_clock import RunClock
from psychopy_neon.export.run_files import RunFiles
from psychopy_neon.export.screen import Screen, WindowPixels
from psychopy_neon.export.tidy_csv import write_csv
from psychopy_neon.export.trials import read_trials, trial_of


def _written(columns: dict[str, np.ndarray], delimiter: str = ",", missing: str = "") -> list[str]:
    file = io.StringIO()
    write_rows(columns, file, delimiter=delimiter, missing=missing)
    return file.getvalue().splitlines()


def test_numbers_keep_the_digits_that_they_have() -> None:
    columns = {
        "a": np.array([1_795_364_907_810_000_000]),
        "b": np.array([1_795_364_907.8150003]),
        "c": np.array([0.1], np.float32),
    }
    assert _written(columns) == ["1795364907810000000,1795364907.8150003,0.1"]


def test_what_is_missing_is_empty_or_n_a() -> None:
    columns = {"a": np.array([math.nan]), "b": np.array(["", None], object)[:1]}
    assert _written(columns) == [","]
    assert _written(columns, "\t", "n/a") == ["n/a\tn/a"]


def test_bytes_are_written_as_the_text_that_they_are() -> None:
    assert _written({"a": np.array(["é".encode(), b"\xff"], "S4")}) == ["é", "�"]


def test_text_cannot_break_a_row() -> None:
    columns = {"name": np.array(['say "a, b"\tand\nc'], object)}
    assert _written(columns, "\t", "n/a") == ['say "a, b" and c']
    assert len(_written({"name": np.array(['say "a, b"'], object), "x": np.array([1])})) == 1


def test_text_that_is_not_unicode_can_be_written(tmp_path: Path) -> None:
    """As the name of a file that somebody else has called "bild\xe4" in Latin-1, on Linux."""
    columns = {"name": np.array(["bild\udce4.png"], object)}
    empty: Columns = {}
    run = Run(RunFiles("r", tmp_path / "r.hdf5", None, None), empty, columns, empty, empty, empty)
    packed, _ = write_recording(tmp_path / "physio", columns, {})
    for path in (*write_csv(run), write_table(tmp_path / "events", columns, {})[0]):
        assert r"bild\udce4.png" in path.read_text("utf-8")
    assert rb"bild\udce4.png" in gzip.decompress(packed.read_bytes())


def test_columns_of_records_have_their_types() -> None:
    columns = from_records(("a", "b", "c"), [(2, 0.5, "x"), (1, 2, "y")])
    assert [columns[name].dtype.kind for name in "abc"] == ["i", "f", "O"]
    assert sorted_by(columns, "a")["c"].tolist() == ["y", "x"]
    assert length(columns) == 2 and length({}) == 0


def _trials_file(folder: Path, text: str) -> Path:
    path = folder / "run.csv"
    path.write_text(text, "utf-8-sig")
    return path


def test_trials_begin_with_psychopys_row_or_with_what_started_first(tmp_path: Path) -> None:
    path = _trials_file(
        tmp_path,
        "thisRow.t,cue.started,target.started,target.stopped,key\n"
        "1.0,1.5,2.0,2.5,left\n,4.5,4.0,5.5,\n",
    )
    trials = read_trials(path)
    assert trials["start_s"].tolist() == [1.0, 4.0]
    assert trials["end_s"].tolist() == [4.0, 5.5]
    assert trials["key"].tolist() == ["left", ""]
    assert trial_of(np.array([0.5, 1.0, 3.9, 4.0, 6.0]), trials).tolist() == [0, 1, 1, 2, 0]


def test_columns_of_psychopy_do_not_take_the_place_of_ours(tmp_path: Path) -> None:
    path = _trials_file(tmp_path, "thisRow.t,trial,end_s,\n1.0,left,0.3,\n2.0,right,0.4,\n")
    trials = read_trials(path)
    assert trial_of(np.array([1.5, 2.5]), trials).tolist() == [1, 2]
    assert trials["psychopy_trial"].tolist() == ["left", "right"]
    assert trials["psychopy_end_s"].tolist() == ["0.3", "0.4"]


def test_a_field_may_hold_all_that_a_mouse_did_in_minutes(tmp_path: Path) -> None:
    places = ", ".join(["0.123456789"] * 100_000)
    trials = read_trials(_trials_file(tmp_path, f'thisRow.t,mouse.x,\n1.0,"[{places}]",\n'))
    assert trials["mouse.x"].tolist() == [f"[{places}]"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_builder_may_separate_columns_by_something_else(tmp_path: Path, delimiter: str) -> None:
    text = "thisRow.t,key,\n1.0,left,\n2.0,right,\n".replace(",", delimiter)
    trials = read_trials(_trials_file(tmp_path, text))
    assert trials["start_s"].tolist() == [1.0, 2.0]
    assert trials["key"].tolist() == ["left", "right"]


def test_a_run_without_trials_has_none(tmp_path: Path) -> None:
    assert read_trials(None) == {} and read_trials(_trials_file(tmp_path, "")) == {}
    assert trial_of(np.array([1.0]), {}).tolist() == [0]


def test_without_a_ledger_times_stay_as_iohub_saved_them() -> None:
    table = np.array([(1.5, 7.0), (0.5, 8.0)], [("time", "f8"), ("device_time", "f8")])
    clock = RunClock([], table)
    assert clock.times(table).tolist() == [1.5, 0.5]
    assert math.isnan(clock.from_raw(3.0))


def test_a_file_without_samples_has_none() -> None:
    empty = np.empty(0, [("time", "f8"), ("device_time", "f8")])
    assert tidy_samples({}, RunClock([], empty)) == {}


@pytest.mark.parametrize(
    ("norm", "pixel"), [((-1, 1), (0, 0)), ((0, 0), (640, 360)), ((1, -1), (1280, 720))]
)
def test_gaze_in_pixels_starts_top_left(
    norm: tuple[float, float], pixel: tuple[float, float]
) -> None:
    poses = {
        "units_per_norm_x": np.array([8 / 9]),
        "units_per_norm_y": np.array([0.5]),
        "window_width_px": np.array([1280]),
        "window_height_px": np.array([720]),
    }
    pixels = WindowPixels(poses, Screen())
    x, y = pixels.convert(np.array([norm[0] * 8 / 9]), np.array([norm[1] * 0.5]))
    assert (x[0], y[0]) == pytest.approx(pixel)
    assert pixels.unit == "pixel"


@pytest.mark.parametrize("told", [{}, {"window_width_px": [0], "window_height_px": [0]}])
def test_a_run_that_does_not_tell_the_windows_size_goes_by_what_is_given(
    told: dict[str, list[int]],
) -> None:
    units = {"units_per_norm_x": [1.0], "units_per_norm_y": [1.0]}
    poses = {name: np.array(values) for name, values in {**units, **told}.items()}
    pixels = WindowPixels(poses, Screen(size_px=(1920, 1080)))
    assert (pixels.unit, pixels.size_px) == ("pixel", (1920, 1080))
    x, y = pixels.convert(np.array([0.5]), np.array([0.5]))
    assert (x[0], y[0]) == (1440.0, 270.0)
    assert WindowPixels(poses, Screen()).unit == "arbitrary"


def test_gaze_whose_window_is_not_known_stays_as_it_is() -> None:
    pixels = WindowPixels({}, Screen(size_px=(1920, 1080)))
    assert pixels.unit == "arbitrary"
    assert pixels.convert(np.array([0.25]), np.array([0.5]))[0].tolist() == [0.25]
