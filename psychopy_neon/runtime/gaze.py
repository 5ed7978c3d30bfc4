"""Where the participant looks, in the window's own units."""

from __future__ import annotations

import math
import time
from collections import deque
from statistics import median
from typing import Any

from psychopy.constants import NOT_STARTED
from psychopy.layout import Position

from psychopy_neon.runtime.row import DataRow
from psychopy_neon.runtime.tracker import NeonTracker, connect
from psychopy_neon.samples import Point, ScreenGaze

# A script that does not flip, e.g. while it waits for a key, must still see the eye move.
REREAD_S = 0.1
_AGES_KEPT = 36_000  # ten minutes at 60 Hz
# Where `pos` points without valid gaze, in norm units: so far outside of the window that nothing
# there is seen. (nan, nan) would not do: PsychoPy reads it as "the window's size" and shows a
# stimulus in the top right corner.
AWAY: Point = (-20.0, -20.0)


class FrameGaze:
    """Reads gaze when somebody asks for it, and not more than once per frame."""

    def __init__(self, win: Any, tracker: NeonTracker) -> None:
        self._win = win
        self._tracker = tracker
        self._frame_s: float | None = None
        self._read_s = -math.inf
        self._sample: ScreenGaze | None = None

    @property
    def read_s(self) -> float:
        """When that was, ``time.perf_counter()``."""
        return self._read_s

    def sample(self) -> ScreenGaze:
        """Gaze of this frame; every call within a frame gets the same sample."""
        frame_s = getattr(self._win, "_frameTime", None)
        now_s = time.perf_counter()
        fresh = frame_s == self._frame_s and now_s - self._read_s < REREAD_S
        if self._sample is None or not fresh:
            self._frame_s, self._read_s = frame_s, now_s
            self._sample = self._tracker.read_gaze()
        return self._sample


class NeonGaze:
    """Live gaze: ``.pos``, ``.valid``, ``.age``, ``.pupil`` and ``.problem``.

    All of them belong to the same sample during one frame, whichever stimulus asks first. It can
    also stand in for the tracker in ``visual.ROI(win, device=gaze)``.

    Parameters
    ----------
    win : psychopy.visual.Window
        `pos` is in the units of this window.
    tracker : ioHubDeviceView
        See `connect`, which may block up to 15 s and raise.
    exp : psychopy.data.ExperimentHandler, optional
        Gets, from `stop`, the columns ``<name>.frames``, ``<name>.valid_fraction`` and
        ``<name>.median_age_s`` (of the valid frames; empty without one), and
        ``<name>.correction_version`` if gaze is corrected (see `NeonValidate`).
    name : str
        Of the object; begins the names of the columns.
    """

    def __init__(
        self, win: Any, tracker: Any, exp: Any | None = None, name: str = "neonGaze"
    ) -> None:
        self.win = win
        self.exp = exp
        self.name = name
        self.status = NOT_STARTED
        neon_tracker = connect(tracker)
        self._tracker = neon_tracker
        self._source = FrameGaze(win, neon_tracker)
        self._flips = neon_tracker.flips
        neon_tracker.know(win, exp)
        self._converted: tuple[ScreenGaze, str, Point] | None = None
        self._watching = False
        self._frames = 0
        self._valid_frames = 0
        self._ages_s: deque[float] = deque(maxlen=_AGES_KEPT)

    @property
    def screen(self) -> ScreenGaze:
        """The whole sample of this frame, in norm units; NaN where it is not valid."""
        return self._source.sample()

    @property
    def pos(self) -> Point:
        """Position in the window's units, ready for ``$neonGaze.pos`` in any stimulus.

        Without valid gaze it is a place far outside the window: a stimulus that follows it
        vanishes, and nothing contains it. Ask `valid` before computing with it.
        """
        gaze, units = self.screen, str(self.win.units)
        if self._converted is None or self._converted[:2] != (gaze, units):
            point = (gaze.x, gaze.y) if gaze.valid else AWAY
            self._converted = gaze, units, _in_units(point, units, self.win)
        return self._converted[2]

    @property
    def valid(self) -> bool:
        """Whether `pos` can be used."""
        return self.screen.valid

    @property
    def age(self) -> float:
        """Seconds since the gaze was measured; NaN without a sample."""
        return self.screen.age_s

    @property
    def pupil(self) -> float:
        """Mean pupil diameter in mm; NaN when the phone sends none."""
        return self.screen.pupil_mm

    @property
    def problem(self) -> str | None:
        """Why `pos` is not valid, e.g. "no screen"; None when it is."""
        return self.screen.problem

    def getPos(self) -> Point | None:  # noqa: N802 - the name that visual.ROI looks for
        """`pos`, or None when it is not valid."""
        return self.pos if self.valid else None

    def start(self) -> None:
        """Begin a summary; from now on `watch` counts."""
        self._watching = True
        self._flips.begin(self)
        self._frames = self._valid_frames = 0
        self._ages_s.clear()

    def watch(self) -> None:
        """Count this frame in the summary; call it once per frame."""
        if not self._watching:
            return
        gaze = self.screen
        self._frames += 1
        if gaze.valid:
            self._valid_frames += 1
            self._ages_s.append(gaze.age_s)
        self._flips.show_gaze(gaze, self._source.read_s)

    def stop(self) -> None:
        """End the summary and write it into the data file; does nothing a second time."""
        if not self._watching:
            return
        self._watching = False
        self._flips.end(self)
        row = DataRow(self.exp)
        row.write(f"{self.name}.frames", self._frames)
        if self._tracker.correction.version:
            row.write(f"{self.name}.correction_version", self._tracker.correction.version)
        if self._frames:
            row.write(f"{self.name}.valid_fraction", round(self._valid_frames / self._frames, 4))
        if self._ages_s:
            row.write(f"{self.name}.median_age_s", round(median(self._ages_s), 4))


def _in_units(point: Point, units: str, win: Any) -> Point:
    x, y = getattr(Position(point, "norm", win), units)
    return float(x), float(y)
