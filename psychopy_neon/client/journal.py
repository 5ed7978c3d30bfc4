"""The local, append-only record of every event and recording: one JSON object per line.

An event goes to a spool beside the file first, which takes its caller a few microseconds; who
writes the next line to the file, as a rule the thread that sends, writes the events' lines before
it. After a crash the lines that are missing are made of the spool: by the next run that continues
the file, and by whoever reads it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.event_line import attached_json, event_line
from psychopy_neon.ledger.reader import lines_to_add
from psychopy_neon.ledger.remains import SPOOL_SUFFIX, spools_beside
from psychopy_neon.ledger.strict_json import strict_json
from psychopy_neon.transport.event_slots import EventSlots, make_slots
from psychopy_neon.transport.file_lock import lock_alone

logger = logging.getLogger(__name__)

_encode = json.JSONEncoder().encode

SLOTS = 2_048  # of half a kilobyte each, which is memory, too


class Journal:
    """Appends lines to a file.

    What was written survives the end of this program, however it ends. May be used from any
    thread. Without a path nothing is written.

    Parameters
    ----------
    path : path-like or None
        Created with its folder if need be; continued if it exists.
    has_spool : bool
        Whether events have to be kept quickly. If so, their numbers are 1, 2, 3, ...

    Attributes
    ----------
    put_event : callable
        As `write_event`, with nothing attached; the quickest way. False if the event has to go
        the other.
    """

    def __init__(self, path: str | Path | None, *, has_spool: bool = False) -> None:
        self.path = None if path is None else Path(path).resolve()
        self._lock = threading.Lock()
        self._failed = False
        self._is_torn = False
        self._file: FileIO | None = None
        self._slots: EventSlots | None = None
        self.put_event: Callable[[int, str, int, float], bool] = (
            _nowhere if path is None else _go_the_other_way
        )
        if self.path is not None:
            try:
                self._open(self.path)
            except OSError as error:
                raise UsageError(
                    f"the event journal {self.path} cannot be written ({error.strerror}); "
                    "choose a folder that can"
                ) from error
            if has_spool:
                self._open_spool(self.path)

    def write(self, kind: str, **values: Any) -> None:
        """Append one line, flushed to the operating system; does nothing once closed.

        A full disk does not stop the experiment: it is logged once, and the next line is tried.
        """
        if self._file is not None:
            if kind == "session" and self._slots is not None:
                self._slots.note_session(values["host_ns"])
            self._append(strict_json(_encode({"kind": kind, **values})) + "\n")

    def write_event(
        self,
        number: int,
        name: str,
        host_ns: int,
        experiment_s: float,
        data: dict[str, Any] | None = None,
        handed_over: int | None = None,
        *,
        data_json: str = "",
    ) -> None:
        """Append the line of an event; with a spool that is done later, and it is safe there.

        Who has its data as JSON already gives those instead.
        """
        if data is not None:
            data_json = _encode(data)
        attached = attached_json(data_json, handed_over)
        event = (number, name, host_ns, experiment_s, attached)
        if self._file is None or (self._slots is not None and self._slots.put(*event)):
            return
        self._append(event_line(*event))
        if self._slots is not None:
            self._slots.release(1)

    def write_events(self) -> None:
        """Append the lines of all events that only the spool has so far."""
        with self._lock:
            if self._file is not None:
                self._append_unwritten()

    def close(self) -> None:
        """Close the file; harmless if repeated."""
        with self._lock:
            if self._file is not None:
                is_complete = self._append_unwritten()
                with contextlib.suppress(OSError):  # logged when it was written
                    self._file.close()
                self._file = None
                if self._slots is not None:
                    self._slots.close(delete=is_complete)

    # -- inside -------------------------------------------------------------------------------

    def _open(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without a buffer: one line is one call to the operating system.
        self._file = path.open("ab", buffering=0)
        self._is_torn = not _ends_with_a_line(path)
        self._take_over(path)
        if self._is_torn:
            self._write(b"")

    def _open_spool(self, path: Path) -> None:
        """Without one, as where files cannot be mapped, sending an event takes somewhat longer."""
        try:
            self._slots = make_slots(path, SPOOL_SUFFIX, SLOTS)
        except OSError as error:
            logger.info("events go straight to %s: %s", path, error)
        else:
            self.put_event = self._slots.put

    def _take_over(self, path: Path) -> None:
        """Append what runs that were killed have left in their spools, and delete those."""
        for spool in spools_beside(path):
            try:
                if self._has_taken(path, spool):
                    spool.unlink()
            except (OSError, UsageError) as error:
                logger.warning("the events in %s cannot be added to %s: %s", spool, path, error)

    def _has_taken(self, path: Path, spool: Path) -> bool:
        with spool.open("rb+") as file:
            if not lock_alone(file):
                return False  # of a run that goes on
            lines = lines_to_add(path, spool)
            return lines is not None and (not lines or self._put_down("".join(lines)))

    def _append(self, text: str) -> None:
        with self._lock:
            if self._file is not None:
                self._append_unwritten()
                self._put_down(text)

    def _append_unwritten(self) -> bool:
        """Write the events that wait; False, and they go on waiting, if that cannot be done."""
        slots = self._slots
        if slots is None or not (events := slots.take()):
            return True
        if self._put_down("".join(event_line(*event) for event in events)):
            slots.release(len(events))
            return True
        slots.put_back(events)
        return False

    def _put_down(self, text: str) -> bool:
        """Whether all of it could be written."""
        try:
            return self._write(text.encode("ascii"))
        except OSError as error:
            self._report(error)
            return False

    def _write(self, data: bytes) -> bool:
        assert self._file is not None
        if self._is_torn:  # by a crash or a full disk: it must not swallow what follows
            data = b"\n" + data
        written = self._file.write(data)
        self._is_torn = written < len(data)
        if self._is_torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return True

    def _report(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            logger.error(
                "the event journal %s cannot be written (%s); events are sent all the same",
                self.path,
                error.strerror,
            )


def _go_the_other_way(number: int, name: str, host_ns: int, experiment_s: float) -> bool:
    return False


def _nowhere(number: int, name: str, host_ns: int, experiment_s: float) -> bool:
    return True


def _ends_with_a_line(path: Path) -> bool:
    """False after a crash amid a line, which must not swallow the next one."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
