"""All sessions of a ledger on the phone's time, and back to the experiment's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psychopy_neon.clock.clock_history import ClockHistory
from psychopy_neon.clock.refit import refit
from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.experiment_times import ExperimentTimes
from psychopy_neon.ledger.session import Session

Instants = NDArray[np.int64]
Floats = NDArray[np.float64]


def refit_session(session: Session) -> ClockHistory | None:
    """Work the clocks of a session out again from all its probes.

    Parameters
    ----------
    session : Session

    Returns
    -------
    ClockHistory or None
        None if the phone never answered a probe.
    """
    try:
        return refit(session.probes)
    except UsageError:
        return None


class Timeline:
    """Dates the phone's times on the experiment's clock, in whichever session they fall.

    Parameters
    ----------
    sessions : sequence of Session
    histories : sequence of (ClockHistory or None)
        Of the sessions in order; at least one of them is known.
    """

    def __init__(
        self, sessions: Sequence[Session], histories: Sequence[ClockHistory | None]
    ) -> None:
        self._parts = [
            (history, ExperimentTimes(session), _span(history))
            for session, history in zip(sessions, histories, strict=True)
            if history is not None
        ]

    def experiment_times(self, device_ns: Instants) -> tuple[Floats, Floats, Instants]:
        """Return times on the experiment's clock.

        Parameters
        ----------
        device_ns : ndarray of int64, shape (n,)
            Phone's Unix clock.

        Returns
        -------
        experiment_s, bound_s : ndarray of float64, shape (n,)
            Seconds, and the greatest possible errors.
        outside_ns : ndarray of int64, shape (n,)
            How far before or after the nearest session's probes; 0 within them.
        """
        outside = np.array([_distance(device_ns, span) for _, _, span in self._parts])
        nearest = np.argmin(outside, axis=0)
        experiment_s, bound_s = np.empty(len(device_ns)), np.empty(len(device_ns))
        for index, (history, times, _) in enumerate(self._parts):
            here = nearest == index
            host_ns, clock_bound_ns = history.hosts(device_ns[here])
            experiment_s[here], pair_bound_s = times.at(host_ns)
            bound_s[here] = clock_bound_ns / 1e9 + pair_bound_s
        return experiment_s, bound_s, outside.min(axis=0)


def _span(history: ClockHistory) -> tuple[int, int]:
    """Times that the phone's clock showed during a session."""
    ends = [history.start_host_ns, history.end_host_ns]
    for step in history.steps:
        ends += [step.earliest_host_ns, step.latest_host_ns]
    device_ns, _ = history.devices(ends)
    return int(device_ns.min()), int(device_ns.max())


def _distance(device_ns: Instants, span: tuple[int, int]) -> Instants:
    distance: Instants = np.maximum(0, np.maximum(span[0] - device_ns, device_ns - span[1]))
    return distance
