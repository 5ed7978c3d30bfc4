"""When something was, on the phone's clock, on ioHub's, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from psychopy_neon.clock.experiment_clock import ClockPair


@dataclass(frozen=True, slots=True)
class EventTimes:
    """Times of one event, seconds.

    Attributes
    ----------
    device_s : float
        Phone's Unix clock.
    time_s, logged_s : float
        ioHub's clock: when it was, and when ioHub got it.
    confidence_interval_s : float
        Twice the greatest possible error of `time_s`.
    """

    device_s: float
    time_s: float
    logged_s: float
    confidence_interval_s: float


class EventClock:
    """Converts the phone's times to ioHub's.

    Make a new one for each batch: Builder moves the zero of PsychoPy's clock at the start of a run.

    Parameters
    ----------
    host_time : callable
        As `Neon.host_time`: the phone's clock against this computer's.
    clocks : ClockPair
        This computer's clock against raw PsychoPy seconds.
    zero_s : float
        Raw PsychoPy seconds at which ioHub's clock showed 0.
    logged_s : float
        The present on ioHub's clock.
    """

    def __init__(
        self,
        host_time: Callable[[int], tuple[int, int]],
        clocks: ClockPair,
        zero_s: float,
        logged_s: float,
    ) -> None:
        self._host_time = host_time
        self._clocks = clocks
        self._zero_s = zero_s
        self._logged_s = logged_s

    def at(self, device_ns: int) -> EventTimes:
        """Times of what was at `device_ns` on the phone's Unix clock."""
        host_ns, bound_ns = self._host_time(device_ns)
        bound_ns += self._clocks.half_gap_ns
        return EventTimes(
            device_s=device_ns / 1e9,
            time_s=self._clocks.experiment_from_host(host_ns) - self._zero_s,
            logged_s=self._logged_s,
            confidence_interval_s=2e-9 * bound_ns,
        )
