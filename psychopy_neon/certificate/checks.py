"""Measured values against limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from psychopy_neon.certificate.display_facts import DisplayFacts, lag_text
from psychopy_neon.certificate.event_facts import EventFacts
from psychopy_neon.certificate.frames import FrameFacts
from psychopy_neon.certificate.limits import Limits
from psychopy_neon.certificate.quantities import count, ms, percent

NOT_MEASURED = "not measured"
NO_LIMIT = "no limit"
MS, PERCENT = " ms", " %"


@dataclass(frozen=True, slots=True)
class Check:
    """One limit, and whether the run kept to it.

    Attributes
    ----------
    name : str
        Field of `Limits`.
    title : str
        What was measured, in words.
    measured : str
        The value with its unit.
    limit : str
        The limit in words.
    value : float or None
        The value in the unit of the limit; None if it was not measured.
    passed : bool or None
        Whether the limit was kept; None if there is no limit or no value.
    """

    name: str
    title: str
    measured: str
    limit: str
    value: float | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run is judged by.

    Attributes
    ----------
    events : EventFacts
    clock_steps : int or None
        Steps of the phone's clock; None if it was never read.
    contradictions : int
        Places where answers show that the clocks broke what the bound rests on.
    gaze_received, gaze_lost : int
        Gaze samples that arrived, and that did not.
    frames : FrameFacts or None
        Flips, if they were logged.
    display : DisplayFacts or None
        Lag of the display, if it was measured.
    """

    events: EventFacts
    clock_steps: int | None
    contradictions: int
    gaze_received: int
    gaze_lost: int
    frames: FrameFacts | None
    display: DisplayFacts | None = None


def check_all(measured: Measured, limits: Limits) -> tuple[Check, ...]:
    """Hold each value against its limit."""
    return (
        _confirmed(measured.events, limits.min_confirmed_share),
        _bound(measured, limits.max_event_bound_ms),
        _steps(measured.clock_steps, limits.max_clock_steps),
        _gaze_loss(measured, limits.max_gaze_loss_share),
        _gaze_age(measured.frames, limits.max_gaze_age_p95_ms),
        _late_flips(measured.frames, limits.max_late_flip_share),
        _display(measured.display, limits.max_display_lag_uncertainty_ms),
    )


def _confirmed(events: EventFacts, limit: float | None) -> Check:
    share = events.confirmed_share if events.total else None
    words = "all" if limit == 1 else f"at least {(limit or 0) * 100:g} %"
    return Check(
        "min_confirmed_share",
        "Events confirmed by the phone",
        f"{events.confirmed} of {count(events.total, 'event')}" if events.total else "no events",
        NO_LIMIT if limit is None else words,
        share,
        None if limit is None or share is None else share >= limit,
    )


def _bound(measured: Measured, limit: float | None) -> Check:
    events = measured.events
    worst = events.bounds_ms.most if events.bounds_ms else None
    words = [] if worst is None else [_worst(events, worst)]
    if events.without_bound:
        words.append(f"{count(events.without_bound, 'event')} without a bound")
    if measured.contradictions:
        words.append("the clocks broke what the bound rests on")
    title = "Greatest possible error of an event's time"
    check = _at_most("max_event_bound_ms", title, worst, limit, "; ".join(words), MS)
    broken = events.without_bound or (measured.contradictions and events.total)
    return replace(check, passed=False) if broken and limit is not None else check


def _worst(events: EventFacts, worst: float) -> str:
    if not events.disturbed or events.undisturbed_ms is None:
        return ms(worst)
    others = ms(events.undisturbed_ms.most)
    return f"{ms(worst)} ({events.disturbed} of {events.total}; the others {others})"


def _steps(steps: int | None, limit: int | None) -> Check:
    words = "" if steps is None else str(steps)
    return _at_most("max_clock_steps", "Steps of the phone's clock", steps, limit, words, "")


def _gaze_loss(measured: Measured, limit: float | None) -> Check:
    total = measured.gaze_received + measured.gaze_lost
    share = measured.gaze_lost / total if total else None
    words = "" if share is None else f"{percent(share)} ({measured.gaze_lost} of {total})"
    return _at_most("max_gaze_loss_share", "Gaze samples lost", share, limit, words, PERCENT)


def _gaze_age(frames: FrameFacts | None, limit: float | None) -> Check:
    ages = frames.gaze_ages_ms if frames else None
    value = ages.p95 if ages else None
    words = "" if value is None else ms(value)
    return _at_most(
        "max_gaze_age_p95_ms", "Age of gaze at the flip, 95th percentile", value, limit, words, MS
    )


def _late_flips(frames: FrameFacts | None, limit: float | None) -> Check:
    value = frames.late_share if frames else None
    words = (
        "" if value is None or not frames else f"{percent(value)} ({frames.late} of {frames.flips})"
    )
    return _at_most("max_late_flip_share", "Late flips", value, limit, words, PERCENT)


def _display(display: DisplayFacts | None, limit: float | None) -> Check:
    is_found = display is not None and display.clock_agrees is not None
    value = display.uncertainty_ms if display is not None and is_found else None
    check = _at_most(
        "max_display_lag_uncertainty_ms",
        "Lag of the display, filmed with the scene camera",
        value,
        limit,
        _display_words(display),
        MS,
    )
    if limit is None:
        return check
    is_broken = display is not None and is_found and not display.is_sound
    words = f"known within {limit:g} ms, and the clocks agree"
    return replace(check, limit=words, passed=False if is_broken else check.passed)


def _display_words(display: DisplayFacts | None) -> str:
    if display is None:
        return ""
    if display.clock_agrees is None:
        return "not found"
    clocks = "agree" if display.clock_agrees else "do not agree"
    return f"{lag_text(display)}; end to end the clocks {clocks}"


def _at_most(
    name: str,
    title: str,
    value: float | None,
    limit: float | None,
    words: str,
    unit: str,
) -> Check:
    factor = 100 if unit == PERCENT else 1
    return Check(
        name,
        title,
        words or NOT_MEASURED,
        NO_LIMIT if limit is None else f"at most {limit * factor:g}{unit}" if limit else "none",
        value,
        None if limit is None or value is None else value <= limit,
    )
