"""Accuracy, precision and data loss of made-up gaze of which they are known."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.accuracy import PointAccuracy, measure_point, summarise

Array = npt.NDArray[np.float64]
RATE_HZ = 200.0
TIMES = np.arange(0.0, 1.7, 1 / RATE_HZ)
small = st.floats(-4.0, 4.0)


def look(
    offset: tuple[float, float], jump_s: float = 0.25, noise_deg: float = 0.0, before: float = 12.0
) -> Array:
    """Gaze, azimuth and elevation, on a target straight ahead that it jumps to."""
    gaze = np.where((jump_s > TIMES)[:, None], (before, before), offset)
    noise: Array = np.random.default_rng(5).normal(0.0, noise_deg, gaze.shape)
    return gaze + noise


def measure(gaze: Array, target: Array | None = None) -> PointAccuracy:
    aims = np.zeros_like(gaze) if target is None else target
    return measure_point((0.0, 0.0), TIMES, gaze, aims, distance=1.5)


@given(small, small, st.floats(0.1, 0.55))
def test_a_known_offset_is_found_whenever_the_eye_jumps(x: float, y: float, jump_s: float) -> None:
    found = measure(look((x, y), jump_s))
    assert not found.problem and found.distance == 1.5
    assert (found.offset_x_deg, found.offset_y_deg) == pytest.approx((x, y), abs=0.01)
    assert found.accuracy_deg == pytest.approx(math.hypot(x, y), abs=0.01)
    assert found.loss == 0.0 and found.rate_hz == pytest.approx(RATE_HZ)


def test_the_steady_gaze_before_a_late_jump_does_not_count() -> None:
    found = measure(look((0.5, 0.0), jump_s=1.05, noise_deg=0.001))
    assert found.window_s[0] >= 1.05 and found.accuracy_deg == pytest.approx(0.5, abs=0.01)


def test_noise_is_measured_as_the_field_defines_it() -> None:
    found = measure(look((1.0, 0.0), noise_deg=0.3))
    # The steadiest half second is a little steadier than all.
    assert found.sd_deg == pytest.approx(0.3 * math.sqrt(2), rel=0.15)
    assert found.rms_s2s_deg == pytest.approx(0.3 * 2.0, rel=0.15)
    assert found.bcea_deg2 == pytest.approx(2 * 1.14 * math.pi * 0.3**2, rel=0.3)


def test_measures_of_a_zigzag_by_hand() -> None:
    gaze = np.zeros((len(TIMES), 2))
    gaze[1::2, 0] = 0.2
    found = measure(gaze)
    assert found.rms_s2s_deg == pytest.approx(0.2, abs=1e-5)
    assert found.sd_deg == pytest.approx(0.1, rel=0.01)
    assert found.bcea_deg2 == pytest.approx(0.0, abs=1e-6)  # all on one line
    gaze[1::2, 1] = 0.2
    assert measure(gaze).bcea_deg2 == pytest.approx(0.0, abs=1e-4)  # a line that is aslant
    gaze[:, 1] = 0.0
    gaze[1::4, 1] = gaze[2::4, 1] = 0.1
    found = measure(gaze)
    of_a_sample = found.samples / (found.samples - 1)
    assert found.bcea_deg2 == pytest.approx(2 * 1.14 * math.pi * 0.1 * 0.05 * of_a_sample, rel=1e-3)
    assert found.sd_deg == pytest.approx(math.hypot(0.1, 0.05) * of_a_sample**0.5, rel=1e-3)


def test_a_turning_head_is_no_imprecision() -> None:
    target = np.column_stack([20 * np.sin(TIMES), 5 * TIMES])
    found = measure(np.add(target, (1.0, 0.0)), target)
    assert found.sd_deg < 0.02 and found.rms_s2s_deg < 0.001
    assert found.accuracy_deg == pytest.approx(1.0, abs=0.06)  # shorter off the horizon


def test_lost_samples_are_counted_and_not_bridged() -> None:
    gaze = look((0.0, 0.0))
    gaze[::5] = np.nan
    gaze[2::5, 0] = 1.0  # stays one sample long: 2 jumps of 1 degree in every 3 pairs
    found = measure(gaze)
    assert found.loss == pytest.approx(0.2, abs=0.015)
    assert found.rms_s2s_deg == pytest.approx(math.sqrt(2 / 3), abs=0.02)


def test_samples_that_never_came_are_lost_too() -> None:
    kept = np.arange(len(TIMES)) % 5 != 0
    gaze = look((0.0, 0.0))
    found = measure_point((0, 0), TIMES[kept], gaze[kept], np.zeros((kept.sum(), 2)))
    assert found.rate_hz == pytest.approx(RATE_HZ) and found.loss == pytest.approx(0.2, abs=0.015)


@pytest.mark.parametrize(("valid", "problem"), [(0.0, "no gaze"), (0.4, "no steady gaze")])
def test_too_little_gaze_is_a_problem_and_no_number(valid: float, problem: str) -> None:
    gaze = look((0.0, 0.0))
    gaze[np.random.default_rng(1).random(len(gaze)) >= valid] = np.nan
    found = measure(gaze)
    assert found.problem == problem and math.isnan(found.accuracy_deg)
    assert found.loss == pytest.approx(1 - valid, abs=0.06)


def test_no_samples_at_all_are_a_problem() -> None:
    found = measure_point((0, 0), [], np.empty((0, 2)), np.empty((0, 2)))
    assert (found.problem, found.loss) == ("no gaze", 1.0)


def test_samples_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(UsageError, match="one of each"):
        measure_point((0, 0), [0.0, 1.0], [(0, 0)], [(0, 0)])
    with pytest.raises(UsageError, match="ascend"):
        measure_point((0, 0), [1.0, 0.0], [(0, 0)] * 2, [(0, 0)] * 2)


def test_the_whole_is_the_mean_of_its_targets_and_names_the_worst() -> None:
    lost = PointAccuracy((0.7, 0.7), "no gaze", loss=1.0)
    near, far = measure(look((1.0, 0.0))), measure(look((2.5, 0.0)))
    whole = summarise([near, far, lost])
    assert whole.accuracy_deg == pytest.approx(1.75, abs=0.01)
    assert whole.worst_deg == pytest.approx(2.5, abs=0.01)
    assert whole.loss == pytest.approx(1 / 3) and whole.measured == (near, far)
    assert (whole.verdict, whole.geometry) == ("usable", "pose")
    assert "2 of 3 targets" in str(whole)


@pytest.mark.parametrize(
    ("offset", "verdict"), [(1.0, "good"), (2.0, "usable"), (3.0, "poor"), (None, "not measured")]
)
def test_the_verdict(offset: float | None, verdict: str) -> None:
    lost = PointAccuracy((0.7, 0.7), "no gaze", loss=1.0)
    point = lost if offset is None else measure(look((offset, 0.0)))
    assert summarise([point]).verdict == verdict
    assert summarise([point, lost]).verdict == "not measured"
