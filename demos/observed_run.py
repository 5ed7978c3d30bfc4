"""Run an exported experiment as it is, and watch its window from inside.

    python -m psychopy_neon.demos.observed_run SCRIPT --picture PNG --frames JSON

Takes one picture during a trial and counts frames. Reading the back buffer works on every system,
also where pictures of the screen need a permission or show nothing (Xvfb, Wayland).

A display without a refresh of its own lets flips through at once, hundreds a second. There the
flips are held to 60 a second, so that the experiment runs as it would on a monitor.
"""

from __future__ import annotations

import argparse
import json
import runpy
import statistics
import sys
import time
from pathlib import Path
from typing import Any

PICTURE_AT_EVENT = 3
PICTURE_DELAY_S = 0.5  # reaction and saccade of the simulated participant, and a little dwelling
PERIOD_S = 1 / 60
SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swrast")
PAUSE_S = 0.5  # longer intervals are not frames: something was being loaded
DROPPED_PERIODS = 1.5


class Observer:
    """Sees every flip of the experiment's window.

    Parameters
    ----------
    picture : path
        Where the picture goes.
    """

    def __init__(self, picture: Path) -> None:
        self._picture = picture
        self._flips_s: list[float] = []
        self._events = 0
        self._picture_due_s: float | None = None
        self._paced: bool | None = None
        self._started_s = 0.0

    def install(self) -> None:
        """Put ourselves between PsychoPy and its windows, and count events."""
        from psychopy.visual import Window

        from psychopy_neon.runtime.tracker import NeonTracker

        flip, send_event = Window.flip, NeonTracker.send_event

        def observed_flip(win: Any, clearBuffer: bool = True) -> Any:  # noqa: N803
            self._before_flip(win)
            result = flip(win, clearBuffer)
            self._flips_s.append(time.perf_counter())
            return result

        def observed_send_event(tracker: NeonTracker, name: str, raw_s: float) -> int:
            self._events += 1
            if self._events == PICTURE_AT_EVENT:
                self._picture_due_s = time.perf_counter() + PICTURE_DELAY_S
            return send_event(tracker, name, raw_s)

        Window.flip = observed_flip
        NeonTracker.send_event = observed_send_event  # type: ignore[assignment, method-assign]

    def summary(self) -> dict[str, Any]:
        """Numbers of frames and dropped frames, and their period in ms."""
        intervals = [
            later - earlier
            for earlier, later in zip(self._flips_s, self._flips_s[1:], strict=False)
            if later - earlier < PAUSE_S
        ]
        period_s = statistics.median(intervals) if intervals else PERIOD_S
        return {
            "frames": len(intervals),
            "dropped": sum(interval > DROPPED_PERIODS * period_s for interval in intervals),
            "period_ms": round(1e3 * period_s, 3),
            "longest_ms": round(1e3 * max(intervals, default=0.0), 3),
            "paced_by_us": bool(self._paced),
        }

    def _before_flip(self, win: Any) -> None:
        if self._paced is None:
            self._paced = _has_no_refresh()
        if self._picture_due_s is not None and time.perf_counter() >= self._picture_due_s:
            self._picture_due_s = None
            _add_shutter(win, self._picture)
        if self._paced:
            # From start to start: drawing in software takes a good part of the period.
            time.sleep(max(0.0, self._started_s + PERIOD_S - time.perf_counter()))
            self._started_s = time.perf_counter()


def _has_no_refresh() -> bool:
    """Whether OpenGL is done in software, which no monitor holds up."""
    from pyglet.gl import gl_info

    renderer = gl_info.get_renderer().lower()
    return any(name in renderer for name in SOFTWARE_RENDERERS)


def _add_shutter(win: Any, path: Path) -> None:
    """Draw last, once, something that reads what all the others have drawn."""
    from psychopy.visual.basevisual import MinimalStim

    class Shutter(MinimalStim):  # type: ignore[misc]
        def draw(self) -> None:
            win._getFrame(buffer="back").save(path)
            self.setAutoDraw(False)

    shutter = Shutter(name="shutter", autoLog=False)
    shutter.win, shutter.depth = win, -1e12
    shutter.setAutoDraw(True)


def main() -> None:
    """Run the script named on the command line; its exit code is ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("script", type=Path)
    parser.add_argument("--picture", type=Path, required=True)
    parser.add_argument("--frames", type=Path, required=True)
    args = parser.parse_args()
    observer = Observer(args.picture)
    observer.install()
    sys.argv = [str(args.script)]  # a Builder script reads its own arguments
    try:
        runpy.run_path(str(args.script), run_name="__main__")
    finally:
        args.frames.write_text(json.dumps(observer.summary()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
