"""A ledger in a few lines that one can read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from psychopy_neon.clock.clock_history import ClockHistory, ClockStep
from psychopy_neon.ledger.session import (
    CONFIRMED,
    FINAL_STATES,
    PENDING,
    LedgerCheck,
    LedgerCorrection,
    LedgerDisplayLag,
    LedgerEvent,
    Session,
    SessionHead,
)
from psychopy_neon.ledger.timeline import refit_session

MOST_NAMES = 10


def summary(session: Session) -> list[str]:
    """Return lines of text: the events by state, the clock, its steps, the streams.

    Parameters
    ----------
    session : Session
    """
    return [
        *_phone(session),
        *(f"check: {_check(check)}" for check in session.checks),
        *_events(session.events),
        *_clock(refit_session(session), session.head),
        *_recordings(session),
        *(f"display lag: {_display_lag(lag)}" for lag in session.display_lags),
        *(f"gaze: {_correction(each, session.head)}" for each in session.corrections),
        *(
            f"stream {stream.name}: {stream.received} received, {stream.lost} lost, "
            f"{stream.malformed} unreadable"
            for stream in session.streams
        ),
        *_end(session),
    ]


def _phone(session: Session) -> Iterator[str]:
    head = session.head
    phone = head.phone_name or "an unnamed phone"
    glasses = f", glasses {head.module_serial}" if head.module_serial else ""
    at = f" at {head.address}" if head.address else ""
    yield f"{head.utc or 'at an unknown time'}: {phone}{at}{glasses}"


def _events(events: Sequence[LedgerEvent]) -> Iterator[str]:
    counts = Counter(event.state for event in events)
    states = [s for s in (*FINAL_STATES[1:], PENDING) if counts[s]]
    others = "".join(f", {counts[state]} {state}" for state in states)
    yield f"events: {counts[CONFIRMED]} of {len(events)} confirmed{others}"
    for state in states:
        yield f"  {state}: {_names([event for event in events if event.state == state])}"
    twice = [event for event in events if event.perhaps_twice]
    if twice:
        yield f"  perhaps stored twice: {_names(twice)}"


def _names(events: Sequence[LedgerEvent]) -> str:
    listed = ", ".join(f"{event.number} {event.name!r}" for event in events[:MOST_NAMES])
    more = len(events) - MOST_NAMES
    return listed + (f" and {more} more" if more > 0 else "")


def _clock(history: ClockHistory | None, head: SessionHead) -> Iterator[str]:
    if history is None:
        yield "clock: the phone answered no probe"
        return
    middle_ns = (history.start_host_ns + history.end_host_ns) // 2
    yield (
        f"clock: {history.exchanges} probes in "
        f"{(history.end_host_ns - history.start_host_ns) / 1e9:.1f} s; in the middle of them known "
        f"to ±{history.bound_ns(middle_ns) / 1e6:.3f} ms, drift "
        f"{history.rate_at(middle_ns) * 1e6:+.2f} ppm{_ahead(history, head)}"
    )
    yield f"steps of the phone's clock: {len(history.steps) or 'none'}"
    for step in history.steps:
        yield f"  {_step(step, history.start_host_ns)}"


def _ahead(history: ClockHistory, head: SessionHead) -> str:
    """The phone's clock against the wall clock of the computer, which was read to 1 ms."""
    try:
        utc = datetime.fromisoformat(head.utc.replace("Z", "+00:00"))
    except ValueError:
        return ""
    if head.host_ns is None or utc.tzinfo is None:
        return ""
    ahead_s = history.device_from_host(head.host_ns) / 1e9 - utc.timestamp()
    return f"; at the start {ahead_s:+.3f} s from the computer's clock"


def _step(step: ClockStep, start_ns: int) -> str:
    between = (step.earliest_host_ns - start_ns) / 1e9, (step.latest_host_ns - start_ns) / 1e9
    return (
        f"by {step.size_ns / 1e9:+.6f} s ± {step.bound_ns / 1e6:.3f} ms, "
        f"{between[0]:.3f} to {between[1]:.3f} s after the first probe"
    )


def _recordings(session: Session) -> Iterator[str]:
    started = [recording for recording in session.recordings if recording.state == "recording"]
    for recording in started:
        yield f"recording {recording.id}"
    for recording in session.recordings:
        if recording.error:
            yield f"recording {recording.id or 'without an id'}: {recording.error}"


def _check(check: LedgerCheck) -> str:
    retries = f", checked again {check.retries} times" if check.retries else ""
    problems = f"; {'; '.join(check.problems)}" if check.problems else ""
    return f"{check.verdict}, {check.choice or 'unknown'} by {check.chosen_by}{retries}{problems}"


def _display_lag(lag: LedgerDisplayLag) -> str:
    if math.isnan(lag.lag_s):
        return f"not found ({lag.problem or lag.verdict})"
    return (
        f"{lag.lag_s * 1e3:.2f} ± {lag.uncertainty_s * 1e3:.2f} ms by {lag.changes} of {lag.shown} "
        f"changes of the patch ({lag.verdict})"
    )


def _correction(each: LedgerCorrection, head: SessionHead) -> str:
    what = "not corrected any more"
    if each.version:
        right, up = each.offset_deg
        what = (
            f"corrected (version {each.version}, {right:+.2f} degrees to the right, {up:+.2f} up, "
            f"by {each.points} targets)"
        )
    if head.host_ns is None:
        return what
    return f"{what} from {(each.host_ns - head.host_ns) / 1e9:.1f} s on"


def _end(session: Session) -> Iterator[str]:
    if not session.closed:
        yield "the session did not end properly, or still runs"
    if session.unreadable:
        yield f"lines that could not be read: {session.unreadable}"
