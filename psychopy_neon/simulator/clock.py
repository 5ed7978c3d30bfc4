"""The simulated phone's clock: wrong by a known offset, and running at a slightly wrong rate."""

from __future__ import annotations

import operator
import threading
import time
from dataclasses import dataclass

from psychopy_neon.exceptions import UsageError

LONGEST_STEP_S = 1e9
LATEST_NS = 2**63 - 1  # in the year 2262, the last that eye events can carry


@dataclass(frozen=True, slots=True)
class ClockLine:
    """The straight line from this computer's monotonic clock to the phone's Unix clock.

    ``device_ns = zero_device_ns + (host_ns - zero_host_ns) * (1 + drift_ppm * 1e-6)``

    Attributes
    ----------
    zero_host_ns : int
        ``time.perf_counter_ns()`` of this computer.
    zero_device_ns : int
        Phone's Unix clock at that moment, ns.
    drift_ppm : float
        Parts per million by which the phone's clock runs fast.
    """

    zero_host_ns: int
    zero_device_ns: int
    drift_ppm: float

    def device_ns(self, host_ns: int) -> int:
        """Phone time of a moment of this computer's monotonic clock, ns.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()`` of the moment.
        """
        elapsed = host_ns - self.zero_host_ns
        return self.zero_device_ns + elapsed + round(elapsed * self.drift_ppm * 1e-6)

    def host_ns(self, device_ns: int) -> int:
        """Moment of this computer's monotonic clock at a phone time, ns.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.
        """
        elapsed = device_ns - self.zero_device_ns
        rate = 1 + self.drift_ppm * 1e-6
        # Only the small correction goes through a float, so hours keep their nanoseconds.
        return self.zero_host_ns + elapsed - round(elapsed * self.drift_ppm * 1e-6 / rate)


class SimulatedClock:
    """Phone clock driven by ``time.perf_counter_ns()``; may be stepped like a real one.

    Parameters
    ----------
    offset_s : float
        Phone's Unix clock minus this computer's at the start, seconds.
    drift_ppm : float
        Parts per million by which the phone's clock runs fast.
    """

    def __init__(self, offset_s: float = 0.0, drift_ppm: float = 0.0) -> None:
        zero_host_ns = time.perf_counter_ns()
        zero_device_ns = time.time_ns() + round(offset_s * 1e9)
        self._line = ClockLine(zero_host_ns, zero_device_ns, drift_ppm)
        self._lock = threading.Lock()

    @property
    def line(self) -> ClockLine:
        """The relation that holds now."""
        return self._line

    def now_ns(self) -> int:
        """Phone's Unix clock now, ns."""
        return self._line.device_ns(time.perf_counter_ns())

    def device_ns(self, host_ns: int) -> int:
        """Phone time of a moment of this computer's monotonic clock, ns.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()`` of the moment.
        """
        return self._line.device_ns(host_ns)

    def host_ns(self, device_ns: int) -> int:
        """Moment of this computer's monotonic clock at a phone time, ns.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.
        """
        return self._line.host_ns(device_ns)

    def step(self, ns: int) -> ClockLine:
        """Set the phone's clock forward (or back) by `ns`; return the new relation.

        Parameters
        ----------
        ns : int
            How far forward; negative for back.

        Raises
        ------
        UsageError
            If `ns` is not a whole number, or leads out of the years 1970 to 2262.
        """
        whole_ns = _whole(ns)
        with self._lock:
            host_ns = time.perf_counter_ns()
            stepped = self._line.device_ns(host_ns) + whole_ns
            if not 0 <= stepped <= LATEST_NS:
                raise UsageError(f"a step of {whole_ns} ns leads out of the years 1970 to 2262.")
            self._line = ClockLine(host_ns, stepped, self._line.drift_ppm)
            return self._line

    def step_seconds(self, seconds: float) -> ClockLine:
        """The same by seconds.

        Parameters
        ----------
        seconds : float
            How far forward; negative for back. A thousand million at most.

        Raises
        ------
        UsageError
            If it is more, or leads out of the years 1970 to 2262.
        """
        if not abs(seconds) <= LONGEST_STEP_S:
            raise UsageError(f"a clock is stepped by at most 1e9 seconds, not {seconds}.")
        return self.step(round(seconds * 1e9))


def _whole(ns: int) -> int:
    try:
        return operator.index(ns)
    except TypeError:
        raise UsageError(f"a clock is stepped by whole nanoseconds, not {ns!r}.") from None
