from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.client import breath, sample_gaps
from psychopy_neon.client.sample_gaps import JUST_NS, SLOWEST_NS, TAKEN_NS, SampleGaps, wait_ns

MS = 1_000_000
INTERVAL_NS = 5 * MS


def begun_ns(arrivals_ns: list[int], asked_ns: int, work_ns: float) -> int:
    """When work begins, counted as the arrivals are, if one asks until one may."""
    for _ in range(100):
        came = max(number for number, ns in enumerate(arrivals_ns) if ns <= asked_ns)
        late_ns = arrivals_ns[came] - came * INTERVAL_NS
        waited_ns = wait_ns(asked_ns - arrivals_ns[came], late_ns, INTERVAL_NS, work_ns)
        if waited_ns == 0:
            return asked_ns
        asked_ns += waited_ns
    raise AssertionError("never")


delays_ns = st.lists(st.integers(0, 2 * MS), min_size=8, max_size=8)


@given(delays_ns, st.integers(0, 4 * INTERVAL_NS), st.floats(0, 2 * MS - JUST_NS))
def test_no_sample_comes_amid_what_fits_even_if_they_come_late(
    delays_ns: list[int], offset_ns: int, work_ns: float
) -> None:
    arrivals_ns = [n * INTERVAL_NS + delay_ns for n, delay_ns in enumerate(delays_ns)]
    begun = begun_ns(arrivals_ns, arrivals_ns[0] + offset_ns, work_ns)
    assert begun - arrivals_ns[0] - offset_ns <= 2 * INTERVAL_NS
    assert not [ns for ns in arrivals_ns if begun - TAKEN_NS < ns < begun + work_ns]


@given(st.integers(0, 4 * INTERVAL_NS), st.floats(INTERVAL_NS, 1e9))
def test_longer_work_begins_just_after_a_sample(asked_ns: int, work_ns: float) -> None:
    arrivals_ns = [n * INTERVAL_NS for n in range(8)]
    begun = begun_ns(arrivals_ns, asked_ns, work_ns) % INTERVAL_NS
    assert TAKEN_NS <= begun < JUST_NS


@given(st.integers(0, 2 * MS), st.floats(0, 1e9))
def test_a_lost_sample_is_not_waited_for(late_ns: int, work_ns: float) -> None:
    since_ns = 3 * INTERVAL_NS // 2 - late_ns + 1
    assert wait_ns(since_ns, late_ns, INTERVAL_NS, work_ns) == 0


@pytest.mark.parametrize(
    "since_ns, interval_ns",
    [(3 * INTERVAL_NS, INTERVAL_NS), (2 * MS, 0), (-1, INTERVAL_NS), (2 * MS, SLOWEST_NS + 1)],
)
def test_nothing_is_waited_for_if_the_rhythm_is_not_known(since_ns: int, interval_ns: int) -> None:
    assert wait_ns(since_ns, 0, interval_ns, 4 * MS) == 0


times_ns = st.integers(-(10**15), 10**15)


@given(times_ns, st.integers(0, 10**15), times_ns, st.floats(0, 1e15))
def test_no_wait_is_long_whatever_the_clocks_do(
    since_ns: int, late_ns: int, interval_ns: int, work_ns: float
) -> None:
    waited_ns = wait_ns(since_ns, late_ns, interval_ns, work_ns)
    assert 0 <= waited_ns <= SLOWEST_NS + 2 * TAKEN_NS


class Clock:
    """Time that passes only when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000

    def perf_counter_ns(self) -> int:
        return self.now_ns

    def sleep(self, for_s: float) -> None:
        self.now_ns += round(for_s * 1e9)


class Gaze:
    """A buffer that gets a sample at even distances."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def appended(self) -> int:
        return self._clock.now_ns // INTERVAL_NS

    @property
    def newest_appended(self) -> Any:
        came_ns = self.appended * INTERVAL_NS
        return SimpleNamespace(device_ns=came_ns + 7, arrived_host_ns=came_ns)


def work_on(gaps: SampleGaps, clock: Clock, work_ns: int) -> int:
    """Work for so long; return how many samples came meanwhile."""
    with gaps.work("a part"):
        before_ns = clock.now_ns
        clock.now_ns += work_ns
    return clock.now_ns // INTERVAL_NS - before_ns // INTERVAL_NS


def test_once_the_rhythm_and_the_work_are_known_no_sample_comes_amid_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    for module in (breath, sample_gaps):
        monkeypatch.setattr(module, "time", clock)
    gaps = SampleGaps(cast("Any", Gaze(clock)))
    disturbed = []
    for number in range(60):
        clock.now_ns += 33_370_000 + number * 10_000  # from one picture to the next
        disturbed.append(work_on(gaps, clock, 3 * MS))
    assert sum(disturbed[:10]) > 0
    assert sum(disturbed[10:]) == 0


def test_work_without_gaze_begins_at_once() -> None:
    gaps = SampleGaps(None)
    begun_s = time.perf_counter()
    with gaps.work("a part"):
        pass
    assert time.perf_counter() > begun_s
