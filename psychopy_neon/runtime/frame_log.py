"""A row for every flip: when it was, and how old the gaze was that it showed.

Needs no PsychoPy. `FrameLog.note` is made for the frame loop: it keeps four numbers; a thread of
its own makes lines of them, twice a second, and writes those.
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
HEADER = "flip_experiment_s\tinterval_s\tgaze_age_s\tgaze_valid\tflip_host_s\n"
MOST_ROWS = 120_000  # more than half an hour at 60 Hz behind a disk that hangs
JOIN_TIMEOUT_S = 2.0
WRITE_EVERY_S = 0.5  # what is lost if the program is killed

Row = tuple[float, float, float, float, bool | None]


class FrameLog:
    """Writes the frame log of a run, a table beside the data, its columns separated by tabs.

    One line per flip: its time in seconds on the clock that the ledger calls the experiment's
    (in Builder's scripts raw PsychoPy seconds), the time since the flip before (blank after a
    pause), the age at the flip of the gaze that was shown (blank without gaze), whether
    that gaze could be used (1 or 0, blank if no gaze was asked for), and the time of the flip on
    ``time.perf_counter()``, which nobody sets (blank if it was not noted).

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
        self._rows: deque[Row] = deque()
        self._last_flip_s = self._newest_flip_s = math.nan
        self._failed = False
        self._closed = False
        self._worker = Worker("neon-frame-log", self._write_rows)
        self._worker.start()

    def note(
        self,
        flip_s: float,
        gaze_age_s: float = math.nan,
        gaze_valid: bool | None = None,
        host_s: float = math.nan,
    ) -> None:
        """Add a flip, once; takes microseconds, never waits and never raises.

        Parameters
        ----------
        flip_s : float
            When it happened, seconds.
        gaze_age_s : float
            Age of the gaze at that moment, seconds; NaN without gaze.
        gaze_valid : bool or None
            Whether that gaze could be used; None if no gaze was asked for.
        host_s : float
            When it happened, ``time.perf_counter()``; the interval is taken on it.
        """
        if flip_s == self._newest_flip_s:
            return  # two objects watch the same flip
        even_s = host_s if host_s == host_s else flip_s
        row = flip_s, host_s, even_s - self._last_flip_s, gaze_age_s, gaze_valid
        self._last_flip_s, self._newest_flip_s = even_s, flip_s
        if len(self._rows) < MOST_ROWS:
            self._rows.append(row)
        else:
            self.lost += 1

    def pause(self) -> None:
        """Say that the next flip does not follow the last one."""
        self._last_flip_s = math.nan

    def close(self) -> None:
        """Write what is left; at most 2 s, harmless if repeated."""
        if self._closed:
            return
        self._closed = True
        self._worker.stop()
        if not self._worker.join(JOIN_TIMEOUT_S):
            logger.warning("the frame log %s is not complete: the disk does not answer", self.path)

    def _write_rows(self, stopping: threading.Event) -> None:
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.suppress(OSError))  # of closing; logged when written
            file = self._open(stack)
            while not stopping.wait(WRITE_EVERY_S):
                self._write(file)
            self._write(file)

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

    def _write(self, file: TextIO | None) -> None:
        lines = [_line(*self._rows.popleft()) for _ in range(len(self._rows))]
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


def _line(
    flip_s: float, host_s: float, interval_s: float, age_s: float, is_valid: bool | None
) -> str:
    interval = f"{interval_s:.6f}" if interval_s > 0 else ""
    age = f"{age_s:.5f}" if age_s == age_s else ""
    valid = "" if is_valid is None else int(is_valid)
    host = f"{host_s:.6f}" if host_s == host_s else ""
    return f"{flip_s:.6f}\t{interval}\t{age}\t{valid}\t{host}\n"
