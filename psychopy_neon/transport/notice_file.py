"""What a process has to tell the experimenter, on its way to another process of this computer."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

MOST_NOTICES = 1_000
MOST_BYTES = 65_536


class Notice(NamedTuple):
    """One sentence for the experimenter.

    Attributes
    ----------
    level : {"error", "warning"}
        How bad it is.
    text : str
    """

    level: str
    text: str


class NoticeWriter:
    """Makes a file for notices, and deletes it at the end.

    Raises
    ------
    OSError
        If no file can be made.
    """

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="psychopy_neon_notices_", suffix=".jsonl")
        os.close(handle)
        self.path = Path(name)
        self._written = 0

    def write(self, notice: Notice) -> None:
        """Add one; nothing happens after the thousandth, or when the disk is full."""
        if self._written >= MOST_NOTICES:
            return
        self._written += 1
        line = json.dumps(list(notice), ensure_ascii=False)
        with contextlib.suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def close(self) -> None:
        """Delete the file; harmless if repeated."""
        with contextlib.suppress(OSError):  # also when somebody reads it, on Windows
            self.path.unlink()


class NoticeReader:
    """Reads each notice once.

    Parameters
    ----------
    path : path-like
        Of the writer's file.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._read_bytes = 0

    def read(self) -> list[Notice]:
        """What is new; empty also when the file is gone."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read_bytes)
                complete = file.read(MOST_BYTES).rpartition(b"\n")[0]
        except OSError:
            return []
        if not complete:
            return []
        self._read_bytes += len(complete) + 1
        return [notice for line in complete.split(b"\n") if (notice := _parsed(line)) is not None]


def _parsed(line: bytes) -> Notice | None:
    try:
        level, text = json.loads(line)
    except (ValueError, TypeError):
        return None
    return Notice(str(level), str(text))
