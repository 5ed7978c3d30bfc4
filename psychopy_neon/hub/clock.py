"""The phone's clock, as the ioHub process knows it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from psychopy_neon.clock.clock_map import ClockMap

RENEWED_EVERY_S = 0.2
POLL_S = 0.02


class HubClock:
    """Keeps the newest relation of the clocks, and asks for a new one now and then.

    Parameters
    ----------
    ask : callable
        As `NeonTracker.ask`.
    """

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask
        self._map: ClockMap | None = None
        self._asked_s = float("-inf")

    @property
    def newest(self) -> ClockMap | None:
        """At most 0.2 s old, unless ioHub does not answer; None before it is known."""
        now_s = time.perf_counter()
        if now_s - self._asked_s >= RENEWED_EVERY_S:
            self._asked_s = now_s
            fields = self._ask("neon_clock_map", dict)
            if fields:
                vertices = tuple((float(x), float(y)) for x, y in fields["vertices"])
                self._map = ClockMap(**{**fields, "vertices": vertices})
        return self._map

    def wait(self, timeout_s: float, wait: Callable[[float], None]) -> ClockMap | None:
        """Wait until it is known, at most so long; `wait` waits some seconds."""
        until_s = time.perf_counter() + timeout_s
        while (known := self.newest) is None and time.perf_counter() < until_s:
            self._asked_s = float("-inf")
            wait(POLL_S)
        return known
