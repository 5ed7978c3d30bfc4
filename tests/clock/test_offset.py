"""The estimate is within its bound, whatever the link does; and the bound is narrow."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychopy_neon.clock import ClockMap, Exchange, OffsetEstimator
from psychopy_neon.clock.feasible_set import MOST_CORNERS, REBASE_NS, FeasibleSet, RateLimits, later
from psychopy_neon.clock.segments import ClockSegments
from psychopy_neon.exceptions import UsageError

MS = 1_000_000
SECOND = 1_000_000_000
WANDER = 0.05e-6 * 1e-9
KINDS = ("quiet", "asymmetric", "bursty", "stalling", "lossy")
MakeLink = Callable[..., Any]


def within_bound(link: Any, clock_map: ClockMap, host_ns: int, relative_ns: float) -> bool:
    return bool(link.error_ns(clock_map, host_ns, relative_ns) <= clock_map.bound_ns(host_ns))


def drifting_link(make_link: MakeLink, kind: str, seed: int) -> Any:
    rng = random.Random(seed)
    return make_link(rng, kind=kind, rate=rng.uniform(-100e-6, 100e-6), wander_per_ns=WANDER)


def probe(link: Any, estimator: OffsetEstimator, pause_ns: int, *, aimed: bool = False) -> None:
    sent = link.host_ns + pause_ns + link.rng.randrange(5 * MS)
    if aimed:
        sent = estimator.aim(sent, link.rng.randint(-50_000, 50_000))
    exchange = link.exchange(sent)
    if exchange is not None:
        estimator.add(*exchange)


def snapshot(estimator: OffsetEstimator) -> ClockMap:
    clock_map = estimator.snapshot()
    assert clock_map is not None
    return clock_map


@given(
    seed=st.integers(0, 2**32),
    pause_ms=st.sampled_from([10, 100, 1000, 10_000]),
    aimed=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_truth_is_within_the_bound_now_later_and_earlier(
    make_link: MakeLink, seed: int, pause_ms: int, aimed: bool
) -> None:
    for kind in KINDS:
        link, estimator = drifting_link(make_link, kind, seed), OffsetEstimator()
        for _ in range(12):
            before = estimator.snapshot()
            probe(link, estimator, pause_ms * MS, aimed=aimed)
            latest = link.truths[-3:]
            for clock_map in filter(None, (before, estimator.snapshot())):
                assert all(within_bound(link, clock_map, *truth) for truth in latest)
        final = estimator.snapshot()
        if final is not None:
            assert all(within_bound(link, final, *truth) for truth in link.truths)
        assert (estimator.steps, estimator.dropped) == (0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_truth_stays_within_the_bound_over_many_probes(make_link: MakeLink, kind: str) -> None:
    link, estimator = drifting_link(make_link, kind, 7), OffsetEstimator()
    for number in range(1000):
        probe(link, estimator, SECOND // 10, aimed=number % 2 == 0)
        assert within_bound(link, snapshot(estimator), *link.truths[-1])
    assert len(snapshot(estimator).vertices) <= MOST_CORNERS
    assert (estimator.steps, estimator.dropped) == (0, 0)


@pytest.mark.parametrize("extreme", [-150e-6, 150e-6])
def test_bound_holds_at_the_limits_of_what_is_assumed(make_link: MakeLink, extreme: float) -> None:
    link, estimator = make_link(random.Random(1), rate=extreme), OffsetEstimator()
    for _ in range(200):
        probe(link, estimator, SECOND // 10)
        assert within_bound(link, snapshot(estimator), *link.truths[-1])
    assert estimator.dropped == 0


def test_bound_holds_while_the_rate_wanders_to_one_side_all_the_time() -> None:
    estimator, base = OffsetEstimator(), 10**18
    for number in range(600):
        sent = number * SECOND // 5 + (number * 618_034) % MS
        relative = round(WANDER * sent * sent / 2)
        estimator.add(sent, sent, (sent + base + relative) // MS)
        clock_map = snapshot(estimator)
        error = clock_map.device_from_host(sent) - sent - base - relative
        assert abs(error) <= clock_map.bound_ns(sent)
    assert estimator.dropped == 0


def after_half_a_minute(make_link: MakeLink, *, aimed: bool) -> tuple[float, int]:
    link, estimator = make_link(random.Random(3), rate=30e-6), OffsetEstimator()
    link.delays = lambda: (100_000, 100_000)
    for _ in range(300):
        probe(link, estimator, SECOND // 10, aimed=aimed)
    clock_map, (host_ns, relative_ns) = snapshot(estimator), link.truths[-1]
    return link.error_ns(clock_map, host_ns, relative_ns), clock_map.bound_ns(host_ns)


def test_quiet_link_is_known_far_better_than_a_millisecond(make_link: MakeLink) -> None:
    error_ns, bound_ns = after_half_a_minute(make_link, aimed=False)
    assert error_ns < 60_000
    assert bound_ns < 250_000


def test_aimed_probes_come_close_to_the_limit_set_by_the_delay(make_link: MakeLink) -> None:
    # Nothing can tell one way of 0.2 ms and one of nothing from two of 0.1 ms: the bound
    # cannot be below half of the round trip, however many probes there are.
    error_ns, bound_ns = after_half_a_minute(make_link, aimed=True)
    assert error_ns < 25_000
    assert 100_000 <= bound_ns < 150_000


def test_a_probe_is_aimed_so_that_the_phone_reads_its_clock_at_a_tick(make_link: MakeLink) -> None:
    link, estimator = make_link(random.Random(3), rate=30e-6), OffsetEstimator()
    link.delays = lambda: (100_000, 100_000)
    while estimator.accepted < 300:
        probe(link, estimator, SECOND // 10, aimed=True)
    clock_map, earliest = snapshot(estimator), link.host_ns
    read_ns = clock_map.device_from_host(estimator.aim(earliest) + 100_000)
    assert min(read_ns % MS, -read_ns % MS) < 200
    assert estimator.aim(earliest, 5_000) - estimator.aim(earliest) in (5_000, 5_000 - MS)


def test_rate_is_learned(make_link: MakeLink) -> None:
    link, estimator = make_link(random.Random(3), rate=80e-6), OffsetEstimator()
    for _ in range(300):
        probe(link, estimator, SECOND // 10, aimed=True)
    assert snapshot(estimator).rate == pytest.approx(80e-6, abs=6e-6)


def test_bound_grows_on_both_sides_of_the_probes(make_link: MakeLink) -> None:
    link, estimator = make_link(random.Random(3)), OffsetEstimator()
    for _ in range(100):
        probe(link, estimator, SECOND // 10)
    clock_map = snapshot(estimator)
    later = [clock_map.bound_ns(link.host_ns + s * SECOND) for s in (0, 10, 100, 1000, 10_000)]
    earlier = [clock_map.bound_ns(link.host_ns - s * SECOND) for s in (20, 100, 1000, 10_000)]
    assert later == sorted(later)
    assert earlier == sorted(earlier)
    assert later[-1] < 300e-6 * 10_000 * SECOND


@given(seed=st.integers(0, 2**32), size_ms=st.sampled_from([-7_200_000, -900, -8, 8, 900, 40_000]))
@settings(max_examples=60, deadline=None)
def test_step_is_found_and_the_bound_holds_after_it(
    make_link: MakeLink, seed: int, size_ms: int
) -> None:
    link, estimator = drifting_link(make_link, "quiet", seed), OffsetEstimator()
    for _ in range(20):
        probe(link, estimator, SECOND // 10)
    link.step(size_ms * MS)
    for _ in range(3):
        probe(link, estimator, SECOND // 10)
    for _ in range(10):
        probe(link, estimator, SECOND // 10)
        assert within_bound(link, snapshot(estimator), *link.truths[-1])
    assert (estimator.steps, snapshot(estimator).segment, snapshot(estimator).steps) == (1, 1, 1)
    assert abs(estimator.last_step_ns - size_ms * MS) < 2 * MS
    assert estimator.dropped == 0


@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from((*KINDS, "wifi", "slow wifi", "lopsided")),
    size_ms=st.sampled_from([-7_200_000, -2500, 2500, 40_000]),
)
@settings(max_examples=200, deadline=None)
def test_on_any_link_the_bound_holds_before_a_step_and_once_it_is_found(
    make_link: MakeLink, seed: int, kind: str, size_ms: int
) -> None:
    link, estimator = drifting_link(make_link, kind, seed), OffsetEstimator()
    for _ in range(15):
        probe(link, estimator, SECOND // 10, aimed=True)
    before = snapshot(estimator)
    assert all(within_bound(link, before, *truth) for truth in link.truths)
    link.step(size_ms * MS)
    for _ in range(100):
        probe(link, estimator, SECOND // 100, aimed=True)
        if estimator.steps:
            break
    for _ in range(8):
        assert all(within_bound(link, snapshot(estimator), *truth) for truth in link.truths)
        probe(link, estimator, SECOND // 10, aimed=True)
    assert (estimator.steps, estimator.dropped) == (1, 0)


class _SteppedLink:
    """Steps the clock at an instant that may fall into an exchange, before or after the reading."""

    def __init__(self, link: Any, step_host_ns: int, size_ns: int) -> None:
        self.link, self.step_host_ns, self.size_ns = link, step_host_ns, size_ns
        self._advance, self.is_stepped = link.advance, False
        link.advance = self.advance

    def advance(self, host_ns: int) -> float:
        if not self.is_stepped and host_ns > self.step_host_ns:
            self.is_stepped = True
            self._advance(self.step_host_ns)
            self.link.base_offset_ns += self.size_ns
        return float(self._advance(host_ns))


@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from((*KINDS, "wifi", "slow wifi", "lopsided")),
    size_ms=st.sampled_from([-7_200_000, -2500, 2500, 40_000]),
)
@settings(max_examples=120, deadline=None)
def test_events_around_a_step_are_within_their_bounds_wherever_it_falls_into_an_exchange(
    make_link: MakeLink, seed: int, kind: str, size_ms: int
) -> None:
    """Dated as events are: once the phone's clock was read after them, and not changed later."""
    link, estimator = drifting_link(make_link, kind, seed), OffsetEstimator()
    segments = ClockSegments()
    events: list[tuple[int, int, float]] = []  # with the true offset
    dated: dict[int, tuple[int, int]] = {}
    while estimator.accepted < 5:
        probe(link, estimator, SECOND // 50)
    stepped = _SteppedLink(link, link.host_ns + link.rng.randrange(SECOND), size_ms * MS)
    for _ in range(200):
        known = len(link.offsets)
        probe(link, estimator, SECOND // 50, aimed=True)
        clock_map = estimator.snapshot()
        if clock_map is not None:
            segments.add(clock_map, estimator.sure_span)
        events += link.offsets[known:]
        for host_ns, _, _ in events:
            if host_ns not in dated and segments.covers(host_ns):
                dated[host_ns] = segments.date(host_ns) or (0, 0)
        if estimator.steps and link.host_ns > stepped.step_host_ns + SECOND:
            break
    assert estimator.steps == 1 and len(dated) > 3
    for host_ns, base_ns, relative_ns in events:
        device_ns, bound_ns = dated.get(host_ns, (host_ns + base_ns + round(relative_ns), 1))
        assert abs(device_ns - host_ns - base_ns - relative_ns) <= bound_ns


@given(
    seed=st.integers(0, 2**32),
    there_us=st.integers(50, 5_000),
    back_us=st.integers(50, 5_000),
    drift_ppm=st.sampled_from([-100, -40, 0, 40, 100]),
)
@settings(max_examples=20, deadline=None)
def test_on_any_link_the_bound_shrinks_towards_half_the_smallest_round_trip(
    make_link: MakeLink, seed: int, there_us: int, back_us: int, drift_ppm: int
) -> None:
    link = make_link(random.Random(seed), rate=drift_ppm * 1e-6)
    rng = link.rng
    link.delays = lambda: (  # the smallest come seldom
        round(there_us * 1e3 * (1 + rng.expovariate(2))),
        round(back_us * 1e3 * (1 + rng.expovariate(2))),
    )
    estimator, smallest_ns = OffsetEstimator(), float("inf")
    for _ in range(400):
        sent = estimator.aim(link.host_ns + SECOND // 20, rng.randint(-50_000, 50_000))
        exchange = link.exchange(sent)
        smallest_ns = min(smallest_ns, Exchange(*exchange).round_trip_ns)
        estimator.add(*exchange)
    host_ns, relative_ns = link.truths[-1]
    clock_map = snapshot(estimator)
    bound_ns = clock_map.bound_ns(host_ns)
    assert link.error_ns(clock_map, host_ns, relative_ns) <= bound_ns
    assert bound_ns <= 1.35 * smallest_ns / 2 + 100_000


def test_step_is_found_on_a_bursty_link(make_link: MakeLink) -> None:
    link, estimator = drifting_link(make_link, "bursty", 5), OffsetEstimator()
    for _ in range(50):
        probe(link, estimator, SECOND // 10)
    link.step(10 * MS)
    for _ in range(30):
        probe(link, estimator, SECOND // 10)
    assert estimator.steps == 1
    assert within_bound(link, snapshot(estimator), *link.truths[-1])


def test_map_in_force_does_not_change_until_three_exchanges_agree(make_link: MakeLink) -> None:
    link, estimator = make_link(random.Random(2)), OffsetEstimator()
    for _ in range(20):
        probe(link, estimator, SECOND // 10)
    old = snapshot(estimator)
    link.step(SECOND)
    for _ in range(2):
        probe(link, estimator, SECOND // 10)
        assert snapshot(estimator) == old
        assert estimator.step_suspected
    probe(link, estimator, SECOND // 10)
    assert snapshot(estimator).since_host_ns > old.reference_host_ns
    assert not estimator.step_suspected


def test_lone_wrong_answer_is_dropped(make_link: MakeLink) -> None:
    link, estimator = make_link(random.Random(2)), OffsetEstimator()
    for number in range(30):
        probe(link, estimator, SECOND // 10)
        if number % 10 == 9:
            now = link.host_ns
            estimator.add(now, now + MS, link.device_ms() + 5000 + 100 * number)
            assert estimator.step_suspected
        assert within_bound(link, snapshot(estimator), *link.truths[-1])
    probe(link, estimator, SECOND // 10)
    assert (estimator.dropped, estimator.steps, estimator.step_suspected) == (3, 0, False)


def test_wrong_answers_that_disagree_do_not_make_a_step(make_link: MakeLink) -> None:
    link, estimator = make_link(random.Random(2)), OffsetEstimator()
    for _ in range(5):
        probe(link, estimator, SECOND // 10)
    for wrong_ms in (9000, -4000, 700, 123_456):
        now = link.host_ns
        estimator.add(now, now + MS, link.device_ms() + wrong_ms)
    probe(link, estimator, SECOND // 10)
    assert (estimator.dropped, estimator.steps) == (4, 0)
    assert within_bound(link, snapshot(estimator), *link.truths[-1])


@pytest.mark.parametrize("round_trip_ns", [-1, 2_000_000_001])
def test_impossible_round_trip_is_ignored(round_trip_ns: int) -> None:
    estimator = OffsetEstimator()
    estimator.add(SECOND, SECOND + round_trip_ns, 1_765_432_100_000)
    assert (estimator.snapshot(), estimator.ignored, estimator.accepted) == (None, 1, 0)


def test_the_longest_round_trip_and_a_clock_that_never_wanders_are_taken() -> None:
    estimator = OffsetEstimator(max_wander_ppm_per_s=0)
    estimator.add(SECOND, 3 * SECOND, 1_765_432_100_000)
    estimator.add(4 * SECOND, 4 * SECOND, 1_765_432_102_500)
    assert (estimator.accepted, estimator.ignored) == (2, 0)


def test_single_exchange_gives_the_interval_it_proves() -> None:
    estimator = OffsetEstimator()
    estimator.add(1000 * MS, 1002 * MS, 5_000)
    clock_map = snapshot(estimator)
    assert clock_map.device_from_host(1002 * MS) == pytest.approx(5001.5 * MS, abs=2_000)
    assert clock_map.bound_ns(1002 * MS) == pytest.approx(1.5 * MS, abs=2_000)


@pytest.mark.parametrize("device_ms", [5_000, 1_765_432_100_000])
def test_first_exchange_proves_its_round_trip_and_one_tick_of_the_phone(device_ms: int) -> None:
    first = Exchange(1000 * MS, 1400 * MS, device_ms)
    wander = 1e-12  # so much that it shows within a round trip
    slack_ns = wander * (400 * MS) ** 2 / 2
    feasible = FeasibleSet(first, RateLimits(1e-9, wander))
    offsets = [offset + feasible.base_offset_ns for offset, _ in feasible.polygon]
    assert min(offsets) == pytest.approx(device_ms * MS - 1400 * MS - 100, abs=512)
    assert max(offsets) == pytest.approx((device_ms + 1) * MS - 1000 * MS + slack_ns, abs=512)
    size = max(offset for offset, _ in feasible.polygon) - min(o for o, _ in feasible.polygon)
    assert size == pytest.approx(401 * MS + slack_ns + 100, abs=1.0)


@pytest.mark.parametrize("passed_s", [0.1, 10.0, 4000.0])
def test_a_set_that_waits_has_room_for_all_that_the_clocks_may_do(passed_s: float) -> None:
    limits, passed = RateLimits(150e-6, WANDER), passed_s * SECOND
    free = min(passed, 150e-6 / WANDER)  # until the rate is at its limit
    farthest = WANDER * free**2 / 2 + 150e-6 * (passed - free)
    corners = later([(-1.0, 0.0), (1.0, 0.0), (0.0, 1e-9)], passed, limits)
    rates = [rate for _, rate in corners]
    assert max(rates) == pytest.approx(min(150e-6, WANDER * passed + 1e-9), rel=1e-6)
    assert min(rates) == pytest.approx(-min(150e-6, WANDER * passed), rel=1e-6)
    assert max(offset for offset, _ in corners) >= farthest + 1
    assert min(offset for offset, _ in corners) <= -farthest - 1
    assert later(corners, 0.0, limits) is corners


def test_exchange_reported_late_is_used_at_its_own_time(make_link: MakeLink) -> None:
    link, estimator = make_link(random.Random(2), rate=90e-6), OffsetEstimator()
    exchanges = [link.exchange(link.host_ns + SECOND) for _ in range(6)]
    for exchange in reversed(exchanges):
        estimator.add(*exchange)
    assert estimator.accepted == 6
    assert all(within_bound(link, snapshot(estimator), *truth) for truth in link.truths)


def test_history_keeps_the_latest_exchanges_in_order() -> None:
    estimator = OffsetEstimator(history=2)
    for number in range(3):
        estimator.add(number * SECOND, number * SECOND + MS, 10_000 + 1000 * number)
    assert estimator.history == (
        Exchange(SECOND, SECOND + MS, 11_000),
        Exchange(2 * SECOND, 2 * SECOND + MS, 12_000),
    )


def test_a_day_of_drift_does_not_harm_the_arithmetic(make_link: MakeLink) -> None:
    link, limits = make_link(random.Random(2), rate=100e-6), RateLimits(150e-6, WANDER)
    feasible = FeasibleSet(Exchange(*link.exchange(link.host_ns)), limits)
    for _ in range(24 * 12):
        assert feasible.try_add(Exchange(*link.exchange(link.host_ns + 300 * SECOND)))
        assert within_bound(link, feasible.clock_map(0), *link.truths[-1])
        assert max(abs(offset) for offset, _ in feasible.polygon) < 2 * REBASE_NS


def test_sudden_change_of_rate_is_outlived(make_link: MakeLink) -> None:
    # Outside of what is guaranteed: a time daemon changes the rate at once. The guards among
    # the aimed probes notice it soon.
    link, estimator = make_link(random.Random(2)), OffsetEstimator()
    for number in range(900):
        if number == 300:
            link.rate = 60e-6
        probe(link, estimator, SECOND // 10, aimed=True)
        clock_map, truth = snapshot(estimator), link.truths[-1]
        assert link.error_ns(clock_map, *truth) < clock_map.bound_ns(truth[0]) + 0.4 * MS
    assert within_bound(link, clock_map, *truth)


@pytest.mark.parametrize(
    "wrong",
    [{"max_rate_ppm": 0}, {"max_rate_ppm": float("nan")}, {"max_wander_ppm_per_s": -0.1}],
)
def test_impossible_limits_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        OffsetEstimator(**wrong)  # type: ignore[arg-type]
