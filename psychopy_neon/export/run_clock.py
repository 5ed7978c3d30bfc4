"""One time axis for everything in a run: the experiment's clock, seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.session import Session
from psychopy_neon.ledger.timeline import Timeline, refit_session

Floats = NDArray[np.float64]

# Further apart than any error of the clocks: the zero was moved in between.
MOVED_S = 0.1


class RunClock:
    """Takes ioHub's times to the axis on which the run ended.

    Builder moves the zero of PsychoPy's clock when the run begins, and what was saved before has
    times on another axis. The ledger tells how far they are apart; without one, times stay as ioHub
    saved them.

    Parameters
    ----------
    sessions : sequence of Session
        Of the ledger.
    samples : ndarray
        ioHub's table of the gaze samples.
    """

    def __init__(self, sessions: Sequence[Session], samples: NDArray[Any]) -> None:
        self._timeline = _timeline(sessions)
        self._zero_s: float | None = None
        self._clear_s = MOVED_S
        zeros_s, bounds_s = self._zeros(samples)
        if len(zeros_s):
            self._clear_s = float(bounds_s.min()) + MOVED_S
            zeros_s = zeros_s[bounds_s < self._clear_s]
            same = np.abs(zeros_s - zeros_s[-1]) < MOVED_S
            self._zero_s = float(np.median(zeros_s[same]))

    def times(self, table: NDArray[Any]) -> Floats:
        """Times of the rows of one of ioHub's tables.

        Those that a phone's clock which was put back has shown twice stay as ioHub saved them.
        """
        times_s = np.asarray(table["time"], np.float64)
        zeros_s, bounds_s = self._zeros(table)
        if self._zero_s is None or not len(zeros_s):
            return times_s
        moved_s = zeros_s - self._zero_s
        is_moved = (np.abs(moved_s) > MOVED_S) & (bounds_s < self._clear_s)
        return np.where(is_moved, times_s + moved_s, times_s)

    def from_raw(self, raw_s: float) -> float:
        """Time of raw PsychoPy seconds; NaN if that is not known."""
        return float("nan") if self._zero_s is None else raw_s - self._zero_s

    def _zeros(self, table: NDArray[Any]) -> tuple[Floats, Floats]:
        """Where the zero of ioHub's clock was for each row, raw PsychoPy seconds, and bounds."""
        if self._timeline is None or not len(table):
            return np.empty(0), np.empty(0)
        device_ns = np.round(np.asarray(table["device_time"]) * 1e9).astype(np.int64)
        raw_s, bounds_s, _ = self._timeline.experiment_times(device_ns)
        return raw_s - table["time"], bounds_s


def _timeline(sessions: Sequence[Session]) -> Timeline | None:
    histories = [refit_session(session) for session in sessions]
    if not any(history is not None for history in histories):
        return None
    try:
        return Timeline(sessions, histories)
    except UsageError:  # an old ledger that does not tell of the experiment's clock
        return None
