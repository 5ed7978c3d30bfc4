"""How an event lies in a spool: in a slot of its own, whole or not there at all.

A slot is written from its beginning to its end, and has the event's number at both. Who is killed
amid writing leaves ends that differ. The file begins with a head, and has room for a fixed number
of slots from its making on.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

HEAD_BYTES = SLOT_BYTES = 512
MAGIC = b"psychopy-neon spool 1\n"
_HEAD = struct.Struct("<24sQQ472x")
MOST_SLOTS = 1_000_000
assert _HEAD.size == HEAD_BYTES
# number, host ns, seconds, bytes of the name, bytes of the text, text, number
_SLOT = struct.Struct("<QqdHH476sQ")
TEXT_BYTES = SLOT_BYTES - struct.calcsize("<QqdHHQ")
assert _SLOT.size == SLOT_BYTES

put_slot = _SLOT.pack_into
"""Write a slot: memory, place, and the values in the order above; takes no detour by Python."""


class EventSlot(NamedTuple):
    """What a slot holds.

    Attributes
    ----------
    number : int
        Counts the events of one writer.
    host_ns : int
        When it happened, ``time.perf_counter_ns()``.
    seconds : float
        When it happened, on the writer's own clock.
    name : str
    attached : str
        What else its line in the journal has: JSON after the other fields, with a comma first.
    """

    number: int
    host_ns: int
    seconds: float
    name: str
    attached: str


def head(slots: int, session_host_ns: int = 0) -> bytes:
    """Return a head: of so many slots, and when the journal's session began that they belong to."""
    return _HEAD.pack(MAGIC, slots, session_host_ns)


def slots_of(data: bytes) -> int:
    """Return how many slots there are after this head; 0 if it is none."""
    is_head = len(data) >= HEAD_BYTES and data.startswith(MAGIC)
    return min(int(_HEAD.unpack_from(data)[1]), MOST_SLOTS) if is_head else 0


def slots_end(data: bytes) -> int:
    """Return where the slots of a file end that begins like this; 0 if it has none."""
    slots = slots_of(data)
    return HEAD_BYTES + slots * SLOT_BYTES if slots else 0


def session_of(data: bytes) -> int:
    """Return when that session began; 0 if that is not known."""
    return int(_HEAD.unpack_from(data)[2]) if len(data) >= HEAD_BYTES else 0


def slots_in(data: bytes) -> list[EventSlot]:
    """Return all whole slots of a spool by their number; none if the data are no spool."""
    end = min(slots_end(data), len(data))
    places = range(HEAD_BYTES, end - SLOT_BYTES + 1, SLOT_BYTES)
    found = (slot_at(data, place) for place in places)
    return sorted(slot for slot in found if slot is not None)


def whole_slots(data: bytes) -> list[EventSlot]:
    """Return the slots at the beginning of the data, up to the first that is none."""
    slots: list[EventSlot] = []
    for place in range(0, len(data) - SLOT_BYTES + 1, SLOT_BYTES):
        slot = slot_at(data, place)
        if slot is None:
            break
        slots.append(slot)
    return slots


def slot_at(data: bytes, place: int) -> EventSlot | None:
    """Return the slot at a place, or None if there is none, or only a part of it."""
    number, host_ns, seconds, name_bytes, text_bytes, text, again = _SLOT.unpack_from(data, place)
    if number == 0 or number != again or not name_bytes <= text_bytes <= TEXT_BYTES:
        return None
    try:
        name = text[:name_bytes].decode("utf-8")
        attached = text[name_bytes:text_bytes].decode("ascii")
    except UnicodeDecodeError:
        return None
    return EventSlot(number, host_ns, seconds, name, attached)
