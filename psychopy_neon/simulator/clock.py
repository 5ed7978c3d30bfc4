"""The simulated phone's clock: wrong by a known offset, and running at a slightly wrong rate."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass


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
        """
        with self._lock:
            host_ns = time.perf_counter_ns()
            stepped = self._line.device_ns(host_ns) + ns
            self._line = ClockLine(host_ns, stepped, self._line.drift_ppm)
            return self._line
