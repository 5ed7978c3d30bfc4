"""Three minutes on links like those of the reference: offset 7.3 s, drift 40 ppm.

The figures to reach, absolute error of an event dated at once, median / worst: 0.02 / 0.3 ms on a
quiet link, 0.59 / 0.91 ms over Wi-Fi with unequal ways of 2 to 40 ms. How the delays of that Wi-Fi
were drawn is not known; over twenty
draws of ours the worst is 0.8 ms in the middle and 1.3 at most.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest

from psychopy_neon.certificate import Limits
from psychopy_neon.clock import Exchange, OffsetEstimator
from psychopy_neon.clock.probe_timing import pause_s
from psychopy_neon.clock.refit import refit

MS = 1_000_000
SECOND = 1_000_000_000
BURST_EXCHANGES = 60
WIFI_LIMIT_MS = Limits.wifi().max_event_bound_ms or 0.0


def three_minutes(
    link: Any, seconds: int = 180
) -> tuple[list[int], list[int], list[float], list[Exchange]]:
    """Probe as the client does; return events, their bounds, their errors, and the exchanges."""
    estimator, exchanges = OffsetEstimator(), []
    events, bounds, errors = [], [], []
    due = link.host_ns + 2 * SECOND
    end = link.host_ns + seconds * SECOND
    while link.host_ns < end:
        live = estimator.snapshot()
        young = live is None or estimator.accepted < BURST_EXCHANGES
        pause = 0.01 if live is None or young else pause_s(live, link.host_ns)
        earliest = link.host_ns + round(pause * SECOND)
        sent = estimator.aim(earliest, link.rng.randint(-50_000, 50_000))
        while due < sent:
            truth = link.advance(due)
            events.append(due)
            bounds.append(live.bound_ns(due))
            errors.append(link.error_ns(live, due, truth))
            due += SECOND + link.rng.randrange(SECOND // 3)
        found = link.exchange(sent)
        exchanges.append(Exchange(*found))
        estimator.add(*found)
    return events, bounds, errors, exchanges


@pytest.mark.parametrize("kind", ["wifi", "slow wifi"])
def test_wifi_keeps_to_its_limit_at_a_sensible_rate(
    make_link: Callable[..., Any], kind: str
) -> None:
    link = make_link(random.Random(1), kind=kind, rate=40e-6)
    _, bounds, errors, exchanges = three_minutes(link, 60)
    assert all(error <= bound for error, bound in zip(errors, bounds, strict=True))
    assert max(bounds) / MS < WIFI_LIMIT_MS
    assert 5 < (len(exchanges) - BURST_EXCHANGES) / 60 < 20


def test_a_lopsided_link_does_not_pass_as_a_good_one(make_link: Callable[..., Any]) -> None:
    """Nothing tells which of the two ways is the slow one, so the bound must cover both."""
    link = make_link(random.Random(1), kind="lopsided", rate=40e-6)
    _, bounds, errors, exchanges = three_minutes(link, 60)
    assert all(error <= bound for error, bound in zip(errors, bounds, strict=True))
    assert min(errors) / MS > 15 and min(bounds) / MS > 20 > WIFI_LIMIT_MS
    assert len(exchanges) / 60 < 20


@pytest.mark.parametrize(
    ("kind", "most_median_ms", "most_worst_ms"), [("quiet", 0.02, 0.3), ("wifi", 0.3, 1.2)]
)
def test_events_are_dated_as_well_as_in_the_reference(
    make_link: Callable[..., Any], kind: str, most_median_ms: float, most_worst_ms: float
) -> None:
    medians, worst = [], []
    for seed in range(3):
        link = make_link(random.Random(seed), kind=kind, rate=40e-6, base_offset_ns=7_300_000_000)
        events, bounds, errors, exchanges = three_minutes(link)
        assert all(error <= bound for error, bound in zip(errors, bounds, strict=True))
        medians.append(median(errors) / MS)
        worst.append(max(errors) / MS)
    assert median(medians) < most_median_ms
    assert median(worst) < most_worst_ms
    history, truth = refit(exchanges), {at: rest for at, _, rest in link.offsets}
    refitted = [link.error_ns(history, at, truth[at]) / MS for at in events]
    assert median(refitted) < 0.8 * medians[-1]
    assert max(refitted) < 0.8 * worst[-1]
