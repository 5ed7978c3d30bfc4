"""What all answers of a session together prove about the phone's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from psychopy_neon.clock import Exchange
from psychopy_neon.clock.clock_history import ClockHistory, ClockStep
from psychopy_neon.clock.refit import refit
from psychopy_neon.exceptions import UsageError

# What the bound rests on; the same as during the experiment.
MAX_DRIFT_PPM = 150.0
MAX_WANDER_PPM_PER_S = 0.05
MOST_ANSWERS = 4000  # a few seconds of computing
POINTS = 240  # of a drawn line; more than a screen or a printer can show
EDGE_NS = 1  # what lies on a step belongs to neither side


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in which the phone's clock did not step.

    Attributes
    ----------
    instants : ndarray of int64, shape (n,)
        Evenly spread over it; ns of this computer's clock.
    devices : ndarray of int64, shape (n,)
        The phone's clock at these, ns.
    bounds : ndarray of int64, shape (n,)
        Greatest possible error of `devices`, ns.
    """

    instants: NDArray[np.int64]
    devices: NDArray[np.int64]
    bounds: NDArray[np.int64]

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Phone's clock minus this computer's at the instants, ns."""
        return self.devices - self.instants

    @property
    def duration_ns(self) -> int:
        """Length, ns of this computer's clock."""
        return int(self.instants[-1]) - int(self.instants[0])

    @property
    def drift_ppm(self) -> float:
        """Mean rate at which the phone's clock gained on this computer's, parts per million."""
        gained_ns = int(self.offsets[-1]) - int(self.offsets[0])
        return gained_ns / max(1, self.duration_ns) * 1e6

    @property
    def drift_bound_ppm(self) -> float:
        """Greatest possible error of the mean drift, parts per million."""
        return (int(self.bounds[0]) + int(self.bounds[-1])) / max(1, self.duration_ns) * 1e6


@dataclass(frozen=True, slots=True)
class SessionClock:
    """The phone's clock in one session, in hindsight.

    Attributes
    ----------
    history : ClockHistory
        From all answers, past and future; of very many, the best of each stretch of time.
    segments : tuple of Segment
        Between its steps.
    """

    history: ClockHistory
    segments: tuple[Segment, ...]

    def step_at(self, host_ns: int) -> ClockStep | None:
        """The step that may lie on either side of an instant; None at all other times."""
        steps = self.history.steps
        return next((s for s in steps if s.earliest_host_ns <= host_ns <= s.latest_host_ns), None)


def session_clock(probes: Sequence[Exchange]) -> SessionClock | None:
    """Work the clocks out from the answers; None if there is none to go by."""
    try:
        history = refit(
            tightest(probes, MOST_ANSWERS),
            max_rate_ppm=MAX_DRIFT_PPM,
            max_wander_ppm_per_s=MAX_WANDER_PPM_PER_S,
        )
    except UsageError:
        return None
    return SessionClock(history, tuple(_segments(history)))


def tightest(probes: Sequence[Exchange], most: int) -> list[Exchange]:
    """At most `most` answers, of each stretch the one with the shortest round trip.

    Every answer narrows the bound and none is needed for it to hold.
    """
    ordered = sorted(probes, key=lambda probe: probe.sent_host_ns)
    if len(ordered) <= most:
        return ordered
    edges = np.linspace(0, len(ordered), most + 1).astype(int)
    stretches = [ordered[start:end] for start, end in pairwise(edges)]
    return [min(stretch, key=lambda probe: abs(probe.round_trip_ns)) for stretch in stretches]


def _segments(history: ClockHistory) -> list[Segment]:
    starts = [history.start_host_ns, *(s.latest_host_ns + EDGE_NS for s in history.steps)]
    ends = [*(s.earliest_host_ns - EDGE_NS for s in history.steps), history.end_host_ns]
    return [_segment(history, *ends) for ends in zip(starts, ends, strict=True)]


def _segment(history: ClockHistory, start_ns: int, end_ns: int) -> Segment:
    passed = np.linspace(0, max(0, end_ns - start_ns), POINTS).astype(np.int64)
    instants = start_ns + passed
    return Segment(instants, *history.devices(instants))
