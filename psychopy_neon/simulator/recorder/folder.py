"""One recording on its way to the disk."""

from __future__ import annotations

import shutil
import struct
import threading
from pathlib import Path
from typing import BinaryIO

from psychopy_neon.simulator.native.film_writer import FilmWriter
from psychopy_neon.simulator.native.layout import (
    EVENT_NAMES,
    EVENT_TIMES,
    Fields,
    dtype_text,
)

_TIME = struct.Struct("<q")
_PART = " ps1"


class RecordingFolder:
    """Writes the files of a native recording folder; thread-safe, and harmless once closed.

    A disk that is full or gone ends the writing, not the sensors: `error` then says why.

    Parameters
    ----------
    path : Path
        Made; must not exist.

    Raises
    ------
    OSError
        If it cannot be made.

    Attributes
    ----------
    error : OSError or None
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True)
        self.path = path
        self.error: OSError | None = None
        self._lock = threading.RLock()
        self._files: dict[str, BinaryIO] = {}
        self._films: dict[str, FilmWriter] = {}
        self._is_open = True

    def add_row(self, name: str, fields: Fields | None, row: bytes, time_ns: int | None) -> None:
        """Add a row to a table; its fields are listed if given, its time kept if given."""
        with self._lock:  # the end of the recording does not come between a row and its time
            if fields is not None and f"{name}{_PART}.raw" not in self._files:
                self.write_text(f"{name}.dtype", dtype_text(fields))
            self._append(f"{name}{_PART}.raw", row)
            if time_ns is not None:
                self._append(f"{name}{_PART}.time", _TIME.pack(time_ns))

    def add_picture(self, name: str, picture: bytes, time_ns: int, *, is_key: bool) -> None:
        """Add a coded picture to a film, which begins with a key picture."""
        with self._lock:
            if not self._is_open or (name not in self._films and not is_key):
                return
            try:
                if name not in self._films:
                    path = self.path / f"{name}{_PART}.mp4"
                    self._films[name] = FilmWriter(path, picture, time_ns)
                self._films[name].write(picture, time_ns, is_key=is_key)
            except OSError as error:
                self._give_up(error)
                return
            self._append(f"{name}{_PART}.time", _TIME.pack(time_ns))

    def add_event(self, name: str, time_ns: int) -> None:
        """Add an event; a line break in its name would make two of it. Works once closed, too."""
        line = " ".join(name.splitlines()).encode("utf-8", "replace") + b"\n"
        with self._lock:
            try:
                for file, data in ((EVENT_NAMES, line), (EVENT_TIMES, _TIME.pack(time_ns))):
                    with (self.path / file).open("ab") as opened:
                        opened.write(data)
            except OSError as error:
                self.error = error

    def write_text(self, name: str, text: str) -> None:
        """Write a small file as a whole."""
        self.write_bytes(name, text.encode())

    def write_bytes(self, name: str, data: bytes) -> None:
        """Write a small file as a whole."""
        try:
            (self.path / name).write_bytes(data)
        except OSError as error:
            self.error = error

    def close(self) -> None:
        """Finish all files. Idempotent."""
        with self._lock:
            self._is_open = False
            closes = [film.close for film in self._films.values()]
            closes += [file.close for file in self._files.values()]
            self._films, self._files = {}, {}
            for close in closes:
                try:
                    close()
                except OSError as error:
                    self.error = error

    def remove(self) -> None:
        """Close it, and throw it away."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def _append(self, name: str, data: bytes) -> None:
        with self._lock:
            if not self._is_open:
                return
            try:
                if name not in self._files:
                    self._files[name] = (self.path / name).open("wb")
                self._files[name].write(data)
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.error = error
        self.close()
