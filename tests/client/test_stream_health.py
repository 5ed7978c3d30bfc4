"""Rate and age of a stream, from samples whose times are known."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest

from psychopy_neon.client.stream_health import StreamState, age_s, rate_hz
from psychopy_neon.client.stream_progress import StreamProgress
from psychopy_neon.clock.clock_map import ClockMap

STEP_NS = 5_000_000
DELAY_NS = 1_000_000


class Sample(NamedTuple):
    device_ns: int
    arrived_host_ns: int


def steady(count: int) -> list[Sample]:
    """On a phone whose clock shows what ours does."""
    return [Sample(n * STEP_NS, n * STEP_NS + DELAY_NS) for n in range(count)]


def test_a_steady_stream_has_the_rate_of_its_samples():
    samples = steady(100)
    assert rate_hz(samples, samples[-1].arrived_host_ns + STEP_NS // 2) == pytest.approx(200)


def test_a_burst_after_a_pause_does_not_change_the_rate():
    late = [Sample(sample.device_ns, 10**9) for sample in steady(100)]
    assert rate_hz(late, 10**9) == pytest.approx(200)


@pytest.mark.parametrize(("silence_s", "least", "most"), [(0.1, 160, 170), (10.0, 9, 10)])
def test_the_rate_falls_while_nothing_comes(silence_s, least, most):
    samples = steady(100)
    now_ns = samples[-1].arrived_host_ns + round(silence_s * 1e9)
    assert least < rate_hz(samples, now_ns) < most


def test_one_sample_has_no_rate_and_none_has_no_age():
    assert math.isnan(rate_hz(steady(1), 0)) and math.isnan(age_s([], None, 0))


def test_the_age_counts_from_when_it_happened_as_soon_as_the_clocks_are_known():
    clock_map = ClockMap(0, 7_300_000_000, 0.0, ((0.0, 0.0),), 1e-4, 0.0, 0)
    sample = Sample(clock_map.device_from_host(0), DELAY_NS)
    assert age_s([sample], clock_map, 7_000_000) == pytest.approx(0.007)
    assert age_s([sample], None, 7_000_000) == pytest.approx(0.006)


def test_what_comes_amid_the_closing_has_not_come_back():
    progress = StreamProgress("gaze")
    assert progress.note_well()
    progress.set_state(StreamState.CLOSED)
    assert not progress.note_well()
    assert progress.health(200.0, 0.01).interruptions == 0
