"""What a stream is doing, and how well."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from psychopy_neon.client.sample_buffer import Timed
from psychopy_neon.clock.clock_map import ClockMap


class StreamState(enum.Enum):
    """What a stream is doing."""

    IDLE = "idle"
    """Not asked for yet."""
    NO_SENSOR = "no sensor"
    """The phone has no such sensor at the moment; waiting for it."""
    CONNECTING = "connecting"
    """The phone was asked for it; nothing has come so far."""
    STREAMING = "streaming"
    RECOVERING = "recovering"
    """Lost; trying to get it back."""
    CLOSED = "closed"
    """Stopped, or closed with its device."""


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """State of a stream at one moment.

    Attributes
    ----------
    state : StreamState
        What the stream is doing.
    error : str
        Why it is not streaming; empty if it is.
    since_host_ns : int
        Since when, ``time.perf_counter_ns()``.
    received, lost, malformed : int
        Packets of all sessions so far: seen, missing by their numbers, unreadable.
    repeated, reordered, late : int
        Packets that came more than once (given out once), that were put back in order, and
        that came too late for that (they are among the lost).
    withheld : int
        Damaged pictures that were not given out; see `SensorStream.withhold_damaged`.
    interruptions : int
        How often the stream was lost and came back.
    interrupted_ns : int
        Time without samples in all of these together, ns.
    rate_hz : float
        Samples per second, over the newest hundred or what the history has of them; falls when
        no more come. NaN before there are two.
    age_s : float
        How long ago the newest sample happened, seconds; since its arrival as long as the phone's
        clock is not known. NaN before the first.
    last_error : str
        Why it was not streaming the last time, also when it has come back; empty if it always
        was.
    """

    state: StreamState
    error: str
    since_host_ns: int
    received: int
    lost: int
    malformed: int
    repeated: int = 0
    reordered: int = 0
    late: int = 0
    withheld: int = 0
    interruptions: int = 0
    interrupted_ns: int = 0
    rate_hz: float = math.nan
    age_s: float = math.nan
    last_error: str = ""


class StreamSample(Timed, Protocol):
    """Anything that came with a stream."""

    @property
    def arrived_host_ns(self) -> int:
        """When its packet reached this computer, ``time.perf_counter_ns()``."""


def rate_hz(newest: Sequence[StreamSample], now_host_ns: int) -> float:
    """Samples per second by their own times, and by the silence since the last if that is longer.

    Parameters
    ----------
    newest : sequence of samples
        In order of time.
    now_host_ns : int
        ``time.perf_counter_ns()``.

    Returns
    -------
    float
        Per second; NaN for fewer than two samples.
    """
    if len(newest) < 2:
        return math.nan
    span_ns = newest[-1].device_ns - newest[0].device_ns
    silence_ns = now_host_ns - newest[-1].arrived_host_ns
    intervals = len(newest) - 1
    if silence_ns * intervals > 2 * span_ns:  # than twice the usual interval
        span_ns, intervals = span_ns + silence_ns, intervals + 1
    return intervals * 1e9 / max(1, span_ns)


def age_s(newest: Sequence[StreamSample], clock_map: ClockMap | None, now_host_ns: int) -> float:
    """How long ago the last of these happened, seconds; NaN if there are none.

    Parameters
    ----------
    newest : sequence of samples
        In order of time.
    clock_map : ClockMap or None
        Without one, its arrival counts.
    now_host_ns : int
        ``time.perf_counter_ns()``.
    """
    if not newest:
        return math.nan
    if clock_map is None:
        return (now_host_ns - newest[-1].arrived_host_ns) / 1e9
    return (clock_map.device_from_host(now_host_ns) - newest[-1].device_ns) / 1e9
