"""The offset between the phone's clock and this computer's, in the official client's terms."""

from __future__ import annotations

import logging
import math
import statistics
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from psychopy_neon.client import Neon
from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.exceptions import NeonConnectionError, NeonTimeoutError, UsageError

logger = logging.getLogger(__name__)

SHARP_CLOCK_S = 3.0
NS_PER_MS = 1_000_000
MAX_MEASUREMENTS = 100_000


class Estimate:
    """Mean, spread and median of some measurements.

    Parameters
    ----------
    measurements : iterable of float
        At least one.

    Attributes
    ----------
    measurements : tuple of float
        As given, ms in what this package hands out.
    mean, std, median : float
        `std` is that of a sample; NaN for a single measurement.
    """

    def __init__(self, measurements: Iterable[float]) -> None:
        self.measurements = tuple(measurements)
        self.mean = statistics.fmean(self.measurements)
        several = len(self.measurements) > 1
        self.std = statistics.stdev(self.measurements) if several else math.nan
        self.median = statistics.median(self.measurements)

    def __repr__(self) -> str:
        return (
            f"Estimate({len(self.measurements)} measurements, mean {self.mean:.3f} ms, "
            f"std {self.std:.3f} ms, median {self.median:.3f} ms)"
        )


class TimeEchoEstimates(NamedTuple):
    """Round trips and clock offset, ms; the offset is this computer minus the phone.

    So the phone's time of something that happened here at ``time.time_ns()`` is that time minus
    ``round(time_offset_ms.mean * 1e6)``.

    Attributes
    ----------
    roundtrip_duration_ms : Estimate
        Times from question to answer, ms.
    time_offset_ms : Estimate
        This computer's wall clock minus the phone's, ms.
    """

    roundtrip_duration_ms: Estimate
    time_offset_ms: Estimate


def estimate(neon: Neon, count: int, pause_s: float) -> TimeEchoEstimates | None:
    """Measure `count` times; None if the phone does not offer its clock or does not answer."""
    if not 1 <= count <= MAX_MEASUREMENTS:
        raise UsageError(f"number_of_measurements is {count}; give 1 to {MAX_MEASUREMENTS}")
    try:
        # The first exchange also opens the connection on the phone's side; it is left out.
        exchanges = neon.probe_clock(count + 1, pause_s)[1:]
    except NeonConnectionError as error:
        logger.warning("the time offset cannot be estimated: %s", error)
        return None
    device_ns = _device_time(neon)
    wall_minus_host_ns = time.time_ns() - time.perf_counter_ns()
    return TimeEchoEstimates(
        Estimate(exchange.round_trip_ns / NS_PER_MS for exchange in exchanges),
        Estimate(
            (_middle_host_ns(e) + wall_minus_host_ns - device_ns(e)) / NS_PER_MS for e in exchanges
        ),
    )


def _middle_host_ns(exchange: Exchange) -> int:
    return (exchange.sent_host_ns + exchange.received_host_ns) // 2


def _device_time(neon: Neon) -> Callable[[Exchange], int]:
    """The phone's time in the middle of an exchange.

    One answer has whole milliseconds; the clock map, made from hundreds, is far sharper, and
    one-sided delays do not shift it.
    """
    try:
        clock_map = neon.wait_for_clock(SHARP_CLOCK_S)
    except NeonTimeoutError:
        return lambda exchange: exchange.device_ms * NS_PER_MS + NS_PER_MS // 2
    return lambda exchange: clock_map.device_from_host(_middle_host_ns(exchange))
