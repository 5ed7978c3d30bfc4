"""From this computer's clock to the experiment's, for a finished session."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from psychopy_neon.clock.experiment_clock import ClockPair
from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.session import Session

Instants = NDArray[np.int64]
Floats = NDArray[np.float64]

# Beyond it the experiment's clock was set in between, as Builder does at the start of a run, and
# did not just run at another rate.
GREATEST_RATE = 1e-3


class ExperimentTimes:
    """Goes from pair to pair of clock readings.

    Between two pairs the experiment's clock is taken to run evenly, and what it gained or lost on
    the other one counts as possible error, because it can have been gained at once. If it was
    set in between, the nearer pair is used. Before the first and after the last pair both
    clocks are taken to run alike.

    Parameters
    ----------
    session : Session
        Without pairs, its events serve as such: they were read on both clocks.

    Raises
    ------
    UsageError
        If the session has neither.
    """

    def __init__(self, session: Session) -> None:
        by_host = {pair.host_ns: pair for pair in session.pairs or _pairs_of_events(session)}
        if not by_host:
            raise UsageError(
                "the ledger does not tell how the experiment's clock ran (it has neither pairs of "
                "clock readings nor events); times on it cannot be given"
            )
        pairs = [by_host[host_ns] for host_ns in sorted(by_host)]
        self._hosts = np.array([pair.host_ns for pair in pairs], np.int64)
        self._times_s = np.array([pair.experiment_s for pair in pairs])
        self._half_gaps = np.array([pair.half_gap_ns for pair in pairs], np.int64)
        spans = np.diff(self._hosts).astype(np.float64)
        # Beyond the ends: nothing gained.
        self._gains = np.pad(np.diff(self._times_s) * 1e9 - spans, 1)
        self._rates = self._gains / np.pad(spans, 1, constant_values=1.0)

    def at(self, host_ns: Instants) -> tuple[Floats, Floats]:
        """Return experiment times and their greatest possible errors, both in seconds.

        Parameters
        ----------
        host_ns : ndarray of int64, shape (n,)
            ``time.perf_counter_ns()`` of the computer of the experiment.
        """
        after = np.searchsorted(self._hosts, host_ns, "right")
        left, right = np.maximum(after - 1, 0), np.minimum(after, len(self._hosts) - 1)
        was_set = np.abs(self._rates[after]) > GREATEST_RATE
        right_is_nearer = self._hosts[right] - host_ns < host_ns - self._hosts[left]
        anchor = np.where(was_set & right_is_nearer, right, left)
        rate = np.where(was_set, 0.0, self._rates[after])
        passed_s = (host_ns - self._hosts[anchor]) / 1e9
        half_gaps = np.maximum(self._half_gaps[left], self._half_gaps[right])
        bound_s = (half_gaps + np.abs(self._gains[after])) / 1e9
        return self._times_s[anchor] + passed_s * (1 + rate), bound_s


def _pairs_of_events(session: Session) -> list[ClockPair]:
    return [
        ClockPair(event.host_ns, event.experiment_s, 0)
        for event in session.events
        if math.isfinite(event.experiment_s)
    ]
