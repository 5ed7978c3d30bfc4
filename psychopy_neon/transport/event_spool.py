"""Events, handed from one process to another through a file.

The experiment copies each event into the file's next slot (`event_slots`); the process that holds
the glasses follows the file. A request to that process takes half a millisecond, and several when
it is busy; a copy takes microseconds and never waits. From the first event on that does not fit
into a slot, or finds none left, each is a line that is appended behind the slots. What is in the
file survives the end of either process.

One writer and one reader per file: no two processes write to the same one.
"""

from __future__ import annotations

import errno
import itertools
import json
import logging
import os
import tempfile
import threading
from dataclasses import dataclass
from io import FileIO
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

from psychopy_neon.protocol.event_slot import (
    HEAD_BYTES,
    SLOT_BYTES,
    EventSlot,
    slots_end,
    whole_slots,
)
from psychopy_neon.transport.event_slots import EventSlots, allocate

logger = logging.getLogger(__name__)

SLOTS = 4_096
READ_BYTES = 65_536
MAX_LINE_BYTES = 65_536
MAX_BESIDE = 1_000
SUFFIX = "handed_over"
NEVER_JSON = b"\0"

_encode = json.JSONEncoder().encode


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


def make_spool(beside: str | Path | None = None) -> Path:
    """Make an empty file of a new name.

    Parameters
    ----------
    beside : path-like, optional
        File that its name and folder follow; else, or if that cannot be written, it is a file in
        the folder for temporary ones.

    Raises
    ------
    OSError
        If no file can be made.
    """
    made = _make_beside(Path(beside)) if beside else None
    if made is None:
        descriptor, name = tempfile.mkstemp(prefix="psychopy_neon_events_", suffix=".bin")
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            _give_slots(file)
        made = Path(name)
    return made


def _make_beside(path: Path) -> Path | None:
    for number in range(1, MAX_BESIDE):
        count = f"_{number}" if number > 1 else ""
        made = path.resolve().with_name(f"{path.stem}.{SUFFIX}{count}.bin")
        try:
            made.parent.mkdir(parents=True, exist_ok=True)
            with made.open("xb", buffering=0) as file:
                _give_slots(file)
            return made
        except FileExistsError:
            continue  # of an earlier run that did not end properly
        except OSError:
            return None
    return None


def _give_slots(file: FileIO) -> None:
    """Without them, as where they find no place, every event is a line."""
    try:
        allocate(file, SLOTS)
    except OSError as error:
        file.truncate(0)
        logger.info("%s holds lines only: %s", file.name, error)


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
            line = _line(number, name, raw_s, host_ns, attached)
            if self._is_torn:  # it may lack nothing but its end, and must not count later on
                line = NEVER_JSON + b"\n" + line
            self._is_torn = True
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            self._is_torn = False
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

        At most 128 KiB are read; `is_at_end` tells whether that was everything. Lines that make
        no sense are counted as `unreadable`, and logged once.
        """
        events = self._read_slots()
        if len(events) * SLOT_BYTES >= READ_BYTES:
            self.is_at_end = False
            return events
        data = self._read_at(self._line_place)
        self._line_place += len(data)
        self.is_at_end = len(data) < READ_BYTES
        if data and self._place < self._slots_end:  # there will be no more in slots
            events += self._read_slots()
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
        return [event for slot in slots if (event := self._event(_as_line(slot))) is not None]

    def _read_at(self, place: int) -> bytes:
        self._file.seek(place)
        return self._file.read(READ_BYTES) or b""

    def _event(self, line: bytes) -> SpooledEvent | None:
        try:
            return _parse(line)
        except (ValueError, KeyError, TypeError, RecursionError):
            if not self.unreadable:
                logger.warning("a line of %s is not an event: %r", self.path, line[:80])
            self.unreadable += 1
            return None


def _as_line(slot: EventSlot) -> bytes:
    return _line(slot.number, slot.name, slot.seconds, slot.host_ns, slot.attached)


def _line(number: int, name: str, raw_s: float, host_ns: int, attached: str) -> bytes:
    return (
        f'{{"kind": "event", "number": {number}, "name": {encode_basestring_ascii(name)}, '
        f'"raw_s": {raw_s!r}, "host_ns": {host_ns}{attached}}}\n'
    ).encode("ascii")


def _parse(line: bytes) -> SpooledEvent:
    values = json.loads(line)
    name, data = values["name"], values.get("data")
    if not isinstance(name, str) or not isinstance(data, dict | None):
        raise TypeError("no text, or no dict")
    return SpooledEvent(
        int(values["number"]), name, float(values["raw_s"]), int(values["host_ns"]), data
    )
