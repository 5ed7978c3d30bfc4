"""How a script reads events: in replies that are small enough to arrive."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from operator import itemgetter

from psychopy.iohub.devices import DeviceEvent

from psychopy_neon.iohub.event_rows import Row
from psychopy_neon.iohub.neon_events import NEON_TYPE_IDS

REPLY_BYTES = 16_000
"""ioHub sends a reply above 8 kB in pieces, and the script's end has room for two of them: of
longer replies pieces get lost when the computer is busy, and the script then waits for ever."""
FULL_REPLY = 25
"""A reply of fewer events holds all there are: the longest row has 65 values."""
VALUE_BYTES = 9  # at most, as ioHub packs numbers; texts of ours are short

TIME = DeviceEvent.EVENT_HUB_TIME_INDEX
FILTER = DeviceEvent.EVENT_FILTER_ID_INDEX
Queues = dict[int, "deque[Row]"]


def read_events(
    queues: Queues, type_id: int | None, filter_id: int | None, *, remove: bool
) -> list[Row]:
    """The oldest unread events that fit into a reply; the others stay for the next call.

    Parameters
    ----------
    queues : dict
        Unread rows by the number of their type; what is returned is removed from them.
    type_id : int or None
        Only this type; None for all of PsychoPy's own.
    filter_id : int or None
        Only rows of this filter; None for all.
    remove : bool
        Whether what is returned counts as read.
    """
    types = [type_id] if type_id else [each for each in queues if each not in NEON_TYPE_IDS]
    rows: Iterable[Row] = (row for each in types for row in queues.get(each, ()))
    wanted = [row for row in rows if not filter_id or row[FILTER] == filter_id]
    taken = _first(sorted(wanted, key=itemgetter(TIME)))
    if remove:
        _remove(queues, types, {id(row) for row in taken})
    return taken


def _first(rows: list[Row]) -> list[Row]:
    left_bytes = REPLY_BYTES
    for number, row in enumerate(rows):
        left_bytes -= VALUE_BYTES * len(row)
        if left_bytes < 0:
            return rows[:number]
    return rows


def _remove(queues: Queues, types: Iterable[int], taken: set[int]) -> None:
    for each in types:
        rows = queues.get(each)
        if rows is not None:
            queues[each] = deque((row for row in rows if id(row) not in taken), rows.maxlen)
