"""Samples of a real ioHub: what the experiment reads, and what the data file holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

PERIOD_S = 0.005
PLACES = {"at_start": (0.5, 0.4), "at_left": (-0.5, -0.3)}  # norm, as in hub_session.py
HEIGHT_UNITS_PER_NORM = (8 / 9, 0.5)
NEAR = 0.03
CLOCK_ERROR_S = 0.002

Truth = list[dict[str, Any]]


# -- read by the experiment -----------------------------------------------------------------------


def test_samples_flow_only_while_recording_is_enabled(seen: dict[str, Any]) -> None:
    assert seen["enabled_at_first"] is False and seen["sample_before_recording"] is None
    assert seen["early_set_recording"] is True and seen["early_stop"] is False
    assert seen["set_recording"] is True and seen["enabled"] is True
    assert seen["disabled"] is False and seen["enabled_at_end"] is False


def test_psychopys_validation_gets_samples_in_its_own_way(seen: dict[str, Any]) -> None:
    assert seen["reporting_at_first"] is False
    assert seen["enabled_as_by_validation"] is True
    assert seen["disabled_as_by_validation"] is False


def test_regions_of_interest_get_gaze_also_while_recording_is_not_enabled(
    seen: dict[str, Any],
) -> None:
    assert len(seen["gaze_before_recording"]) == 2


def test_event_reporting_alone_does_not_start_sampling(seen: dict[str, Any]) -> None:
    assert seen["enabled_by_reporting"] is False


@pytest.mark.parametrize("moment", PLACES)
@pytest.mark.parametrize("method", ["getLastGazePosition", "getPosition", "getPos"])
def test_gaze_is_where_the_participant_looks_in_the_windows_units(
    seen: dict[str, Any], moment: str, method: str
) -> None:
    place = [norm * unit for norm, unit in zip(PLACES[moment], HEIGHT_UNITS_PER_NORM, strict=True)]
    assert seen[moment][method] == pytest.approx(place, abs=NEAR)


@pytest.mark.parametrize("moment", PLACES)
def test_the_newest_sample_has_the_fields_of_its_class(
    seen: dict[str, Any], moment: str, sample_classes: Any
) -> None:
    names = sample_classes.BinocularEyeSampleEvent.CLASS_ATTRIBUTE_NAMES
    sample = dict(zip(names, seen[moment]["getLastSample"], strict=True))
    assert sample["type"] == 52 and sample["status"] == 0
    place = [norm * unit for norm, unit in zip(PLACES[moment], HEIGHT_UNITS_PER_NORM, strict=True)]
    assert [sample["left_gaze_x"], sample["left_gaze_y"]] == pytest.approx(place, abs=NEAR)


def test_one_reply_is_short_and_one_call_returns_all_the_same(seen: dict[str, Any]) -> None:
    assert 30 <= seen["reply_read"] <= 40
    assert 0.85 * 200 < seen["samples_read"] / seen["sampled_s"] < 1.1 * 200
    assert seen["sample_read_gaze"] == pytest.approx([0.444, 0.2], abs=NEAR)


def test_the_common_buffer_is_read_whole_or_its_loss_is_told(
    seen: dict[str, Any], session: Any
) -> None:
    """The answer to one call holds some thousand events, and may be too long for its way."""
    told = "its events are lost to this script" in (session.folder / "psychopy.log").read_text()
    assert told or seen["common_samples"] >= seen["samples_read"]


def test_fixations_and_saccades_are_read_with_the_samples(seen: dict[str, Any]) -> None:
    assert {
        *("BinocularEyeSampleEventNT", "FixationStartEventNT", "FixationEndEventNT"),
        *("SaccadeStartEventNT", "SaccadeEndEventNT"),
    } <= set(seen["classes_read"])
    assert not any(name.startswith("Neon") for name in seen["classes_read"])


def test_what_only_neon_sends_is_read_by_its_type(seen: dict[str, Any]) -> None:
    own = seen["own_read"]
    assert own["NEON_SAMPLE"] >= seen["samples_read"]
    assert own["NEON_IMU"] > 150 and own["NEON_SCREEN_POSE"] > 10
    assert own["NEON_EYE_MOVEMENT"] >= 4


# -- the data file --------------------------------------------------------------------------------


def test_the_file_holds_every_sample_once(rows: Any) -> None:
    steps = np.diff(rows["device_time"])
    pause = int(np.argmax(steps))  # while the clock was set
    steps = np.delete(steps, pause)
    assert (steps > 0).all()
    assert np.median(steps) == pytest.approx(PERIOD_S, abs=1e-5)
    assert np.sum(steps / PERIOD_S > 1.5) <= 0.01 * len(steps)
    assert len(rows) > 400


def test_the_file_holds_samples_of_one_class_only(data_tables: Any, rows: Any) -> None:
    assert len(data_tables["MonocularEyeSampleEvent"]) == 0
    assert set(rows["type"]) == {52}


def test_times_in_the_file_agree_with_the_truth_across_a_moved_zero(
    rows: Any, seen: dict[str, Any], raw_s: Callable[[Any], Any]
) -> None:
    true_s = raw_s(rows["device_time"])
    early = rows["time"] > true_s - (seen["early_zero_s"] + seen["zero_s"]) / 2
    zero_s = np.where(early, seen["early_zero_s"], seen["zero_s"])
    assert seen["zero_s"] - seen["early_zero_s"] > 0.5
    assert early.any() and not early[np.argmin(early) :].any()
    assert np.abs(rows["time"] - (true_s - zero_s)).max() < CLOCK_ERROR_S


def test_the_error_told_is_not_smaller_than_the_error(
    rows: Any, seen: dict[str, Any], raw_s: Callable[[Any], Any]
) -> None:
    before_ns, _, after_ns = seen["raw_clock"]
    ours_s = (after_ns - before_ns) / 1e9 + 0.0002  # of the truth as this test computes it
    late = rows[rows["time"] < raw_s(rows["device_time"]) - seen["zero_s"] + CLOCK_ERROR_S]
    errors_s = np.abs(late["time"] - (raw_s(late["device_time"]) - seen["zero_s"]))
    assert (errors_s <= late["confidence_interval"] / 2 + ours_s).all()
    assert (late["confidence_interval"] > 0).all()


def test_delays_are_those_of_a_local_network(rows: Any) -> None:
    delays = rows["logged_time"] - rows["time"]
    assert np.allclose(delays, rows["delay"], atol=1e-4)
    assert (delays > -CLOCK_ERROR_S).all()
    assert np.median(delays) < 0.05


def test_gaze_in_the_file_is_where_the_participant_looked(rows: Any, truth: Truth) -> None:
    gaze = [line for line in truth if line["kind"] == "gaze"]
    times_s = np.array([line["device_ns"] for line in gaze]) / 1e9
    valid = rows[(rows["status"] == 0) & (rows["device_time"] < times_s[-1])]
    assert len(valid) > 200
    nearest = np.searchsorted(times_s, valid["device_time"] - PERIOD_S / 2)
    assert np.abs(times_s[nearest] - valid["device_time"]).max() < PERIOD_S / 2
    for field, name, axis in (("left_gaze_x", "screen_x", 0), ("left_gaze_y", "screen_y", 1)):
        true = np.array([line[name] for line in gaze])[nearest]
        errors = np.abs(valid[field] - true * HEIGHT_UNITS_PER_NORM[axis])
        assert np.percentile(errors, 95) < 0.01


def test_pupils_are_kept_in_millimetres(rows: Any) -> None:
    assert 2 < np.median(rows["right_pupil_measure1"]) < 8
    assert set(rows["left_pupil_measure1_type"]) == {77}  # ioHub's code of a diameter in mm


def test_status_tells_missing_gaze_in_the_file(rows: Any) -> None:
    missing = np.isnan(rows["left_gaze_x"])
    assert missing.any() and not missing.all()
    assert (rows["status"][missing] != 0).all()
    assert (rows["status"][~missing] == 0).all()
