"""Calls a function at exact, evenly spaced moments of the phone's clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from fractions import Fraction

from psychopy_neon.simulator.clock import SimulatedClock

NS = 1_000_000_000
LONGEST_SLEEP_NS = 50_000_000  # how soon a stop or a clock step is noticed
GIVE_UP_NS = NS  # further off than this, the computer slept or the clock was stepped


class Pacer:
    """Thread that ticks at whole multiples of the interval; a late tick delays none after it.

    Parameters
    ----------
    name : str
        Of the thread.
    clock : SimulatedClock
    rate_hz : int or Fraction
    tick : callable
        Called with the tick's number (``device_ns * rate_hz / 1e9``) and its `device_ns`.

    Attributes
    ----------
    late : int
        Ticks that came more than one interval after their time.
    """

    def __init__(
        self,
        name: str,
        clock: SimulatedClock,
        rate_hz: int | Fraction,
        tick: Callable[[int, int], None],
    ) -> None:
        self.late = 0
        self._clock = clock
        self._rate_hz = rate_hz
        self._tick = tick
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to tick."""
        self._thread.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._stopping = True
        if self._thread.ident is not None:
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        number = self._coming_number()
        while not self._stopping:
            device_ns = number * NS // self._rate_hz
            wait_ns = self._clock.host_ns(device_ns) - time.perf_counter_ns()
            if abs(wait_ns) > GIVE_UP_NS:
                number = self._coming_number()
            elif wait_ns > 0:
                # Not Event.wait: on Windows that wakes only every 16 ms.
                time.sleep(min(wait_ns, LONGEST_SLEEP_NS) * 1e-9)
            else:
                self.late += -wait_ns > NS // self._rate_hz
                self._tick(number, device_ns)
                number += 1

    def _coming_number(self) -> int:
        return self._clock.now_ns() * self._rate_hz // NS + 1
