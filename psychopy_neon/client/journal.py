"""The local, append-only record of every event and recording: one JSON object per line."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

from psychopy_neon.exceptions import UsageError

logger = logging.getLogger(__name__)

_encode = json.JSONEncoder().encode


class Journal:
    """Appends lines to a file, each flushed to the operating system before `write` returns.

    So what was written survives the end of this program, however it ends. May be used from any
    thread. Without a path nothing is written.

    Parameters
    ----------
    path : path-like or None
        Created with its folder if need be; continued if it exists.
    """

    def __init__(self, path: str | Path | None) -> None:
        self.path = None if path is None else Path(path).resolve()
        self._lock = threading.Lock()
        self._failed = False
        self._file = None
        if self.path is not None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                # Without a buffer: one line is one call to the operating system.
                self._file = self.path.open("ab", buffering=0)
                if not _ends_with_a_line(self.path):
                    self._file.write(b"\n")
            except OSError as error:
                raise UsageError(
                    f"the event journal {self.path} cannot be written ({error.strerror}); "
                    "choose a folder that can"
                ) from error

    def write(self, kind: str, **values: Any) -> None:
        """Append one line; does nothing once closed.

        A full disk does not stop the experiment: it is logged once, and the next line is tried.
        """
        if self._file is not None:
            self._append(_encode({"kind": kind, **values}) + "\n")

    def write_event(
        self,
        number: int,
        name: str,
        host_ns: int,
        experiment_s: float,
        data: dict[str, Any] | None,
        handed_over: int | None = None,
    ) -> None:
        """Append the line of an event; takes a third of the time that `write` would."""
        if self._file is not None:
            attached = "" if data is None else f', "data": {_encode(data)}'
            if handed_over is not None:
                attached += f', "handed_over": {handed_over}'
            self._append(
                f'{{"kind": "event", "number": {number}, "name": {encode_basestring_ascii(name)}, '
                f'"host_ns": {host_ns}, "experiment_s": {experiment_s!r}{attached}}}\n'
            )

    def _append(self, text: str) -> None:
        line = text.encode("ascii")
        with self._lock:
            if self._file is not None:
                try:
                    self._file.write(line)
                except OSError as error:
                    self._report(error)

    def close(self) -> None:
        """Close the file; harmless if repeated."""
        with self._lock:
            if self._file is not None:
                with contextlib.suppress(OSError):  # logged when it was written
                    self._file.close()
                self._file = None

    def _report(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            logger.error(
                "the event journal %s cannot be written (%s); events are sent all the same",
                self.path,
                error.strerror,
            )


def _ends_with_a_line(path: Path) -> bool:
    """False after a crash amid a line, which must not swallow the next one."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
