"""The place that stimuli follow: gaze smoothed, and held for a moment when it is lost."""

from __future__ import annotations

import math
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.samples import Point, ScreenGaze
from psychopy_neon.screen.gaze_smoothing import make_smoother

LONGEST_HOLD_S = 3600.0


class SteadyGaze:
    """Takes the gaze of each frame and says where something that follows it belongs.

    Parameters
    ----------
    win : psychopy.visual.Window
        Its shape turns norm units into such that are alike in x and y.
    smoothing : str
        See `psychopy_neon.screen.gaze_smoothing.make_smoother`.
    smoothing_s : float
        How much is averaged, seconds.
    hold_s : float
        How long the last place stays when gaze is lost, seconds.

    Attributes
    ----------
    place : tuple of 2 float or None
        Norm units; None if there is nothing to follow.
    delay_s : float
        Delay of the smoothing for an eye that moves evenly, seconds; NaN while gaze is not valid.
    is_held : bool
        Whether gaze is not valid, and `place` the last that was.

    Raises
    ------
    UsageError
        If an argument makes no sense.
    """

    def __init__(self, win: Any, smoothing: str, smoothing_s: float, hold_s: float) -> None:
        if not 0 <= hold_s <= LONGEST_HOLD_S:
            raise UsageError(f"gaze cannot be held for {hold_s!r} s; expected 0 or more seconds.")
        self._win = win
        self._smoother = make_smoother(smoothing, smoothing_s)
        self._hold_s = hold_s
        self._seen: ScreenGaze | None = None
        self._valid_s = -math.inf
        self.place: Point | None = None
        self.delay_s = math.nan
        self.is_held = False

    def follow(self, gaze: ScreenGaze, now_s: float) -> None:
        """Take the gaze of this frame, read at this ``time.perf_counter()``."""
        if gaze is self._seen:
            return
        self._seen = gaze
        if gaze.valid and gaze.device_ns is not None:
            self._valid_s, self.is_held = now_s, False
            self._smooth(gaze.device_ns, gaze)
            return
        self.delay_s = math.nan
        self.is_held = self.place is not None and now_s - self._valid_s <= self._hold_s
        if not self.is_held:
            self.place = None

    def _smooth(self, device_ns: int, gaze: ScreenGaze) -> None:
        width, height = self._win.size
        x_to_heights = width / height / 2
        smoothed = self._smoother.take(device_ns, gaze.x * x_to_heights, gaze.y / 2)
        self.place = smoothed.x / x_to_heights, smoothed.y * 2
        self.delay_s = smoothed.delay_s
