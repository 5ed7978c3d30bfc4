"""Host and experiment clock are paired as tightly as the computer allows."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.clock import ClockPair, pair
from psychopy_neon.exceptions import UsageError

SECOND = 1_000_000_000


def readings(*values: int) -> Callable[[], int]:
    return iter(values).__next__


def test_tightest_reading_is_kept() -> None:
    read_host = readings(0, 9_000, 20_000, 27_000, 50_000, 58_000)
    read_experiment = iter([1.0, 2.0, 3.0]).__next__
    assert pair(read_host, read_experiment, tries=3) == ClockPair(23_500, 2.0, 3_500)


def test_a_tight_reading_is_taken_at_once() -> None:
    assert pair(readings(0, 1_000), lambda: 1.0, tries=3) == ClockPair(500, 1.0, 500)


@given(before=st.integers(0, 10**18), until=st.integers(0, 10**6), after=st.integers(0, 10**6))
def test_true_instant_is_within_half_the_gap(before: int, until: int, after: int) -> None:
    truth = before + until
    found = pair(readings(before, truth + after), lambda: 0.0, tries=1)
    assert abs(found.host_ns - truth) <= found.half_gap_ns


@given(zero_s=st.floats(-1e5, 2e9), host_ns=st.integers(0, 10**17), passed_s=st.floats(-1e5, 1e5))
def test_there_and_back_is_exact_to_the_resolution_of_seconds(
    zero_s: float, host_ns: int, passed_s: float
) -> None:
    clock_pair = ClockPair(host_ns, zero_s, 0)
    back = clock_pair.experiment_from_host(clock_pair.host_from_experiment(zero_s + passed_s))
    assert back == pytest.approx(zero_s + passed_s, rel=0, abs=1e-9 + 2 * math.ulp(2e9))


def test_later_on_one_clock_is_later_on_the_other() -> None:
    clock_pair = ClockPair(5 * SECOND, 100.0, 0)
    assert clock_pair.host_from_experiment(101.5) == 6 * SECOND + SECOND // 2
    assert clock_pair.experiment_from_host(4 * SECOND) == 99.0


@pytest.mark.parametrize("answer", [math.nan, math.inf, None, "now"])
def test_clock_that_returns_no_seconds_is_refused(answer: object) -> None:
    with pytest.raises(UsageError, match="must return seconds"):
        pair(lambda: 0, lambda: answer)  # type: ignore[arg-type, return-value]


def test_subclass_of_float_becomes_a_plain_float() -> None:
    class Timestamp(float):
        pass

    assert type(pair(lambda: 0, lambda: Timestamp(1.5)).experiment_s) is float


def test_no_tries_are_refused() -> None:
    with pytest.raises(UsageError, match="tries is 0"):
        pair(lambda: 0, lambda: 0.0, tries=0)
