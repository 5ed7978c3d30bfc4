"""Every flip of the window into the run's frame log, while somebody wants that."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from psychopy import clock, logging

from psychopy_neon.runtime.timing import RunTiming
from psychopy_neon.samples import ScreenGaze


def flip_raw_s(win: Any) -> float:
    """Time of the window's last flip in raw PsychoPy seconds.

    Right inside functions given to ``win.callOnFlip``: the window stamps the flip on the log's
    clock, whose zero Builder moves, before it calls them.
    """
    return float(win._frameTime) + zero_s()


def zero_s() -> float:
    """Zero of the log's clock, which Builder moves, in raw PsychoPy seconds."""
    return float(logging.defaultClock.getLastResetTime())


class FlipWatch:
    """Logs flips from the start of a recording (or summary, or the first event) to its end.

    It asks the window to be called at each flip, so no component has to do anything in each frame;
    that takes microseconds. The first flip of a Routine has no interval: what went on before
    it, as a rule loading, is not the Routine's.

    Parameters
    ----------
    timing : RunTiming
        Whose frame log gets the rows.
    """

    def __init__(self, timing: RunTiming) -> None:
        self._timing = timing
        self._win: Any = None
        self._exp: Any = None
        self._wanted_by: set[int] = set()
        self._is_suspended = self._is_called = False
        self._gaze: tuple[ScreenGaze, float] | None = None
        self._routine: object = None

    def know(self, win: Any, exp: Any = None) -> None:
        """Take this window, if there is none that is open; and whose Routines are shown in it."""
        if exp is not None:
            self._exp = exp
        if win is not None and (self._win is None or getattr(self._win, "_closed", False)):
            self._win, self._is_called = win, False
            self._be_called()

    def begin(self, whom: object) -> None:
        """Log from the next flip on, for `whom`."""
        if not self._wanted_by:
            self._timing.pause()
        self._wanted_by.add(id(whom))
        self._be_called()

    def end(self, whom: object) -> None:
        """Log no longer, unless somebody else wants it."""
        self._wanted_by.discard(id(whom))

    @contextlib.contextmanager
    def suspended(self) -> Iterator[None]:
        """Log no flips within this, which are not those of a stimulus."""
        was_suspended, self._is_suspended = self._is_suspended, True
        try:
            yield
        finally:
            self._is_suspended = was_suspended
            self._timing.pause()
            self._be_called()

    def show_gaze(self, gaze: ScreenGaze, read_s: float) -> None:
        """Say with which gaze the next flip is drawn, read at this ``time.perf_counter()``.

        Of gaze on several surfaces, the last that is valid counts.
        """
        if gaze.valid or self._gaze is None or not (self._is_called and self._gaze[0].valid):
            self._gaze = gaze, read_s

    def _be_called(self) -> None:
        is_due = self._wanted_by and not self._is_suspended
        if self._win is not None and is_due and not self._is_called:
            self._is_called = True
            self._win.callOnFlip(self._flipped, self._win)

    def _flipped(self, win: Any) -> None:
        gaze, self._gaze = self._gaze, None
        if win is not self._win:
            return
        is_due = self._wanted_by and not self._is_suspended
        frames = self._timing.frames() if is_due else None
        if frames is None:
            self._is_called = False
            return
        routine = getattr(self._exp, "currentRoutine", None)
        if routine is not self._routine:
            self._routine = routine
            frames.pause()
        flip_s = float(win._frameTime) + logging.defaultClock.getLastResetTime()
        now_s = time.perf_counter()
        # PsychoPy's clock may follow the wall clock, which may be set between two flips.
        host_s = now_s - (clock.getTime() - flip_s)
        if gaze is None:
            frames.note(flip_s, host_s=host_s)
        else:
            sample, read_s = gaze
            frames.note(flip_s, sample.age_s + now_s - read_s, sample.valid, host_s)
        # PsychoPy keeps what is asked for during a flip for the next one.
        win.callOnFlip(self._flipped, win)
