from __future__ import annotations

import time

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.clock import ClockLine, SimulatedClock

HOUR_NS = 3_600_000_000_000


def test_starts_ahead_of_the_host_by_its_offset():
    before = time.time_ns()
    clock = SimulatedClock(offset_s=7.3)
    offset_ns = clock.line.zero_device_ns - before
    assert 7_300_000_000 <= offset_ns < 7_350_000_000


def test_gains_its_drift():
    line = ClockLine(1_000, 5_000, 40.0)
    gained_ns = line.device_ns(1_000 + HOUR_NS) - 5_000 - HOUR_NS
    assert gained_ns == 144_000_000  # 40 millionths of an hour


@pytest.mark.parametrize("drift_ppm", [-200.0, 0.0, 40.0, 100_000.0])
@pytest.mark.parametrize("elapsed_ns", [-HOUR_NS, 0, 1, 24 * HOUR_NS])
def test_conversions_are_each_others_inverse(drift_ppm, elapsed_ns):
    line = ClockLine(10**15, 1_700_000_000_000_000_000, drift_ppm)
    host_ns = line.zero_host_ns + elapsed_ns
    assert abs(line.host_ns(line.device_ns(host_ns)) - host_ns) <= 1


def test_a_step_moves_the_clock_and_keeps_its_rate():
    clock = SimulatedClock(drift_ppm=40.0)
    before = clock.line
    after = clock.step(-2_000_000_000)
    assert after.device_ns(after.zero_host_ns) - before.device_ns(after.zero_host_ns) == -2 * 10**9
    assert after.drift_ppm == 40.0


def test_whole_numbers_of_any_kind_step_it():
    clock = SimulatedClock()
    before = clock.line
    after = clock.step(np.int64(5))
    assert after.zero_device_ns - before.device_ns(after.zero_host_ns) == 5
    assert type(clock.now_ns()) is int


@pytest.mark.parametrize("wrong", [0.5e9, float("nan"), "1", None, 2**70, -(2**70)])
def test_what_would_spoil_the_clock_is_refused_and_changes_nothing(wrong):
    clock = SimulatedClock()
    before = clock.line
    with pytest.raises(UsageError):
        clock.step(wrong)
    assert clock.line == before
