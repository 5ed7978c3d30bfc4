"""One time limit across several waits."""

from __future__ import annotations

import time

from ..exceptions import NeonTimeoutError


class Deadline:
    """A moment on the monotonic clock, counted from now.

    Parameters
    ----------
    timeout_s : float
        Seconds until it passes.
    what : str
        What is being waited for; becomes part of the error.
    """

    def __init__(self, timeout_s: float, what: str) -> None:
        self._timeout_s = timeout_s
        self._end_s = time.perf_counter() + timeout_s
        self._what = what

    def left_s(self) -> float:
        """Seconds left, more than 0.

        Raises
        ------
        NeonTimeoutError
            If none are left.
        """
        left = self._end_s - time.perf_counter()
        if left <= 0:
            raise NeonTimeoutError(f"no {self._what} within {self._timeout_s:g} s")
        return left

    @property
    def has_passed(self) -> bool:
        """Whether no time is left."""
        return time.perf_counter() >= self._end_s
