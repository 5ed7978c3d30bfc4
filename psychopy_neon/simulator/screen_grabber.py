"""Looks at this computer's own screen, by the grabbers of FFmpeg that PyAV brings along."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping

import av
import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError

Picture = npt.NDArray[np.uint8]

PICTURES_PER_SECOND = 30
_SMALLEST_PX, _LARGEST_PX = 100, 16_384


def grabber_source(platform: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """FFmpeg's name of the grabber, and what it is told to grab.

    Raises
    ------
    UsageError
        If this screen cannot be grabbed.
    """
    if platform == "win32":
        return "gdigrab", "desktop"
    if platform == "darwin":
        return "avfoundation", "Capture screen 0:none"
    if environment.get("XDG_SESSION_TYPE") == "wayland" or environment.get("WAYLAND_DISPLAY"):
        raise UsageError("Wayland does not let programs see the screen")
    display = environment.get("DISPLAY")
    if not display:
        raise UsageError("there is no display: DISPLAY is not set")
    return "x11grab", display


class ScreenGrabber:
    """The newest picture of the screen.

    Attributes
    ----------
    size_px : tuple of 2 int
        Width and height of the screen.

    Raises
    ------
    UsageError
        If the screen cannot be grabbed; blocks until that is known, a tenth of a second or so.
    """

    def __init__(self) -> None:
        kind, what = grabber_source(sys.platform, os.environ)
        options = {"framerate": str(PICTURES_PER_SECOND), "draw_mouse": "1"}
        if kind == "avfoundation":
            options = {"framerate": str(PICTURES_PER_SECOND), "capture_cursor": "1"}
        try:
            self._container = av.open(what, format=kind, options=options, timeout=10.0)
            self._frames = self._container.decode(video=0)
            self._newest = next(self._frames)
        except (av.FFmpegError, OSError, ValueError, StopIteration) as error:
            raise UsageError(f"{kind} cannot see it ({error})") from error
        self.size_px = self._newest.width, self._newest.height
        if not all(_SMALLEST_PX <= side <= _LARGEST_PX for side in self.size_px):
            self._container.close()
            raise UsageError(f"a screen of {self.size_px} pixels is none")
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="neon-sim-grab", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def newest(self) -> Picture:
        """What the screen showed last, grey levels, shape (height, width)."""
        return np.asarray(self._newest.to_ndarray(format="gray"), np.uint8)

    def close(self) -> None:
        """Look away. Idempotent."""
        self._stopping = True
        if self._thread.ident is not None:
            self._thread.join(timeout=2.0)
        if not self._thread.is_alive():
            self._container.close()

    def _run(self) -> None:
        try:
            for frame in self._frames:
                self._newest = frame
                if self._stopping:
                    return
        except (av.FFmpegError, OSError):
            return  # the screen is gone: its last picture stays, as on a screen that froze
