"""When the participant saw what an event is about."""

from __future__ import annotations

BELIEVABLE_NS = 1_000_000_000  # further from its arrival, an event's time says nothing


def onset_ns(timestamp_ns: int, arrived_ns: int) -> int:
    """The event's own time if it can be believed, else its arrival; phone's Unix clock."""
    return timestamp_ns if abs(arrived_ns - timestamp_ns) < BELIEVABLE_NS else arrived_ns
