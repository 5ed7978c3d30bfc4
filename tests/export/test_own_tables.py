"""Times and gaze samples out of ioHub's tables, of runs that are made by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from psychopy_neon.clock import ClockPair, Exchange
from psychopy_neon.export.gaze_samples import EYE_FIELDS, OWN_FIELDS, SIDES, tidy_samples
from psychopy_neon.export.run_clock import RunClock
from psychopy_neon.ledger.session import Session, SessionHead

S = 1_000_000_000
AHEAD_NS = 7_300_000_000
TIMES = [("time", "f8"), ("device_time", "f8")]


def session() -> Session:
    """Twenty seconds; PsychoPy's raw clock is a thousand seconds ahead of this computer's."""
    sent = [100 * S + n * S // 10 + n * 7919 for n in range(200)]
    probes = [Exchange(at, at + 200_000, (at + 100_000 + AHEAD_NS) // 1_000_000) for at in sent]
    pairs = [ClockPair(at * S, at + 1000.0, 100) for at in (100, 110, 120)]
    return Session(SessionHead(), probes=tuple(probes), pairs=tuple(pairs))


def table(*rows: tuple[float, float]) -> Any:
    """Rows of (seconds after the start, where the zero of ioHub's clock was then)."""
    return np.array([(1100 + at - zero, 100 + at + AHEAD_NS / S) for at, zero in rows], TIMES)


def test_what_was_saved_before_the_zero_was_moved_is_on_the_final_axis_too() -> None:
    saved = table((1, 1050), (2, 1050), (3, 1102.5), (4, 1102.5), (5, 1102.5))
    clock = RunClock([session()], saved)
    assert clock.times(saved) == pytest.approx([-1.5, -0.5, 0.5, 1.5, 2.5], abs=0.002)
    assert clock.times(saved)[2:].tolist() == saved["time"][2:].tolist()
    assert clock.from_raw(1104.0) == pytest.approx(1.5, abs=0.002)
    assert clock.times(table((6, 1102.5), (7, 1050))) == pytest.approx([3.5, 4.5], abs=0.002)
    assert clock.times(saved[:0]).tolist() == []


@pytest.mark.parametrize("last_s", [19.0, 11.0])  # after the times shown twice, and among them
def test_times_that_the_phones_clock_has_shown_twice_stay_as_iohub_saved_them(
    last_s: float,
) -> None:
    zero_s, set_back_s = 1102.5, 2.0
    at_s = np.arange(1.0, last_s, 0.005)
    ahead_s = AHEAD_NS / S - set_back_s * (at_s >= 10)
    saved = np.array(list(zip(1100 + at_s - zero_s, 100 + at_s + ahead_s, strict=True)), TIMES)
    probes = [
        replace(each, device_ms=each.device_ms - 2000 * (each.sent_host_ns >= 110 * S))
        for each in session().probes
    ]
    clock = RunClock([replace(session(), probes=tuple(probes))], saved)
    assert clock.times(saved).tolist() == saved["time"].tolist()
    assert clock.from_raw(1104.0) == pytest.approx(1.5, abs=0.002)
    assert clock.times(table((1, 1050), (2, 1050))) == pytest.approx([-1.5, -0.5], abs=0.002)


def test_without_samples_or_a_ledger_no_raw_time_is_known() -> None:
    saved = table((1, 1050))
    assert math.isnan(RunClock([session()], saved[:0]).from_raw(1104.0))
    assert math.isnan(RunClock([Session(SessionHead())], saved).from_raw(1104.0))


def binocular() -> Any:
    eye = [(f"{side}_{field}", "f4") for side in SIDES for field in EYE_FIELDS]
    kinds = [(f"{side}_pupil_measure1_type", "u1") for side in SIDES]
    gaze = [(f"left_{name}", "f4") for name in ("gaze_x", "gaze_y", "raw_x", "raw_y")]
    one = [("confidence_interval", "f4"), ("delay", "f4"), ("status", "u1")]
    made = np.zeros(2, [*TIMES, *one, *gaze, *kinds, *eye])
    made["time"], made["device_time"] = (1.0, 1.005), (50.0, 50.005)
    made["confidence_interval"], made["delay"], made["status"] = 0.004, 0.02, (0, 2)
    made["left_gaze_x"], made["left_gaze_y"] = (0.25, math.nan), (-0.5, math.nan)
    made["left_raw_x"], made["left_raw_y"] = (800, 801), (600, 601)
    for place, name in enumerate(made.dtype.names[-2 * len(EYE_FIELDS) :]):
        made[name] = place
    made["left_pupil_measure1_type"], made["right_pupil_measure1_type"] = (77, 0), 77
    return made


def own() -> Any:
    fields = [(f"{side}_{field}", "f4") for side in SIDES for field in OWN_FIELDS]
    one = [("device_ns", "i8"), ("worn", "u1"), ("gaze_problem", "S16"), ("tags", "u1")]
    rest = [("pose_age_s", "f4"), ("correction_version", "u2")]
    made = np.zeros(1, [*TIMES, *one, *rest, *fields])
    made["device_time"], made["device_ns"], made["worn"] = 50.0, 50 * S, 1
    made["gaze_problem"], made["tags"], made["pose_age_s"] = b"off lens", 7, 0.125
    made["correction_version"] = 3
    for place, name in enumerate(made.dtype.names[-2 * len(OWN_FIELDS) :]):
        made[name] = 100 + place
    return made


def test_samples_have_the_values_of_their_fields() -> None:
    samples = tidy_samples({"BinocularEyeSampleEvent": binocular()}, RunClock([], binocular()))
    assert samples["time_s"].tolist() == [1.0, 1.005]
    assert samples["device_time_s"].tolist() == [50.0, 50.005]
    assert samples["time_error_s"] == pytest.approx([0.002, 0.002])
    assert samples["delay_s"] == pytest.approx([0.02, 0.02])
    assert samples["gaze_valid"].tolist() == [1, 0]
    assert (samples["gaze_x"][0], samples["gaze_y"][0]) == (0.25, -0.5)
    assert samples["raw_x_px"].tolist() == [800, 801]
    assert samples["raw_y_px"].tolist() == [600, 601]
    for place, name in enumerate(EYE_FIELDS.values()):
        assert samples[f"left_{name}"][0] == place  # the left eye of the second is not known
        assert math.isnan(samples[f"left_{name}"][1])
        assert samples[f"right_{name}"].tolist() == [place + len(EYE_FIELDS)] * 2


def test_what_only_our_class_holds_stands_beside_the_same_sample() -> None:
    tables = {"BinocularEyeSampleEvent": binocular(), "NeonSampleEvent": own()}
    samples = tidy_samples(tables, RunClock([], binocular()))
    assert samples["device_ns"].tolist() == [50 * S, 0]
    assert samples["worn"].tolist() == [1, 0] and samples["tags"].tolist() == [7, 0]
    assert samples["gaze_problem"].tolist() == ["off lens", ""]
    assert samples["correction_version"].tolist() == [3, 0]
    assert samples["pose_age_s"][0] == 0.125 and math.isnan(samples["pose_age_s"][1])
    assert [name for name in samples if name.startswith("right_")] == [
        *("right_pupil_mm", "right_eye_center_x_mm", "right_eye_center_y_mm"),
        *("right_eye_center_z_mm", "right_axis_horizontal_deg", "right_axis_vertical_deg"),
        *("right_axis_x", "right_axis_y", "right_axis_z", "right_lid_angle_top_rad"),
        *("right_lid_angle_bottom_rad", "right_lid_aperture_mm"),
        *("right_point_x_px", "right_point_y_px"),
    ]
    for place, (side, name) in enumerate((s, n) for s in SIDES for n in OWN_FIELDS.values()):
        assert samples[f"{side}_{name}"][0] == 100 + place
        assert math.isnan(samples[f"{side}_{name}"][1])


def test_what_only_our_class_holds_is_found_in_any_order() -> None:
    late = np.repeat(own(), 3)
    late["device_time"], late["tags"] = (50.005, 50.0, 50.01), (5, 6, 7)
    made = np.repeat(binocular(), 2)[:3]
    made["device_time"] = (50.0, 50.01, 50.005)
    samples = tidy_samples(
        {"BinocularEyeSampleEvent": made, "NeonSampleEvent": late}, RunClock([], made)
    )
    assert samples["tags"].tolist() == [6, 7, 5]
