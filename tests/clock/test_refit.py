"""A finished run is dated again: never worse than live, and always within the bound."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from psychopy_neon.clock import ClockMap, Exchange, OffsetEstimator
from psychopy_neon.clock.clock_history import ClockHistory
from psychopy_neon.clock.refit import refit
from psychopy_neon.clock.smoothing import mirror, smooth
from psychopy_neon.exceptions import UsageError

MS = 1_000_000
SECOND = 1_000_000_000
WANDER = 0.05e-6 * 1e-9
KINDS = ("quiet", "asymmetric", "wifi", "bursty", "stalling", "lossy")
MakeLink = Callable[..., Any]


@dataclass
class Run:
    """A finished run: its link, with the truth; its exchanges; the live map after each of them."""

    link: Any
    exchanges: list[Exchange]
    live: list[tuple[int, ClockMap]]

    @property
    def instants(self) -> list[int]:
        return [host_ns for host_ns, _, _ in self.link.offsets]

    def errors_ns(self, history: ClockHistory) -> tuple[np.ndarray, np.ndarray]:
        """Size of the error, and the bound, at every instant whose truth is known."""
        device_ns, bound_ns = history.devices(self.instants)
        truths = zip(device_ns.tolist(), self.link.offsets, strict=True)
        errors = [abs(found - at - base - rest) for found, (at, base, rest) in truths]
        return np.array(errors), bound_ns


@pytest.fixture
def run(make_link: MakeLink) -> Callable[..., Run]:
    return lambda *args, **kwargs: _run(make_link, *args, **kwargs)


def _run(
    make_link: MakeLink,
    kind: str,
    seed: int,
    count: int,
    pause_ms: int = 500,
    steps: dict[int, int] | None = None,
    rate: float | None = None,
) -> Run:
    rng = random.Random(seed)
    rate = rng.uniform(-100e-6, 100e-6) if rate is None else rate
    link = make_link(rng, kind=kind, rate=rate, wander_per_ns=WANDER)
    estimator, run = OffsetEstimator(), Run(link, [], [])
    for number in range(count):
        if steps and number in steps:
            link.advance(link.host_ns + MS)
            link.step(steps[number])
        pause_ns = 10 * MS if estimator.step_suspected else pause_ms * MS
        sent = link.host_ns + pause_ns + rng.randrange(5 * MS)
        found = link.exchange(estimator.aim(sent, rng.randint(-50_000, 50_000)))
        if found is not None:
            run.exchanges.append(Exchange(*found))
            estimator.add(*found)
            live = estimator.snapshot()
            if live is not None:
                run.live.append((link.host_ns, live))
    return run


@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(KINDS),
    pause_ms=st.sampled_from([10, 100, 1000, 10_000]),
)
@example(seed=287829, kind="lossy", pause_ms=10_000)  # polygons with edges as short as rounding
@example(seed=438051362, kind="wifi", pause_ms=10_000)
@settings(max_examples=300, deadline=None)
def test_truth_is_always_within_the_bound_and_the_bound_is_never_worse_than_live(
    make_link: MakeLink, seed: int, kind: str, pause_ms: int
) -> None:
    run = _run(make_link, kind, seed, 15, pause_ms)
    if not run.live:
        return  # every answer was lost, or came too late
    history = refit(run.exchanges)
    errors, bounds = run.errors_ns(history)
    assert (errors <= bounds).all()
    for host_ns, live in run.live:
        assert history.bound_ns(host_ns) <= live.bound_ns(host_ns) + 1
    assert (len(history.steps), history.dropped, history.contradictions) == (0, 0, 0)


@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(["quiet", "bursty", "lossy", "stalling"]),
    sizes_ms=st.lists(
        st.sampled_from([-7_200_000, -900, -20, 20, 900, 40_000]), min_size=1, max_size=3
    ),
)
@settings(max_examples=120, deadline=None)
def test_truth_is_within_the_bound_before_between_after_and_during_steps(
    make_link: MakeLink, seed: int, kind: str, sizes_ms: list[int]
) -> None:
    steps = {25 * number: size * MS for number, size in enumerate(sizes_ms, start=1)}
    run = _run(make_link, kind, seed, 25 * (len(steps) + 1), 100, steps)
    history = refit(run.exchanges)
    errors, bounds = run.errors_ns(history)
    assert (errors <= bounds).all()
    assert len(history.steps) == len(sizes_ms)
    for step, size_ms in zip(history.steps, sizes_ms, strict=True):
        assert abs(step.size_ns - size_ms * MS) <= step.bound_ns


@pytest.mark.parametrize("kind", KINDS)
def test_many_probes_are_as_sound_as_few(run: Callable[..., Run], kind: str) -> None:
    finished = run(kind, 11, 400)
    history = refit(finished.exchanges)
    errors, bounds = finished.errors_ns(history)
    assert (errors <= bounds).all()
    live = [(at, clock_map.bound_ns(at)) for at, clock_map in finished.live]
    found = [history.bound_ns(at) for at, _ in live]
    assert all(new <= old + 1 for new, (_, old) in zip(found, live, strict=True))
    assert np.median(found) < 0.9 * np.median([bound_ns for _, bound_ns in live])


def test_bound_shrinks_towards_half_the_smallest_round_trip(run: Callable[..., Run]) -> None:
    # All delays are at least 0.1 ms each way.
    finished = run("quiet", 4, 400)
    smallest = min(exchange.round_trip_ns for exchange in finished.exchanges)
    _, bounds = finished.errors_ns(refit(finished.exchanges))
    middle = bounds[len(bounds) // 4 : -len(bounds) // 4]
    assert smallest / 2 <= np.median(middle) < 1.25 * smallest / 2


def test_step_is_narrowed_down_to_the_probes_around_it(run: Callable[..., Run]) -> None:
    finished = run("quiet", 3, 100, 200, {50: 5 * SECOND})
    (step,) = refit(finished.exchanges).steps
    stepped_ns = max(
        at for at, base, _ in finished.link.offsets if base < finished.link.base_offset_ns
    )
    assert step.earliest_host_ns <= stepped_ns + MS <= step.latest_host_ns
    assert step.latest_host_ns - step.earliest_host_ns < SECOND
    assert abs(step.size_ns - 5 * SECOND) <= step.bound_ns < MS


def test_while_a_step_may_have_happened_the_bound_covers_both_cases(
    run: Callable[..., Run],
) -> None:
    history = refit(run("quiet", 3, 100, 200, {50: 5 * SECOND}).exchanges)
    (step,) = history.steps
    middle_ns = (step.earliest_host_ns + step.latest_host_ns) // 2
    assert history.bound_ns(middle_ns) >= step.size_ns - step.bound_ns
    outside = (step.earliest_host_ns - SECOND, step.latest_host_ns + SECOND)
    assert all(history.bound_ns(host_ns) < MS for host_ns in outside)


def test_a_clock_put_back_shows_some_times_twice_and_the_bound_says_so(
    run: Callable[..., Run],
) -> None:
    history = refit(run("quiet", 3, 100, 200, {50: -5 * SECOND}).exchanges)
    (step,) = history.steps
    before_ns, after_ns = step.earliest_host_ns - 2 * SECOND, step.latest_host_ns + 2 * SECOND
    for host_ns, twin_ns in (
        (before_ns, before_ns + 5 * SECOND),
        (after_ns, after_ns - 5 * SECOND),
    ):
        (found,), (bound,) = history.hosts([history.device_from_host(host_ns)])
        assert abs(found - host_ns) <= bound and abs(found - twin_ns) <= bound
    (_,), (bound,) = history.hosts([history.device_from_host(before_ns - 6 * SECOND)])
    assert bound < MS


def test_a_time_that_a_step_skipped_is_put_at_the_step(run: Callable[..., Run]) -> None:
    history = refit(run("quiet", 3, 100, 200, {50: 60 * SECOND}).exchanges)
    (step,) = history.steps
    skipped = history.device_from_host(step.earliest_host_ns - SECOND) + 30 * SECOND
    (found,), (bound,) = history.hosts([skipped])
    assert abs(found - step.latest_host_ns) <= bound + 31 * SECOND


@given(seed=st.integers(0, 2**16), kind=st.sampled_from(KINDS), away_s=st.integers(-4000, 4000))
@settings(max_examples=50, deadline=None)
def test_there_and_back_is_exact_to_1_ns(
    make_link: MakeLink, seed: int, kind: str, away_s: int
) -> None:
    run = _run(make_link, kind, seed, 12)
    if not run.live:
        return
    history = refit(run.exchanges)
    middle = (history.start_host_ns + history.end_host_ns) // 2
    instants = np.array([*run.instants, middle, middle + 1, middle + away_s * SECOND])
    back_ns, bound_ns = history.hosts(history.devices(instants)[0])
    assert np.abs(back_ns - instants).max() <= 1
    assert (bound_ns > 0).all()
    assert [history.host_from_device(history.device_from_host(int(i))) for i in instants[-3:]] == (
        back_ns[-3:].tolist()
    )


def test_far_from_the_probes_the_bound_is_that_of_the_live_map(run: Callable[..., Run]) -> None:
    finished = run("quiet", 4, 200)
    history = refit(finished.exchanges)
    at, live = finished.live[-1]
    for later_s in (0, 1, 10, 100, 1000, 10_000):
        host_ns = at + later_s * SECOND
        assert history.bound_ns(host_ns) <= live.bound_ns(host_ns) + 1
        # All that the clocks may do after the last answer is in both of them.
        assert history.bound_ns(host_ns) > 0.9 * live.bound_ns(host_ns)
    assert history.bound_ns(at + 10_000 * SECOND) > 100 * MS


def test_an_outage_is_bridged_from_both_ends(run: Callable[..., Run]) -> None:
    finished = run("quiet", 8, 400, 100)
    start = finished.exchanges[0].sent_host_ns
    kept = [e for e in finished.exchanges if not 15 * SECOND < e.sent_host_ns - start < 30 * SECOND]
    assert len(kept) < len(finished.exchanges) - 100
    errors, bounds = finished.errors_ns(refit(kept))
    assert (errors <= bounds).all()
    assert bounds[len(bounds) // 2] < 0.3 * MS


def test_order_of_the_exchanges_does_not_matter(run: Callable[..., Run]) -> None:
    finished = run("bursty", 2, 60)
    shuffled = finished.exchanges[:]
    random.Random(1).shuffle(shuffled)
    one, other = refit(finished.exchanges), refit(shuffled)
    assert (one.devices(finished.instants)[0] == other.devices(finished.instants)[0]).all()


def test_a_stray_answer_is_left_out(run: Callable[..., Run]) -> None:
    finished = run("quiet", 2, 100)
    wrong = finished.exchanges[40]
    wrong = Exchange(wrong.sent_host_ns, wrong.received_host_ns, wrong.device_ms + 5000)
    history = refit([*finished.exchanges, wrong])
    errors, bounds = finished.errors_ns(history)
    assert (errors <= bounds).all() and bounds[len(bounds) // 2] < MS
    assert (history.dropped, len(history.steps)) == (1, 0)


def test_answers_between_two_quick_steps_widen_the_bound_there(make_link: MakeLink) -> None:
    rng = random.Random(5)
    link, exchanges = make_link(rng), []
    for number in range(60):
        if number in (30, 32):
            link.step((20 if number == 30 else -13) * SECOND)
        exchanges.append(Exchange(*link.exchange(link.host_ns + SECOND // 5)))
    run = Run(link, exchanges, [])
    history = refit(exchanges)
    errors, bounds = run.errors_ns(history)
    assert (errors <= bounds).all()
    assert len(history.steps) == 1 and len(history.steps[0].stray_offsets) == 2


def test_clocks_beyond_the_limits_are_counted_and_do_not_break_it(make_link: MakeLink) -> None:
    link, exchanges = make_link(random.Random(2)), []
    for number in range(200):
        link.rate = 0.0 if number < 100 else 60e-6  # at once, as no crystal does
        exchanges.append(Exchange(*link.exchange(link.host_ns + SECOND // 2)))
    run = Run(link, exchanges, [])
    history = refit(exchanges, max_wander_ppm_per_s=0.001)
    errors, _ = run.errors_ns(history)
    assert history.steps or history.contradictions
    assert np.median(errors) < 0.1 * MS


def test_learned_rate_is_the_true_one(run: Callable[..., Run]) -> None:
    finished = run("quiet", 6, 300, 100, rate=80e-6)
    history = refit(finished.exchanges)
    middle_ns = (history.start_host_ns + history.end_host_ns) // 2
    assert history.rate_at(middle_ns) == pytest.approx(80e-6, abs=6e-6)


@pytest.mark.parametrize(
    "exchanges", [[], [Exchange(5, 1, 0)], [Exchange(0, 3 * SECOND, 0)]], ids=str
)
def test_nothing_to_go_by_is_said(exchanges: list[Exchange]) -> None:
    with pytest.raises(UsageError, match="no answered time echo"):
        refit(exchanges)


def test_a_single_exchange_is_enough() -> None:
    history = refit([Exchange(1000 * MS, 1002 * MS, 5_000)])
    assert history.device_from_host(1002 * MS) == pytest.approx(5001.5 * MS, abs=2_000)
    assert history.bound_ns(1002 * MS) == pytest.approx(1.5 * MS, abs=2_000)


@given(sent=st.integers(0, 10**15), trip=st.integers(0, 10**9), device_ms=st.integers(0, 10**13))
def test_mirrored_exchange_proves_the_same(sent: int, trip: int, device_ms: int) -> None:
    exchange = Exchange(sent, sent + trip, device_ms)
    mirrored = mirror(exchange)
    assert mirrored.least_offset_ns == -exchange.most_offset_ns
    assert mirrored.most_offset_ns == -(exchange.least_offset_ns - 100)  # one tick of the host


def test_knots_are_close_to_each_other_also_in_a_gap(run: Callable[..., Run]) -> None:
    finished = run("quiet", 1, 5, 30_000)
    limits = OffsetEstimator().limits
    knots = [knot.host_ns for knot in smooth(finished.exchanges, limits).knots]
    assert knots == sorted(set(knots))
    assert max(np.diff(knots)) <= SECOND
