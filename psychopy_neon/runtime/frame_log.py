"""A row for every flip: when it was, and how old the gaze was that it showed.

Needs no PsychoPy. `FrameLog.note` is made for the frame loop: it formats one line and touches no
file; a thread of its own writes, some hundred lines at a time.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from collections import deque
from pathlib import Path
from typing import TextIO

from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

# Not CSV: scripts that read all data files of a folder look for that ending.
HEADER = "flip_experiment_s\tinterval_s\tgaze_age_s\tgaze_valid\n"
PIECE = 120  # lines handed over at a time: what is lost if the program is killed
MOST_PIECES = 1000  # more than half an hour at 60 Hz behind a disk that hangs
JOIN_TIMEOUT_S = 2.0
WAIT_S = 1.0


class FrameLog:
    """Writes the frame log of a run, a table beside the data, its columns separated by tabs.

    One line per flip: its time in seconds on the clock that the ledger calls the experiment's
    (in Builder's scripts raw PsychoPy seconds), the time since the flip before (blank after a
    pause), the age at the flip of the gaze that was shown (blank without gaze), and whether
    that gaze could be used (1 or 0, blank if no gaze was asked for).

    Parameters
    ----------
    path : path-like
        File to write; one that exists is continued. What goes wrong with it is logged once.

    Attributes
    ----------
    lost : int
        Lines that could not be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.lost = 0
        self._lines: list[str] = []
        self._last_flip_s = self._newest_flip_s = math.nan
        self._pieces: deque[list[str]] = deque()
        self._news = threading.Event()
        self._failed = False
        self._closed = False
        self._worker = Worker("neon-frame-log", self._write_pieces)
        self._worker.start()

    def note(
        self,
        flip_s: float,
        gaze_age_s: float = math.nan,
        gaze_valid: bool | None = None,
        monotonic_s: float | None = None,
    ) -> None:
        """Add a flip, once; takes some microseconds, never waits and never raises.

        Parameters
        ----------
        flip_s : float
            When it happened, seconds.
        gaze_age_s : float
            Age of the gaze at that moment, seconds; NaN without gaze.
        gaze_valid : bool or None
            Whether that gaze could be used; None if no gaze was asked for.
        monotonic_s : float, optional
            The flip on a clock that nobody sets, for the interval; `flip_s` if left out.
        """
        if flip_s == self._newest_flip_s:
            return  # two objects watch the same flip
        even_s = flip_s if monotonic_s is None else monotonic_s
        interval_s = even_s - self._last_flip_s
        self._last_flip_s, self._newest_flip_s = even_s, flip_s
        interval = f"{interval_s:.6f}" if interval_s > 0 else ""
        age = f"{gaze_age_s:.5f}" if gaze_age_s == gaze_age_s else ""
        valid = "" if gaze_valid is None else int(gaze_valid)
        self._lines.append(f"{flip_s:.6f}\t{interval}\t{age}\t{valid}\n")
        if len(self._lines) >= PIECE:
            self._hand_over()

    def pause(self) -> None:
        """Say that the next flip does not follow the last one."""
        self._last_flip_s = math.nan

    def close(self) -> None:
        """Write what is left; at most 2 s, harmless if repeated."""
        if self._closed:
            return
        self._closed = True
        self._hand_over()
        self._worker.stop()
        self._news.set()
        if not self._worker.join(JOIN_TIMEOUT_S):
            logger.warning("the frame log %s is not complete: the disk does not answer", self.path)

    def _hand_over(self) -> None:
        lines, self._lines = self._lines, []
        if len(self._pieces) >= MOST_PIECES:
            self.lost += len(lines)
        elif lines:
            self._pieces.append(lines)
            self._news.set()

    def _write_pieces(self, stopping: threading.Event) -> None:
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.suppress(OSError))  # of closing; logged when written
            file = self._open(stack)
            while not stopping.is_set() or self._pieces:
                if not self._pieces:
                    self._news.wait(WAIT_S)
                    self._news.clear()
                    continue
                self._write(file, self._pieces.popleft())

    def _open(self, stack: contextlib.ExitStack) -> TextIO | None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(self.path.open("a", encoding="utf-8", newline=""))
            # The line break ends a line that a killed program left half-written.
            file.write("\n" if file.tell() else HEADER)
            file.flush()
        except OSError as error:
            self._report(error)
            return None
        return file

    def _write(self, file: TextIO | None, lines: list[str]) -> None:
        try:
            if file is not None:
                file.write("".join(lines))
                file.flush()
                return
        except OSError as error:
            self._report(error)
        self.lost += len(lines)

    def _report(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            logger.error("the frame log %s cannot be written (%s)", self.path, error.strerror)
