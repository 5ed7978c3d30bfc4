"""An event on its way between two processes, and the line that it is where it has no slot."""

from __future__ import annotations

import json
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import Any

from psychopy_neon.protocol.event_slot import EventSlot

NEVER_JSON = b"\0"
"""Makes sure that a line that was torn is never taken for an event."""


@dataclass(frozen=True, slots=True)
class SpooledEvent:
    """An event on its way between two processes.

    Attributes
    ----------
    number : int
        Counts the events that were handed over, from 1 on; 0 for one that was not.
    name : str
    raw_s : float
        When it happened, raw PsychoPy seconds.
    host_ns : int
        When it happened, ``time.perf_counter_ns()``.
    data : dict or None
        What was attached to it.
    """

    number: int
    name: str
    raw_s: float
    host_ns: int
    data: dict[str, Any] | None = None


def spool_line(number: int, name: str, raw_s: float, host_ns: int, attached: str) -> bytes:
    """Return the line of an event; `attached` is JSON after the other fields, a comma first."""
    return (
        f'{{"kind": "event", "number": {number}, "name": {encode_basestring_ascii(name)}, '
        f'"raw_s": {raw_s!r}, "host_ns": {host_ns}{attached}}}\n'
    ).encode("ascii")


def line_of_slot(slot: EventSlot) -> bytes:
    """Return the line of an event that lies in a slot."""
    return spool_line(slot.number, slot.name, slot.seconds, slot.host_ns, slot.attached)


def parse_spool_line(line: bytes) -> SpooledEvent:
    """Return the event of a line.

    Raises
    ------
    ValueError, KeyError, TypeError, RecursionError
        If it is none.
    """
    values = json.loads(line)
    name, data = values["name"], values.get("data")
    if not isinstance(name, str) or not isinstance(data, dict | None):
        raise TypeError("no text, or no dict")
    return SpooledEvent(
        int(values["number"]), name, float(values["raw_s"]), int(values["host_ns"]), data
    )
