"""When the wearer blinks."""

from __future__ import annotations

import random
import threading

CLOSING_NS, SHUT_NS, OPENING_NS = 80_000_000, 50_000_000, 110_000_000
DURATION_NS = CLOSING_NS + SHUT_NS + OPENING_NS
_SOONEST_S = 0.3


class Blinks:
    """Lids that shut now and then, at random but repeatable times, or when asked to.

    Parameters
    ----------
    per_minute : float
        How often on average; 0 for never.
    seed : int
    """

    def __init__(self, per_minute: float, seed: int = 0) -> None:
        self._per_minute = per_minute
        self._random = random.Random(seed)
        self._start_ns: int | None = None
        self._asked_ns = 0
        self._wanted = False
        self._lock = threading.Lock()

    def blink(self) -> None:
        """Blink at the next moment, unless a blink is under way."""
        with self._lock:
            self._wanted = True

    def openness(self, device_ns: int) -> float:
        """How far open the lids are, 0..1; called with rising times."""
        with self._lock:
            return self._openness(device_ns)

    def _openness(self, device_ns: int) -> float:
        was_set_back, self._asked_ns = device_ns < self._asked_ns, device_ns
        start_ns = None if was_set_back else self._start_ns
        under_way = start_ns is not None and 0 <= device_ns - start_ns < DURATION_NS
        if not under_way:
            start_ns = self._plan(start_ns, device_ns)
        if start_ns is None or device_ns < start_ns:
            return 1.0
        return _openness_after(device_ns - start_ns)

    def _plan(self, start_ns: int | None, device_ns: int) -> int | None:
        if self._wanted:
            self._wanted = False
            start_ns = device_ns
        elif self._per_minute <= 0:
            start_ns = None
        elif start_ns is None or device_ns - start_ns >= DURATION_NS:
            start_ns = device_ns + round(self._pause_s() * 1e9)
        self._start_ns = start_ns
        return start_ns

    def _pause_s(self) -> float:
        """Such that it is right on average, with the blink itself."""
        mean_s = 60 / self._per_minute - DURATION_NS * 1e-9
        return _SOONEST_S + self._random.expovariate(1 / (mean_s - _SOONEST_S))


def _openness_after(elapsed_ns: int) -> float:
    if elapsed_ns < CLOSING_NS:
        return 1 - elapsed_ns / CLOSING_NS
    reopening_ns = elapsed_ns - CLOSING_NS - SHUT_NS
    return min(1.0, max(0.0, reopening_ns / OPENING_NS))
