"""RTP timestamps are dated from sender reports: wrap-safe, without jitter or strays."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.clock import SenderClock
from psychopy_neon.exceptions import UsageError

MS = 1_000_000
SECOND = 1_000_000_000
RATE = 90_000
WRAP = 2**32
UNIX_NS = 1_765_432_100_123_456_789
VECTORS = Path(__file__).parents[3] / "shared" / "reference" / "vectors" / "rtp_clock.json"


def report(clock: SenderClock, at_s: int, late_ns: int = 0, first_ticks: int = 1000) -> None:
    """Let the phone report at `at_s` seconds of stream time, its Unix time `late_ns` late."""
    clock.add_report(UNIX_NS + at_s * SECOND + late_ns, (first_ticks + at_s * RATE) % WRAP)


def error_ns(clock: SenderClock, at_s: int, first_ticks: int = 1000) -> int:
    dated, provisional = clock.device_ns((first_ticks + at_s * RATE) % WRAP, 0)
    assert not provisional
    return dated - UNIX_NS - at_s * SECOND


def golden_vectors() -> list[dict[str, Any]]:
    if not VECTORS.exists():
        return []
    vectors: list[dict[str, Any]] = json.loads(VECTORS.read_text())["vectors"]
    return vectors


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared reference vectors are not here")
@pytest.mark.parametrize("vector", golden_vectors(), ids=lambda vector: vector["name"])
def test_golden_vectors_are_reproduced(vector: dict[str, Any]) -> None:
    clock = SenderClock(vector["clock_rate"])
    clock.add_report(vector["sr"]["unix_ns"], vector["sr"]["rtp_timestamp"])
    dated, provisional = clock.device_ns(vector["packet_rtp_timestamp"], 0)
    assert abs(dated - vector["expect"]["unix_ns"]) <= vector["tolerance_ns"]
    assert not provisional


@given(
    rate=st.sampled_from([1000, 8000, 48_000, 90_000]),
    ticks=st.integers(0, WRAP - 1),
    distance=st.integers(-(2**31), 2**31 - 1),
)
def test_dates_are_right_to_half_a_ns_on_both_sides_of_a_wrap(
    rate: int, ticks: int, distance: int
) -> None:
    clock = SenderClock(rate)
    clock.add_report(UNIX_NS, ticks)
    dated, _ = clock.device_ns((ticks + distance) % WRAP, 0)
    assert abs((dated - UNIX_NS) * rate - distance * SECOND) * 2 <= rate


def test_reports_keep_up_with_many_wraps() -> None:
    clock = SenderClock(RATE)
    for at_s in range(0, 200_000, 5_000):
        report(clock, at_s)
        assert error_ns(clock, at_s + 3) == 0
        assert error_ns(clock, at_s - 3) == 0
    assert clock.steps == 0


def test_send_delay_of_reports_does_not_shake_the_dates() -> None:
    rng, clock = random.Random(4), SenderClock(RATE)
    errors = []
    for number in range(100):
        report(clock, 3 * number, late_ns=round(rng.expovariate(1 / (5 * MS))))
        errors.append(error_ns(clock, 3 * number))
    settled = errors[10:]
    changes = sum(now != before for now, before in zip(settled[1:], settled, strict=False))
    assert max(settled) < 5 * MS
    assert changes < 60
    assert clock.steps == 0


def test_one_report_that_is_too_early_is_not_followed() -> None:
    clock = SenderClock(RATE)
    for number in range(8):
        report(clock, 3 * number, late_ns=-30 * MS if number == 6 else 0)
    assert error_ns(clock, 24) == 0


def test_stray_report_is_dropped() -> None:
    clock = SenderClock(RATE)
    report(clock, 0)
    report(clock, 3, late_ns=40 * SECOND)
    assert error_ns(clock, 4) == 0
    report(clock, 6)
    assert (error_ns(clock, 7), clock.dropped, clock.steps) == (0, 1, 0)


def test_strays_that_disagree_are_all_dropped() -> None:
    clock = SenderClock(RATE)
    report(clock, 0)
    for number, late_s in enumerate((40, -9, 3), start=1):
        report(clock, 3 * number, late_ns=late_s * SECOND)
    report(clock, 12)
    assert (error_ns(clock, 13), clock.dropped, clock.steps) == (0, 3, 0)


def test_stray_timestamp_far_away_does_not_confuse_the_unwrapping() -> None:
    clock = SenderClock(RATE)
    report(clock, 0)
    clock.add_report(UNIX_NS + 3 * SECOND, (1000 + 2**31 + 5) % WRAP)
    report(clock, 6)
    assert (error_ns(clock, 7), clock.steps) == (0, 0)


@pytest.mark.parametrize("step_ns", [-3600 * SECOND, -80 * MS, 80 * MS, 7 * SECOND])
def test_set_wall_clock_is_believed_at_the_second_report(step_ns: int) -> None:
    clock = SenderClock(RATE)
    for number in range(12):
        report(clock, 3 * number)
    report(clock, 36, late_ns=step_ns)
    assert error_ns(clock, 37) == 0
    report(clock, 39, late_ns=step_ns)
    assert (error_ns(clock, 40), clock.steps, clock.dropped) == (step_ns, 1, 0)


@pytest.mark.parametrize("step_ns", [-40 * MS, 40 * MS])
def test_small_step_is_followed_within_the_reports_kept(step_ns: int) -> None:
    clock = SenderClock(RATE)
    for number in range(22):
        report(clock, 3 * number, late_ns=step_ns if number >= 12 else 0)
    assert error_ns(clock, 66) == step_ns


def test_new_random_start_of_the_timestamps_is_believed_too() -> None:
    clock = SenderClock(RATE)
    report(clock, 0)
    for at_s in (3, 6):
        report(clock, at_s, first_ticks=3_000_000_000)
    assert error_ns(clock, 7, first_ticks=3_000_000_000) == 0


def test_wrong_first_report_is_replaced() -> None:
    clock = SenderClock(RATE)
    report(clock, 0, late_ns=500 * SECOND)
    report(clock, 3)
    report(clock, 6)
    assert error_ns(clock, 7) == 0


def test_before_the_first_report_dates_keep_their_spacing_and_are_marked() -> None:
    rng, clock = random.Random(1), SenderClock(RATE)
    dates, delays = [], [8 * MS, 2 * MS] + [2 * MS + rng.randrange(50 * MS) for _ in range(600)]
    for number, delay in enumerate(delays):
        arrived = UNIX_NS + number * 5 * MS + delay
        dated, provisional = clock.device_ns((WRAP - 5000 + number * 450) % WRAP, arrived)
        assert provisional
        dates.append(dated)
    assert dates[0] == UNIX_NS + 8 * MS
    assert dates[1:] == [UNIX_NS + number * 5 * MS + 2 * MS for number in range(1, 602)]


def test_provisional_dates_follow_a_slowly_drifting_stream() -> None:
    clock = SenderClock(RATE)
    for number in range(3600):
        arrived = UNIX_NS + number * SECOND + number * 100_000
        dated, _ = clock.device_ns(number * RATE, arrived)
        assert arrived - 2 * MS <= dated <= arrived


def test_provisional_dates_recover_from_a_stall_and_from_a_wrong_arrival() -> None:
    clock = SenderClock(RATE)
    for number, late_ns in enumerate((0, 3 * SECOND, 0, -5 * SECOND, -5 * SECOND)):
        dated, _ = clock.device_ns(number * RATE, UNIX_NS + number * SECOND + late_ns)
        assert dated == UNIX_NS + number * SECOND + late_ns


@pytest.mark.parametrize("clock_rate", [0, -90_000])
def test_impossible_clock_rate_is_refused(clock_rate: int) -> None:
    with pytest.raises(UsageError, match="clock_rate"):
        SenderClock(clock_rate)
