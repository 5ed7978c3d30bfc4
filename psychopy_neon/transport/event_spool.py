"""Events, handed from one process to another through a file.

The experiment appends one line per event; the process that holds the glasses follows the file. A
request to that process takes half a millisecond, and several when it is busy; appending a line
takes microseconds and never waits. What was appended survives the end of either process.

One writer and one reader per file: no two processes append to the same one.
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
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

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
        descriptor, name = tempfile.mkstemp(prefix="psychopy_neon_events_", suffix=".jsonl")
        os.close(descriptor)
        made = Path(name)
    return made


def _make_beside(path: Path) -> Path | None:
    for number in range(1, MAX_BESIDE):
        count = f"_{number}" if number > 1 else ""
        made = path.resolve().with_name(f"{path.stem}.{SUFFIX}{count}.jsonl")
        try:
            made.parent.mkdir(parents=True, exist_ok=True)
            made.open("xb").close()
            return made
        except FileExistsError:
            continue  # of an earlier run that did not end properly
        except OSError:
            return None
    return None


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

    def write(
        self, name: str, raw_s: float, host_ns: int, data: dict[str, Any] | None = None
    ) -> int:
        """Append an event; takes microseconds.

        Returns
        -------
        int
            Its number.

        Raises
        ------
        OSError
            If it could not be written, as when the disk is full. Later ones are tried again.
        """
        attached = "" if data is None else f', "data": {_encode(data)}'
        with self._lock:
            number = next(self._numbers)
            line = (
                f'{{"kind": "event", "number": {number}, "name": {encode_basestring_ascii(name)}, '
                f'"raw_s": {raw_s!r}, "host_ns": {host_ns}{attached}}}\n'
            ).encode("ascii")
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
            return next(self._numbers)

    def close(self) -> None:
        """Let go of the file; harmless if repeated."""
        self._file.close()


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

    def read(self) -> list[SpooledEvent]:
        """Events whose lines are complete by now and were not read before; never waits.

        At most 64 KiB are read; `is_at_end` tells whether that was everything. Lines that make
        no sense are counted as `unreadable`, and logged once.
        """
        data = self._file.read(READ_BYTES) or b""
        self.is_at_end = len(data) < READ_BYTES
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            self._rest = NEVER_JSON
        return [event for line in lines if line and (event := self._event(line)) is not None]

    def close(self) -> None:
        """Let go of the file; harmless if repeated."""
        self._file.close()

    def _event(self, line: bytes) -> SpooledEvent | None:
        try:
            return _parse(line)
        except (ValueError, KeyError, TypeError, RecursionError):
            if not self.unreadable:
                logger.warning("a line of %s is not an event: %r", self.path, line[:80])
            self.unreadable += 1
            return None


def _parse(line: bytes) -> SpooledEvent:
    values = json.loads(line)
    name, data = values["name"], values.get("data")
    if not isinstance(name, str) or not isinstance(data, dict | None):
        raise TypeError("no text, or no dict")
    return SpooledEvent(
        int(values["number"]), name, float(values["raw_s"]), int(values["host_ns"]), data
    )
