"""The lag of the display, and the clocks end to end, as the scene camera saw them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from psychopy_neon.certificate.quantities import count, with_bound
from psychopy_neon.ledger.session import LedgerDisplayLag, Session

AGREEING = ("good", "coarse", "overexposed", "inconsistent")


@dataclass(frozen=True, slots=True)
class DisplayFacts:
    """The last measurement that found a lag, or the last one if none did.

    Attributes
    ----------
    verdict, problem : str
        As of `DisplayLag`.
    lag_ms, uncertainty_ms : float
        From the flip to light, and how far that can be off, ms; NaN if no lag was found.
    clock_agrees : bool or None
        Whether flips, converted as events are, agree with the stamps of the scene video in sign,
        size and rate; None if no lag was found.
    changes, shown : int
        Changes of the patch that were used, and that were shown.
    exposure_ms, drift_ppm, drift_uncertainty_ppm : float
        Exposure of the camera; change of the lag in the course of the measurement, and how far
        that can be off.
    measurements : int
        How often it was measured in the run.
    added_ms : tuple of float
        Lags that were added to the times of events.
    """

    verdict: str
    problem: str
    lag_ms: float
    uncertainty_ms: float
    clock_agrees: bool | None
    changes: int
    shown: int
    exposure_ms: float
    drift_ppm: float
    drift_uncertainty_ppm: float
    measurements: int
    added_ms: tuple[float, ...]

    @property
    def is_sound(self) -> bool:
        """Whether a lag was found that holds for every flip, and the clocks agree."""
        return self.clock_agrees is True and self.verdict != "inconsistent"


def display_facts(sessions: Sequence[Session]) -> DisplayFacts | None:
    """Sum up; None if the display was not measured."""
    measured = [lag for session in sessions for lag in session.display_lags]
    if not measured:
        return None
    found = [lag for lag in measured if math.isfinite(lag.lag_s)]
    last = (found or measured)[-1]
    return DisplayFacts(
        verdict=last.verdict,
        problem=last.problem,
        lag_ms=last.lag_s * 1e3,
        uncertainty_ms=last.uncertainty_s * 1e3,
        clock_agrees=last.verdict in AGREEING if found else None,
        changes=last.changes,
        shown=last.shown,
        exposure_ms=last.exposure_s * 1e3,
        drift_ppm=last.drift_ppm,
        drift_uncertainty_ppm=last.drift_uncertainty_ppm,
        measurements=len(measured),
        added_ms=tuple(sorted(_added_ms(sessions))),
    )


def _added_ms(sessions: Sequence[Session]) -> set[float]:
    lags = (e.data.get("display_lag_s", 0.0) for s in sessions for e in s.events)
    return {float(lag) * 1e3 for lag in lags if isinstance(lag, (int, float)) and lag}


def lag_text(facts: DisplayFacts) -> str:
    """As people write it: 23.40 ± 0.95 ms."""
    return f"{with_bound(facts.lag_ms, facts.uncertainty_ms).removeprefix('+')} ms"


def display_details(lag: LedgerDisplayLag) -> str:
    """One measurement for the table of devices."""
    if not math.isfinite(lag.lag_s):
        return f"not found: {lag.problem}"
    value = with_bound(lag.lag_s * 1e3, lag.uncertainty_s * 1e3).removeprefix("+")
    drift = with_bound(lag.drift_ppm, lag.drift_uncertainty_ppm)
    return (
        f"{value} ms ({lag.changes} of {count(lag.shown, 'change')}, exposure "
        f"{lag.exposure_s * 1e3:.1f} ms, drift {drift} ppm)"
    )


def display_notes(facts: DisplayFacts | None, events: int) -> list[str]:
    """What a reader has to know about the display."""
    if facts is None:
        return []
    if facts.clock_agrees is None:
        return [f"The display's lag was not found: {facts.problem}."]
    found = []
    if facts.verdict != "good":
        found.append(f"The measurement of the display is {facts.verdict}: {facts.problem}.")
    if facts.is_sound and events:
        found += _about_added(facts)
    return found


def _about_added(facts: DisplayFacts) -> list[str]:
    if not facts.added_ms:
        return ["The display's lag was not added to the times of events: they are those of flips."]
    others = [lag for lag in facts.added_ms if abs(lag - facts.lag_ms) > facts.uncertainty_ms]
    if not others:
        return []
    words = " and ".join(f"{lag:g} ms" for lag in others)
    return [f"For the display's lag {words} was added to events, and {lag_text(facts)} measured."]
