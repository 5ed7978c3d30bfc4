"""How the link answered: round trips, silences, and how well the clock model fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from psychopy_neon.certificate.clock_facts import SessionClock
from psychopy_neon.certificate.spread import Spread, spread
from psychopy_neon.certificate.timeline import Stretch
from psychopy_neon.clock.exchange import Exchange

NS_PER_MS = 1_000_000
SILENCE_NS = 4_000_000_000  # questions are 1 s apart, and wait 2 s at most for an answer


@dataclass(frozen=True, slots=True)
class SilenceFacts:
    """A stretch of time in which the phone did not answer.

    Attributes
    ----------
    from_s : float
        Its start, seconds from the start of the first session.
    duration_s : float
        How long it lasted.
    """

    from_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """All answers of the phone to the question for its time.

    Attributes
    ----------
    answers : int
        Number of exchanges of time with the phone.
    agreeing : int
        Those that can be true if the clock model is.
    round_trips_ms : Spread or None
        Time between question and answer, ms.
    residuals_ms : Spread or None
        Size of the distance between the middle of what an answer allows and the clock model, ms.
    """

    answers: int
    agreeing: int
    round_trips_ms: Spread | None
    residuals_ms: Spread | None


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """One exchange of time with the phone.

    Attributes
    ----------
    at_s : float
        Place on the certificate's axis of time, seconds.
    round_trip_ms : float
        Time between question and answer, ms.
    residual_ms : float
        Middle of what it allows, minus the clock model, ms; NaN without a model.
    agrees : bool
        Whether it can be true if the clock model is.
    """

    at_s: float
    round_trip_ms: float
    residual_ms: float
    agrees: bool


def silences(stretch: Stretch) -> list[SilenceFacts]:
    """Stretches of one session in which answers were missing."""
    ordered = sorted(stretch.session.probes, key=lambda probe: probe.sent_host_ns)
    gaps = [(a.received_host_ns, b.sent_host_ns) for a, b in pairwise(ordered)]
    gaps += [(last.received_host_ns, stretch.last_host_ns) for last in ordered[-1:]]
    return [
        SilenceFacts(stretch.at_host(start_ns), (end_ns - start_ns) / 1e9)
        for start_ns, end_ns in gaps
        if end_ns - start_ns > SILENCE_NS
    ]


def judged_answers(stretch: Stretch, clock: SessionClock | None) -> list[JudgedAnswer]:
    """Compare all answers of a session with its clock model."""
    probes = stretch.session.probes
    residuals, doubts = _residuals_ms(probes, clock)
    return [
        JudgedAnswer(
            at_s=stretch.at_host(probe.received_host_ns),
            round_trip_ms=probe.round_trip_ns / NS_PER_MS,
            residual_ms=float(residual),
            agrees=not abs(residual) > (probe.round_trip_ns / NS_PER_MS + 1) / 2 + float(doubt),
        )
        for probe, residual, doubt in zip(probes, residuals, doubts, strict=True)
    ]


def _residuals_ms(
    probes: Sequence[Exchange], clock: SessionClock | None
) -> tuple[Sequence[float], Sequence[float]]:
    """Residual of each answer and bound of the model there, ms."""
    if clock is None or not probes:
        return [math.nan] * len(probes), [0.0] * len(probes)
    middles = np.array([(p.sent_host_ns + p.received_host_ns) // 2 for p in probes], np.int64)
    seen = np.array([p.device_ms * NS_PER_MS + NS_PER_MS // 2 for p in probes], np.int64)
    expected, bounds = clock.history.devices(middles)
    return list((seen - expected) / NS_PER_MS), list(bounds / NS_PER_MS)


def link_facts(answers: Sequence[JudgedAnswer]) -> LinkFacts:
    """Sum up the answers."""
    return LinkFacts(
        answers=len(answers),
        agreeing=sum(answer.agrees for answer in answers),
        round_trips_ms=spread(answer.round_trip_ms for answer in answers),
        residuals_ms=spread(abs(answer.residual_ms) for answer in answers),
    )
