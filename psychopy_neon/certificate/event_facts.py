"""What became of the events, and how sure their times are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from psychopy_neon.certificate.clock_facts import SessionClock
from psychopy_neon.certificate.spread import Spread, spread
from psychopy_neon.certificate.timeline import Stretch
from psychopy_neon.clock.clock_history import ClockStep
from psychopy_neon.ledger.session import CONFIRMED, LedgerEvent

NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class JudgedEvent:
    """An event of the ledger, and what is known about its time.

    Attributes
    ----------
    event : LedgerEvent
    at_s : float
        Place on the certificate's axis of time, seconds.
    bound_ms : float
        Greatest possible error of its time, ms; NaN if it has no time or no bound.
    at_step : bool
        Whether the phone's clock stepped at about that moment, so that it may be on either side.
    widened : bool
        Whether all answers together allow a greater error than was told when it was sent.
    """

    event: LedgerEvent
    at_s: float
    bound_ms: float
    at_step: bool = False
    widened: bool = False

    @property
    def confirmed(self) -> bool:
        """Whether the phone confirmed it for our recording."""
        return self.event.state == CONFIRMED

    @property
    def disturbed(self) -> bool:
        """Whether it is one of the few that are judged by themselves."""
        return self.at_step or self.widened


@dataclass(frozen=True, slots=True)
class EventFacts:
    """All events of a run.

    Attributes
    ----------
    total, confirmed : int
        Number of events, and of those the phone confirmed.
    states : dict of str to int
        Number of events by state.
    perhaps_twice : int
        Events that the phone may have stored twice, because an answer was lost.
    resent : int
        Events that had to be sent more than once.
    disturbed : int
        Events at about a step of the phone's clock, or counted in `widened`.
    widened : int
        Events whose error may be greater than was told when they were sent.
    without_bound : int
        Events without a time on the phone's clock, or with one that nothing is known about.
    bounds_ms : Spread or None
        Greatest possible errors of the others, ms.
    undisturbed_ms : Spread or None
        The same of those that are not `disturbed`.
    """

    total: int
    confirmed: int
    states: dict[str, int]
    perhaps_twice: int
    resent: int
    disturbed: int
    widened: int
    without_bound: int
    bounds_ms: Spread | None
    undisturbed_ms: Spread | None

    @property
    def confirmed_share(self) -> float:
        """Confirmed events, of all; 1 without events."""
        return self.confirmed / self.total if self.total else 1.0


def judged_events(stretch: Stretch, clock: SessionClock | None) -> list[JudgedEvent]:
    """Judge the events of a session by all answers, also those after each event."""
    events = stretch.session.events
    if clock is None or not events:
        return [_as_sent(event, stretch) for event in events]
    hosts = np.array([event.host_ns for event in events], np.int64)
    devices, bounds = clock.history.devices(hosts)
    return [
        _judged(event, stretch, clock, int(device_ns), int(bound_ns))
        for event, device_ns, bound_ns in zip(events, devices, bounds, strict=True)
    ]


def _as_sent(event: LedgerEvent, stretch: Stretch, at_step: bool = False) -> JudgedEvent:
    known = event.device_ns is not None and event.bound_ns is not None
    bound_ms = (event.bound_ns or 0) / NS_PER_MS if known else math.nan
    return JudgedEvent(event, stretch.at_host(event.host_ns), bound_ms, at_step)


def _judged(
    event: LedgerEvent, stretch: Stretch, clock: SessionClock, device_ns: int, bound_ns: int
) -> JudgedEvent:
    """Both the bound that was told and the one in hindsight are guarantees: they must meet."""
    if event.device_ns is None or event.bound_ns is None:
        return _as_sent(event, stretch)
    apart_ns = event.device_ns - device_ns
    step = clock.step_at(event.host_ns)
    # A bound that is as large as the step was made in knowledge of it.
    unaware = step is not None and event.bound_ns < abs(step.size_ns)
    if not unaware and abs(apart_ns) <= event.bound_ns + bound_ns:
        return _as_sent(event, stretch, step is not None)
    reach_ns = abs(apart_ns) + bound_ns
    if step is not None:
        reach_ns = _reach_ns(step, apart_ns, bound_ns, event.host_ns)
    return JudgedEvent(
        event, stretch.at_host(event.host_ns), reach_ns / NS_PER_MS, step is not None, True
    )


def _reach_ns(step: ClockStep, apart_ns: int, bound_ns: int, host_ns: int) -> int:
    """Farthest that the true time can be, which is on one of the two sides of the step."""
    is_after = 2 * host_ns >= step.earliest_host_ns + step.latest_host_ns
    other_side_ns = -step.size_ns if is_after else step.size_ns
    slack_ns = max(0, bound_ns - abs(step.size_ns))
    return max(abs(apart_ns), abs(apart_ns - other_side_ns)) + slack_ns


def event_facts(events: Sequence[JudgedEvent]) -> EventFacts:
    """Sum up the events."""
    ledger = [judged.event for judged in events]
    bounds = spread(judged.bound_ms for judged in events)
    return EventFacts(
        total=len(events),
        confirmed=sum(judged.confirmed for judged in events),
        states=dict(Counter(event.state for event in ledger)),
        perhaps_twice=sum(event.perhaps_twice for event in ledger),
        resent=sum(event.tries > 1 for event in ledger),
        disturbed=sum(judged.disturbed for judged in events),
        widened=sum(judged.widened for judged in events),
        without_bound=len(events) - (bounds.count if bounds else 0),
        bounds_ms=bounds,
        undisturbed_ms=spread(judged.bound_ms for judged in events if not judged.disturbed),
    )
