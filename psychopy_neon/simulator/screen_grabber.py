"""Looks at this computer's own screen, by the grabbers of FFmpeg that PyAV brings along."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import av

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.grabber_call import ask_for_permission, grabber_call
from psychopy_neon.simulator.screen_area import main_monitor

_SMALLEST_PX, _LARGEST_PX = 100, 16_384
_FIRST_PICTURE_S = 5.0
_LOOK_AGAIN_S = 0.005


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

    def __init__(self, open_container: Callable[..., Any] = av.open) -> None:
        self._stopping = False
        refuse_after_opencv(sys.platform, sys.modules)
        ask_for_permission(sys.platform)
        call = grabber_call(sys.platform, os.environ, main_monitor())
        options = dict(call.options)
        try:
            self._container = open_container(
                call.what, format=call.kind, options=options, timeout=10.0
            )
            self._newest = self._look(time.monotonic() + _FIRST_PICTURE_S)
        except (av.FFmpegError, OSError, ValueError, StopIteration) as error:
            raise UsageError(f"{call.kind} cannot see it ({error})") from error
        self.size_px = self._newest.width, self._newest.height
        if not all(_SMALLEST_PX <= side <= _LARGEST_PX for side in self.size_px):
            self._container.close()
            raise UsageError(f"a screen of {self.size_px} pixels is none")
        self._thread = threading.Thread(target=self._run, name="neon-sim-grab", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def newest(self) -> av.VideoFrame:
        """What the screen showed last."""
        return self._newest

    def close(self) -> None:
        """Look away. Idempotent."""
        self._stopping = True
        if self._thread.ident is not None:
            self._thread.join(timeout=2.0)
        if not self._thread.is_alive():
            self._container.close()

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._newest = self._look()
        except (av.FFmpegError, OSError, StopIteration):
            return  # the screen is gone: its last picture stays, as on a screen that froze

    def _look(self, deadline_s: float | None = None) -> av.VideoFrame:
        """The next picture; TimeoutError if there is none by then."""
        while True:
            try:
                frame: av.VideoFrame = next(self._container.decode(video=0))
                return frame
            except BlockingIOError:  # macOS' grabber does not wait for its next picture
                if self._stopping or (deadline_s is not None and time.monotonic() > deadline_s):
                    raise TimeoutError("it gives no picture") from None
                time.sleep(_LOOK_AGAIN_S)


def refuse_after_opencv(platform: str, imported: Iterable[str]) -> None:
    """Raise `UsageError` if OpenCV was imported before PyAV where that ends in a crash.

    Both bring X libraries of their own along. If OpenCV's come first, PyAV's grabber ends the whole
    program (seen with opencv-python 5.0 and PyAV 18.1); the other way round both work.
    """
    first = next((name for name in imported if name in ("av", "cv2")), None)
    if platform == "linux" and first == "cv2":
        raise UsageError(
            "OpenCV was imported before PyAV in this program, and together they would crash; "
            "import av first, or run `psychopy-neon simulate` as a program of its own"
        )
