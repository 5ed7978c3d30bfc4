"""Run an exported experiment as it is, and watch its window from inside.

    python -m psychopy_neon.demos.observed_run --picture PNG --frames JSON SCRIPT [ARGUMENT ...]

Takes one picture during a trial and counts frames. Reading the back buffer works on every system,
also where pictures of the screen need a permission or show nothing (Xvfb, Wayland).

A display without a refresh of its own lets flips through at once, hundreds a second. There the
flips are held to 60 a second, so that the experiment runs as it would on a monitor; or to fewer,
because drawing without a graphics card takes much computing.
"""

from __future__ import annotations

import argparse
import json
import math
import runpy
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from psychopy_neon.samples import ScreenGaze

PICTURE_AT_EVENT = 3
MOVED, AT_REST = 0.15, 0.03  # norm units: gaze has left where it was, and has arrived
PICTURE_AFTER_S = 3.0  # in any case, so that there is a picture also if gaze never arrives
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
    picture_at : int
        Event after which it is taken, counted from 1.
    picture_after_s : float, optional
        How long after that; without it, as soon as gaze has moved and rests.
    period_s : float
        From flip to flip on a display without a refresh of its own, seconds.
    """

    def __init__(
        self,
        picture: Path,
        picture_at: int = PICTURE_AT_EVENT,
        picture_after_s: float | None = None,
        period_s: float = PERIOD_S,
    ) -> None:
        self._picture = picture
        self._picture_at = picture_at
        self._picture_after_s = picture_after_s
        self._period_s = period_s
        self._flips_s: list[float] = []
        self._clock_pairs: list[tuple[int, float]] = []
        self._gaze: ScreenGaze | None = None
        self._valid_gaze: ScreenGaze | None = None
        self._moment: _LookAway | _Later | None = None
        self._paced: bool | None = None
        self._started_s = 0.0

    def install(self) -> None:
        """Put ourselves between PsychoPy and its windows, and between script and glasses."""
        from psychopy.visual import Window

        from psychopy_neon import Neon
        from psychopy_neon.runtime.sent_events import SentEvents
        from psychopy_neon.runtime.tracker import NeonTracker

        flip, mark_on_flip = Window.flip, Neon.mark_on_flip
        put_event, read_gaze = SentEvents.put, NeonTracker.read_gaze

        def observed_flip(win: Any, clearBuffer: bool = True) -> Any:  # noqa: N803
            self._before_flip(win)
            result = flip(win, clearBuffer)
            self._flips_s.append(time.perf_counter())
            return result

        def observed_put_event(sent: SentEvents, *event: Any) -> int:
            self._note_event()
            return put_event(sent, *event)

        def observed_mark_on_flip(neon: Neon, *event: Any, **more: Any) -> None:
            self._note_event()
            mark_on_flip(neon, *event, **more)

        def observed_read_gaze(tracker: NeonTracker, *surface: str) -> ScreenGaze:
            self._gaze = gaze = read_gaze(tracker, *surface)
            self._valid_gaze = gaze if gaze.valid else self._valid_gaze
            return gaze

        Window.flip = observed_flip
        SentEvents.put = observed_put_event  # type: ignore[assignment, method-assign]
        Neon.mark_on_flip = observed_mark_on_flip  # type: ignore[assignment, method-assign]
        NeonTracker.read_gaze = observed_read_gaze  # type: ignore[assignment, method-assign]

    def summary(self) -> dict[str, Any]:
        """Numbers of frames and dropped frames, their period in ms, and for each event an instant
        on this computer's monotonic clock (ns) and on PsychoPy's (raw seconds)."""
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
            "clock_pairs": self._clock_pairs,
        }

    def _before_flip(self, win: Any) -> None:
        if self._paced is None:
            self._paced = _has_no_refresh()
        moment = self._moment
        if moment is not None and moment.has_come(self._gaze):
            _add_shutter(win, self._picture)
            self._moment = None if moment.is_the_last else moment
        if self._paced:
            # From start to start: drawing in software takes a good part of the period.
            time.sleep(max(0.0, self._started_s + self._period_s - time.perf_counter()))
            self._started_s = time.perf_counter()

    def _note_event(self) -> None:
        self._clock_pairs.append(_pair_clocks())
        if len(self._clock_pairs) == self._picture_at:
            self._await_picture()

    def _await_picture(self) -> None:
        after_s = self._picture_after_s
        self._moment = _LookAway(self._valid_gaze) if after_s is None else _Later(after_s)


class _Later:
    """Some time from now."""

    is_the_last = True

    def __init__(self, after_s: float) -> None:
        self._when_s = time.perf_counter() + after_s

    def has_come(self, gaze: ScreenGaze | None) -> bool:
        return time.perf_counter() >= self._when_s


class _LookAway:
    """When gaze has arrived on the target that an event shows; and once before, if that is late."""

    def __init__(self, start: ScreenGaze | None) -> None:
        self.is_the_last = False
        self._start = self._last = start
        self._end_s = time.perf_counter() + PICTURE_AFTER_S

    def has_come(self, gaze: ScreenGaze | None) -> bool:
        last, self._last = self._last, gaze
        self.is_the_last = _distance(self._start, gaze) > MOVED and _distance(last, gaze) < AT_REST
        is_late = time.perf_counter() > self._end_s
        if is_late:
            self._end_s = math.inf
        return self.is_the_last or is_late


def _distance(one: ScreenGaze | None, other: ScreenGaze | None) -> float:
    """In norm units; NaN, which is neither near nor far, if one is not valid."""
    if one is None or other is None:
        return math.nan
    return math.hypot(one.x - other.x, one.y - other.y)


def _pair_clocks() -> tuple[int, float]:
    """Both clocks at one instant: the tightest of several readings."""
    from psychopy import clock

    readings = []
    for _ in range(20):
        before_ns = time.perf_counter_ns()
        raw_s = float(clock.getTime())
        after_ns = time.perf_counter_ns()
        readings.append((after_ns - before_ns, (before_ns + after_ns) // 2, raw_s))
    _, host_ns, raw_s = min(readings)
    return host_ns, raw_s


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
    parser.add_argument("--picture", type=Path, required=True)
    parser.add_argument("--frames", type=Path, required=True)
    parser.add_argument("--picture-at", type=int, default=PICTURE_AT_EVENT)
    parser.add_argument("--picture-after", type=float, metavar="S")
    parser.add_argument("--flips-per-second", type=float, default=1 / PERIOD_S, metavar="N")
    parser.add_argument("script", type=Path)
    parser.add_argument("arguments", nargs="*")
    args = parser.parse_args()
    period_s = 1 / args.flips_per_second
    observer = Observer(args.picture, args.picture_at, args.picture_after, period_s)
    observer.install()
    sys.argv = [str(args.script), *args.arguments]  # the script reads its own arguments
    try:
        runpy.run_path(str(args.script), run_name="__main__")
    finally:
        args.frames.write_text(json.dumps(observer.summary()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
