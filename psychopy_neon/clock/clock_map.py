"""A frozen relation between this computer's clock and the phone's."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClockMap:
    """Converts instants between ``time.perf_counter_ns()`` and the phone's Unix clock.

    Offsets are *device minus host*: an event at host time h is at ``h + offset`` for the phone.
    All instants are integers; only their short distances from the reference become floats.

    Attributes
    ----------
    reference_host_ns : int
        The instant at which the estimate was made (arrival of the latest answer).
    offset_ns : int
        Estimated device minus host at that instant: the centre of the feasible set.
    rate : float
        Estimated device ns per host ns, minus 1; dimensionless.
    vertices : tuple of (float, float)
        Corners of the feasible set at the reference: offset minus `offset_ns` (ns), rate.
    max_rate, wander_per_ns : float
        The assumptions that make the bound a guarantee: greatest size of the rate, and of its
        change per ns.
    since_host_ns : int
        Start of the present segment. Before it the phone's clock had another relation to this
        one if `segment` is above 0, and neither estimate nor bound holds there.
    segment : int
        Number of times that the clock was found to have stepped; 0 in the first segment.
    """

    reference_host_ns: int
    offset_ns: int
    rate: float
    vertices: tuple[tuple[float, float], ...]
    max_rate: float
    wander_per_ns: float
    since_host_ns: int
    segment: int = 0

    @property
    def steps(self) -> int:
        """Steps of the phone's clock found so far; the same number as `segment`."""
        return self.segment

    def device_from_host(self, host_ns: int) -> int:
        """Return the phone's time, ns, at this instant of this computer's clock.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()`` of the instant.
        """
        passed = host_ns - self.reference_host_ns
        return host_ns + self.offset_ns + round(self.rate * passed)

    def host_from_device(self, device_ns: int) -> int:
        """Return the inverse of `device_from_host`, exact to 1 ns.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.
        """
        passed_on_device = device_ns - self.offset_ns - self.reference_host_ns
        lead = round(passed_on_device * (self.rate / (1 + self.rate)))
        return self.reference_host_ns + passed_on_device - lead

    def bound_ns(self, host_ns: int) -> int:
        """Return the greatest possible error of both conversions at this instant, in ns.

        It is smallest near the probes and grows with the distance from them.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()`` of the instant.
        """
        low, high = self._deviations(float(host_ns - self.reference_host_ns))
        return math.ceil(max(-low, high)) + 1  # the conversion itself rounds

    def _deviations(self, passed: float) -> tuple[float, float]:
        """Least and greatest true offset minus the estimate, `passed` ns after the reference.

        While the rate wanders freely the interval opens with the square of the time; once the
        rate may have reached its limit, only linearly.
        """
        sign = math.copysign(1.0, passed)
        free = self._free_wander_ns(abs(passed))
        ends = [offset + sign * rate * free for offset, rate in self.vertices]
        opening = self.wander_per_ns * free * free / 2 + self.max_rate * (abs(passed) - free)
        estimate = self.rate * passed
        return min(ends) - opening - estimate, max(ends) + opening - estimate

    def _free_wander_ns(self, passed: float) -> float:
        if self.wander_per_ns == 0:
            return passed
        to_limit = (self.max_rate - abs(self.rate)) / self.wander_per_ns
        return max(0.0, min(passed, to_limit))
