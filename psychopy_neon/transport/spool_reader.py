"""The end of an event's file at which events come out; see `event_spool`."""

from __future__ import annotations

import logging
from pathlib import Path

from psychopy_neon.protocol.event_slot import (
    HEAD_BYTES,
    SLOT_BYTES,
    slots_end,
    whole_slots,
)
from psychopy_neon.protocol.spooled_event import (
    NEVER_JSON,
    SpooledEvent,
    line_of_slot,
    parse_spool_line,
)

logger = logging.getLogger(__name__)

READ_BYTES = 65_536
MAX_LINE_BYTES = 65_536


class SpoolReader:
    """Follows a spool; use from one thread at a time.

    Parameters
    ----------
    path : path-like
        Made by `make_spool`.

    Raises
    ------
    OSError
        If the file is not there.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.unreadable = 0
        self.is_at_end = False
        self._rest = b""
        self._file = self.path.open("rb", buffering=0)
        self._place = HEAD_BYTES
        self._slots_end = self._line_place = slots_end(self._file.read(HEAD_BYTES))

    def read(self) -> list[SpooledEvent]:
        """Events that are complete by now and were not read before; never waits.

        As a rule at most 128 KiB are read; `is_at_end` tells whether that was everything. Lines
        that make no sense are counted as `unreadable`, and logged once.
        """
        events = self._read_slots()
        if len(events) * SLOT_BYTES >= READ_BYTES:
            self.is_at_end = False
            return events
        data = self._read_at(self._line_place)
        self._line_place += len(data)
        self.is_at_end = len(data) < READ_BYTES
        if data and self._place < self._slots_end:  # there will be no more in slots
            while more := self._read_slots():  # as many as were put in since
                events += more
            self._place = self._slots_end
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            self._rest = NEVER_JSON
        return events + [event for line in lines if line and (event := self._event(line))]

    def close(self) -> None:
        """Let go of the file; harmless if repeated."""
        self._file.close()

    def _read_slots(self) -> list[SpooledEvent]:
        if self._place >= self._slots_end:
            return []
        count = len(whole_slots(self._read_at(self._place)))
        if not count:
            return []
        # Some processors show the end of a copy some nanoseconds before its middle.
        slots = whole_slots(self._read_at(self._place))[:count]
        slots = slots[: (self._slots_end - self._place) // SLOT_BYTES]
        self._place += len(slots) * SLOT_BYTES
        return [event for slot in slots if (event := self._event(line_of_slot(slot))) is not None]

    def _read_at(self, place: int) -> bytes:
        self._file.seek(place)
        return self._file.read(READ_BYTES) or b""

    def _event(self, line: bytes) -> SpooledEvent | None:
        try:
            return parse_spool_line(line)
        except (ValueError, KeyError, TypeError, RecursionError):
            if not self.unreadable:
                logger.warning("a line of %s is not an event: %r", self.path, line[:80])
            self.unreadable += 1
            return None
