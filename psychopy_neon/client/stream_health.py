"""What a stream is doing, and how well."""

from __future__ import annotations

import enum
from dataclasses import dataclass


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
