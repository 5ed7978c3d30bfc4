"""Gaze of one frame of a window: the same for all who ask."""

from __future__ import annotations

import math
import time
from typing import Any

from psychopy_neon.runtime.hub_tracker import NeonTracker
from psychopy_neon.samples import ScreenGaze
from psychopy_neon.screen.surface_names import WINDOW

# A script that does not flip, e.g. while it waits for a key, must still see the eye move.
REREAD_S = 0.1


class FrameGaze:
    """Reads gaze when somebody asks for it, and not more than once per frame."""

    def __init__(self, win: Any, tracker: NeonTracker, surface: str = WINDOW) -> None:
        self._win = win
        self._tracker = tracker
        self._surface = surface
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
            self._sample = self._tracker.read_gaze(self._surface)
        return self._sample
