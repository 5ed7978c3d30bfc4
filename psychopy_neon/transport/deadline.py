"""One time limit across several waits."""

from __future__ import annotations

import threading
import time

from psychopy_neon.exceptions import ClosedError, NeonTimeoutError

SLICE_S = 0.1
LONGEST_S = 2_000_000.0  # 23 days: sockets count milliseconds in 31 bits


def clipped_s(timeout_s: float) -> float:
    """A limit for a wait as locks and sockets take it: an infinite one, too, or one below 0.

    NaN, which no clock ever reaches, is no time at all.
    """
    return min(timeout_s, LONGEST_S) if timeout_s > 0 else 0.0


class Deadline:
    """A moment on the monotonic clock, counted from now.

    Parameters
    ----------
    timeout_s : float
        Seconds until it passes; infinite for as long as it takes.
    what : str
        What is being waited for; becomes part of the error.
    stopping : threading.Event, optional
        Ends all waiting when set.
    """

    def __init__(
        self, timeout_s: float, what: str, stopping: threading.Event | None = None
    ) -> None:
        self._timeout_s = timeout_s
        self._end_s = time.perf_counter() + clipped_s(timeout_s)
        self._what = what
        self._stopping = stopping

    def left_s(self) -> float:
        """Seconds left, more than 0.

        Raises
        ------
        NeonTimeoutError
            If none are left.
        ClosedError
            If waiting was ended from outside.
        """
        if self._stopping is not None and self._stopping.is_set():
            raise ClosedError(f"no longer waiting for {self._what}")
        left = self._end_s - time.perf_counter()
        if left <= 0:
            raise NeonTimeoutError(f"no {self._what} within {self._timeout_s:g} s")
        return left

    def slice_s(self) -> float:
        """A short part of the seconds left, for waits that only a look at the clock can end.

        Raises as `left_s` does.
        """
        return min(self.left_s(), SLICE_S)

    @property
    def has_passed(self) -> bool:
        """Whether no time is left."""
        return time.perf_counter() >= self._end_s
