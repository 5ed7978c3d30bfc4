"""Settled gaze in the data file of a real ioHub: every saved sample again, as it is known later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

HEIGHT_UNITS_PER_NORM = (8 / 9, 0.5)
PERIOD_S = 0.005
TAIL = 0.5 / PERIOD_S  # without pictures a sample waits half a second, and then the phone was dead

Truth = list[dict[str, Any]]


@pytest.fixture(scope="module")
def settled(data_tables: dict[str, Any]) -> Any:
    return data_tables["NeonSettledGazeEvent"]


def test_saved_samples_settle_once_and_in_order(settled: Any, data_tables: dict[str, Any]) -> None:
    saved = data_tables["NeonSampleEvent"]["device_ns"]
    assert (np.diff(settled["device_ns"]) > 0).all()
    assert set(settled["device_ns"]) <= set(saved)
    assert len(saved) - len(settled) <= TAIL
    assert settled["device_ns"][0] == saved[0]


def test_samples_from_before_a_pause_of_the_saving_settle_as_well(
    settled: Any, data_tables: dict[str, Any]
) -> None:
    saved = data_tables["NeonSampleEvent"]["device_ns"]
    pause = int(np.argmax(np.diff(saved)))  # while the clock was set
    assert saved[pause] in settled["device_ns"]


def test_most_rest_on_the_pictures_before_and_after_them(settled: Any) -> None:
    valid = settled[settled["gaze_problem"] == b""]
    assert len(valid) > 200
    assert (valid["pose_source"] == b"interpolated").mean() > 0.9
    assert np.median(valid["expected_error_deg"]) < 0.2
    assert (valid["tags"] >= 3).all()


def test_settled_gaze_is_where_the_participant_looked(settled: Any, truth: Truth) -> None:
    gaze = [line for line in truth if line["kind"] == "gaze"]
    places = {line["device_ns"]: (line["screen_x"], line["screen_y"]) for line in gaze}
    valid = settled[settled["gaze_problem"] == b""]
    known = valid[np.isin(valid["device_ns"], list(places))]
    assert len(known) > 200
    for axis, field in enumerate(("gaze_x", "gaze_y")):
        true = np.array([places[each][axis] for each in known["device_ns"].tolist()])
        errors = np.abs(known[field] - true * HEIGHT_UNITS_PER_NORM[axis])
        assert np.percentile(errors, 95) < 0.01


def test_without_a_correction_both_places_are_the_same(
    settled: Any, data_tables: dict[str, Any]
) -> None:
    for axis in "xy":
        same = settled[f"gaze_{axis}"] == settled[f"uncorrected_{axis}"]
        assert (same | np.isnan(settled[f"gaze_{axis}"])).all()
    assert set(settled["correction_version"]) == {0}
    assert set(data_tables["NeonSampleEvent"]["correction_version"]) == {0}


def test_it_is_told_as_soon_as_it_is_known(settled: Any) -> None:
    delays_s = settled["logged_time"] - settled["time"]
    assert np.median(delays_s) < 1.0 and (delays_s > 0).all()
