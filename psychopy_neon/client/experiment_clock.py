"""The phone's time on the experiment's clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from psychopy_neon.client.clock_sync import ClockSync
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.clock.experiment_clock import ClockPair, pair
from psychopy_neon.exceptions import NeonConnectionError, NeonTimeoutError
from psychopy_neon.transport.time_echo import TimeEchoLink


@dataclass(frozen=True, slots=True)
class ExperimentTime:
    """An instant on the experiment's clock, with the greatest possible error.

    Attributes
    ----------
    experiment_s : float
        Seconds on the clock that was given to `Neon.connect`.
    bound_s : float
        The true instant is at most this far away, seconds.
    """

    experiment_s: float
    bound_s: float


class ExperimentClock:
    """Conversion between three clocks: the phone's, this computer's, the experiment's."""

    _clock_sync: ClockSync
    _read_experiment_s: Callable[[], float]

    @property
    def clock_map(self) -> ClockMap | None:
        """Newest relation of the phone's clock to this computer's; None before the first probe."""
        return self._clock_sync.clock_map

    def wait_for_clock(self, timeout_s: float = 5.0) -> ClockMap:
        """Wait until the first burst of probes has made the clock map sharp, at most `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        ClockMap
            What is known by then.

        Raises
        ------
        NeonTimeoutError
            If the phone does not answer probes.
        """
        clock_map = self._clock_sync.wait(timeout_s)
        if clock_map is None:
            raise NeonTimeoutError(
                f"the phone's clock could not be read within {timeout_s:g} s"
                f"{self._clock_sync.error and ': ' + self._clock_sync.error}"
            )
        return clock_map

    def probe_clock(self, count: int, pause_s: float = 0.0) -> list[Exchange]:
        """Exchange times with the phone over a connection of its own.

        For a look at single exchanges; `clock_map` rests on many more. Blocks for `count` round
        trips and pauses.

        Parameters
        ----------
        count : int
            Number of exchanges.
        pause_s : float
            Between two of them, seconds.

        Returns
        -------
        list of Exchange
            In order; each proves an interval for the offset of the clocks (reference, 6.2).

        Raises
        ------
        NeonConnectionError
            If the phone does not answer probes.
        """
        place = self._clock_sync.place
        if place is None:
            raise NeonConnectionError("this phone does not offer its clock (no time echo)")
        link = TimeEchoLink(*place)
        exchanges = []
        try:
            for number in range(count):
                if number:
                    time.sleep(pause_s)
                exchanges.append(Exchange(*link.exchange()))
        finally:
            link.close()
        return exchanges

    @property
    def clock_exchanges(self) -> tuple[Exchange, ...]:
        """The latest exchanges with the phone's clock that `clock_map` rests on, oldest first.

        At most 10 000; the journal has all of them.
        """
        return self._clock_sync.exchanges

    def pair_clocks(self) -> ClockPair:
        """The monotonic clock and the experiment's clock at one instant; takes microseconds."""
        return pair(time.perf_counter_ns, self._read_experiment_s)

    def host_time(self, device_ns: int) -> tuple[int, int]:
        """When something on the phone's clock happened on this computer's; returns at once.

        If the phone's clock was set since, the relation of its time holds. Times that it showed
        twice have a bound that covers both. That it was set is known as soon as it was read some
        times, within a second as a rule; until then the bound does not cover it.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns, as of any sample or event since the connection was made.

        Returns
        -------
        host_ns, bound_ns : int
            ``time.perf_counter_ns()``, and the greatest possible error.

        Raises
        ------
        NeonTimeoutError
            If the phone's clock is not known yet; see `wait_for_clock`.
        """
        known = self._clock_sync.host(device_ns)
        if known is None:
            self.wait_for_clock(0.0)
            return self.host_time(device_ns)
        return known

    def experiment_time(self, device_ns: int) -> ExperimentTime:
        """When something on the phone's clock happened for the experiment; returns at once.

        Parameters
        ----------
        device_ns : int
            As for `host_time`, which also says what becomes of a clock that was set.

        Returns
        -------
        ExperimentTime
            Seconds on the experiment's clock, and the greatest possible error.

        Raises
        ------
        NeonTimeoutError
            If the phone's clock is not known yet; see `wait_for_clock`.
        """
        host_ns, bound_ns = self.host_time(device_ns)
        clock_pair = self.pair_clocks()
        bound_s = (bound_ns + clock_pair.half_gap_ns) / 1e9
        return ExperimentTime(clock_pair.experiment_from_host(host_ns), bound_s)

    def now_device_ns(self) -> int:
        """The present on the phone's Unix clock, ns; returns at once.

        Raises
        ------
        NeonTimeoutError
            If the phone's clock is not known yet; see `wait_for_clock`.
        """
        clock_map = self.clock_map or self.wait_for_clock(0.0)
        return clock_map.device_from_host(time.perf_counter_ns())
