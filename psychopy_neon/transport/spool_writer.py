"""The end of an event's file at which events go in; see `event_spool`."""

from __future__ import annotations

import errno
import itertools
import json
import os
import threading
from pathlib import Path
from typing import Any

from psychopy_neon.protocol.spooled_event import NEVER_JSON, spool_line
from psychopy_neon.transport.event_slots import EventSlots

_encode = json.JSONEncoder().encode


class SpoolWriter:
    """Appends events to a spool; may be used from any thread.

    Parameters
    ----------
    path : path-like
        Made by `make_spool`.
    first_number : int
        Number of the first event.

    Raises
    ------
    OSError
        If the file cannot be written.
    """

    def __init__(self, path: str | Path, first_number: int = 1) -> None:
        self.path = Path(path)
        self._numbers = itertools.count(first_number)
        self._lock = threading.Lock()
        self._is_torn = False
        # Without a buffer: one line is one call to the operating system.
        self._file = self.path.open("ab", buffering=0)
        self._slots = _open_slots(self.path, first_number)

    def write(
        self,
        name: str,
        raw_s: float,
        host_ns: int,
        data: dict[str, Any] | None = None,
        *,
        data_json: str = "",
    ) -> int:
        """Add an event; takes microseconds.

        Who has its data as JSON already gives those instead.

        Returns
        -------
        int
            Its number.

        Raises
        ------
        OSError
            If it could not be written, as when the disk is full. Later ones are tried again.
        """
        if data is not None:
            data_json = _encode(data)
        attached = data_json and f', "data": {data_json}'
        with self._lock:
            number = next(self._numbers)
            if self._slots is not None:
                if self._slots.put(number, name, host_ns, raw_s, attached):
                    return number
                self._end_slots()
            self._append(spool_line(number, name, raw_s, host_ns, attached))
        return number

    def next_number(self) -> int:
        """Take a number for an event that goes another way."""
        with self._lock:
            self._end_slots()  # a slot that stays empty would hide those after it
            return next(self._numbers)

    def close(self) -> None:
        """Let go of the file; harmless if repeated."""
        with self._lock:
            self._end_slots()
            self._file.close()

    def _append(self, line: bytes) -> None:
        if self._is_torn:  # it may lack nothing but its end, and must not count later on
            line = NEVER_JSON + b"\n" + line
        self._is_torn = True
        if self._file.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        self._is_torn = False

    def _end_slots(self) -> None:
        """From now on lines, which are read after all slots."""
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.close(delete=False)


def _open_slots(path: Path, first_number: int) -> EventSlots | None:
    try:
        file = path.open("rb+", buffering=0)
    except OSError:
        return None
    try:
        slots = EventSlots(file, first_number, keeps=False)
    except OSError:
        file.close()
        return None
    if slots.is_used:  # by an earlier writer, whose events have to stay where they are
        slots.close(delete=False)
        return None
    return slots
