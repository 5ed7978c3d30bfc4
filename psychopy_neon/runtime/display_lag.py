"""The scene camera as a photodiode: blinks a patch, and finds the display's lag."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable
from typing import Any, Literal

from psychopy import clock, event, visual
from psychopy.colors import Color

from psychopy_neon.exceptions import UsageError
from psychopy_neon.runtime.blink_plan import BlinkPlan
from psychopy_neon.runtime.flip_watch import flip_raw_s
from psychopy_neon.runtime.patch_source import source_of
from psychopy_neon.runtime.shown_markers import (
    markers_of_experiment,
    usual_markers,
    window_lent,
)
from psychopy_neon.screen.display_lag import (
    FRAME_S,
    MIN_CHANGES,
    DisplayLag,
    StampedMoment,
    estimate_display_lag,
)
from psychopy_neon.screen.patch_blinking import PatchChange
from psychopy_neon.visual import NeonInversion, NeonPatch

MESSAGE = "Measuring the display: {left:.0f} s left.\nPlease look here. Escape ends it."
CHANGES = 60
MAX_CHANGES = 600
_SEARCH_S = 5.0  # longest wait for the first picture that shows the markers
_STEADY_S = 0.6  # before the first change and after the last one
_SETTLE_S = 2.0  # longest wait for the last pictures
_YIELD_S = 0.001  # per frame: flips of some windows do not wait

OnChange = Callable[[bool, float], Any]
BlinkMode = Literal["patch", "frame"]
MODES: dict[BlinkMode, type[NeonPatch] | type[NeonInversion]] = {
    "patch": NeonPatch,
    "frame": NeonInversion,
}


class DisplayLagMeasurement:
    """The routine behind `measure_display_lag`, one frame at a time.

    For loops that draw themselves: `start`, then `each_frame` before every flip until `finished`,
    then `end`.

    Parameters
    ----------
    win : psychopy.visual.Window
    glasses : Neon, NeonTracker or ioHubDeviceView
    markers : NeonMarkers, optional
        Those on the screen; without them, those that the experiment has told ioHub of, if what
        blinks has room on them, or else new ones, are shown for the time being.
    changes : int
        How many changes of the patch, 12 to 600; 60 take about 25 s.
    on_change : callable, optional
        Called soon after each flip that changed the patch with whether it is bright and the flip's
        time in raw PsychoPy seconds, for instance to send a trigger.
    mode : {"patch", "frame"}
        What blinks: a patch between the first two markers, or the frame of markers itself, see
        `NeonInversion`.

    Attributes
    ----------
    finished : bool
        Whether there is nothing more to show.
    left_s : float
        How long it still takes.

    Raises
    ------
    UsageError
        If an argument makes no sense, or there is no room for the patch.
    """

    def __init__(
        self,
        win: Any,
        glasses: Any,
        markers: Any | None = None,
        changes: int = CHANGES,
        on_change: OnChange | None = None,
        mode: BlinkMode = "patch",
    ) -> None:
        if mode not in MODES:
            raise UsageError(f"mode must be one of {', '.join(MODES)}, not {mode!r}.")
        if not MIN_CHANGES <= changes <= MAX_CHANGES:
            raise UsageError(
                f"changes must lie between {MIN_CHANGES} and {MAX_CHANGES}, not {changes}."
            )
        self.win = win
        self.finished = False
        self._source = source_of(glasses)
        self._afterwards = contextlib.ExitStack()
        if markers is None:
            self._afterwards.enter_context(window_lent(glasses))
            markers = _markers(win, glasses, mode)
        self._markers = markers
        self._mode = mode
        self._patch = MODES[mode](markers)
        self._plan = BlinkPlan(changes)
        self._on_change = on_change
        self._flips: list[tuple[float, bool]] = []
        self._shown: list[PatchChange] = []
        self._asked = 0
        self._begin_s: float | None = None
        self._shows_markers_anyway = False

    @property
    def left_s(self) -> float:
        """Seconds until the patch has changed for the last time, and that has been filmed."""
        whole_s = self._plan.length_s + _STEADY_S
        passed_s = 0.0 if self._begin_s is None else clock.getTime() - self._begin_s
        return max(0.0, whole_s - max(0.0, passed_s))

    def start(self) -> None:
        """Show markers and patch, and begin to watch; may wait 5 s for the phone.

        Raises
        ------
        NeonConnectionError, NeonTimeoutError
            If the phone does not answer.
        """
        self._source.watch(self._markers, self._patch.points)
        # PsychoPy's attribute is no boolean before it is set for the first time.
        self._shows_markers_anyway = bool(vars(self._markers).get("autoDraw"))
        self._markers.autoDraw = True
        self._patch.autoDraw = True
        self._search_until_s = clock.getTime() + _SEARCH_S

    def each_frame(self) -> None:
        """Do what is due before the next flip; takes about a millisecond at most."""
        self._take_flips()
        now_s = clock.getTime()
        if self._begin_s is None:
            if self._source.levels() or now_s > self._search_until_s:
                self._begin_s = now_s + _STEADY_S
            return
        since_s = now_s - self._begin_s
        if self._asked < len(self._plan.times_s):
            if since_s >= self._plan.times_s[self._asked]:
                self._change()
        elif since_s > self._plan.length_s + _STEADY_S:
            self.finished = self._has_seen_all() or since_s > self._plan.length_s + _SETTLE_S

    def end(self, exposure_s: float | None = None, stamped: StampedMoment = "start") -> DisplayLag:
        """Take everything off the screen, and estimate the lag from what there is.

        Takes one to three seconds. May be called before it has `finished`. The result is kept in
        the run's journal, for the timing certificate.

        Parameters
        ----------
        exposure_s : float, optional
            Exposure time of the scene camera, if it is known.
        stamped : {"start", "middle", "end"}
            Which moment of the exposure the camera stamps.

        Returns
        -------
        DisplayLag
        """
        self.finished = True
        self._take_flips()
        levels, offset_s = self._source.levels(), self._source.clock_offset_s()
        self.close()
        found = estimate_display_lag(
            self._shown, levels, exposure_s=exposure_s, stamped=stamped, clock_offset_s=offset_s
        )
        self._source.note({**dataclasses.asdict(found), "mode": self._mode})
        return found

    def close(self) -> None:
        """Take everything off the screen, and watch no longer. Idempotent."""
        self._patch.autoDraw = False
        if not self._shows_markers_anyway:
            self._markers.autoDraw = False
        self._source.stop()
        self._afterwards.close()

    def _change(self) -> None:
        self._asked += 1
        self._patch.bright = not self._patch.bright
        self.win.callOnFlip(self._note_flip, self._patch.bright)

    def _note_flip(self, bright: bool) -> None:
        self._flips.append((flip_raw_s(self.win), bright))

    def _take_flips(self) -> None:
        """Convert the newest flip at once, as the time of an event is."""
        flips, self._flips = self._flips, []
        for raw_s, bright in flips:
            device_ns, bound_ns = self._source.device_time(raw_s)
            self._shown.append(PatchChange(device_ns, bound_ns, bright))
            if self._on_change is not None:
                self._on_change(bright, raw_s)

    def _has_seen_all(self) -> bool:
        levels = self._source.levels()
        enough_ns = round((_STEADY_S / 2 + FRAME_S) * 1e9)
        return bool(levels and levels[-1].device_ns > self._shown[-1].device_ns + enough_ns)


def measure_display_lag(
    win: Any,
    glasses: Any,
    *,
    markers: Any | None = None,
    changes: int = CHANGES,
    exposure_s: float | None = None,
    stamped: StampedMoment = "start",
    on_change: OnChange | None = None,
    message: str = MESSAGE,
    mode: BlinkMode = "patch",
) -> DisplayLag:
    """Blink a patch for about 25 s, film it, and find the lag from flip to light.

    Somebody wears the glasses and looks at the window, which shows the markers, the patch between
    the first two of them, and how long it takes. Escape, or closing the window, ends it; the
    result then rests on what was filmed until then. Put the lag into the experiment as the
    constant between flip and light.

    A short fixed exposure makes the result sharper, and even more so if it is told here:
    ``neon.camera.set(ae_mode="manual", man_exp=50)``.

    Parameters
    ----------
    win : psychopy.visual.Window
        Where to show it.
    glasses : Neon, NeonTracker or ioHubDeviceView
        A connection in this process, or the tracker of ioHub.
    markers : NeonMarkers, optional
        Those on the screen; without them, those that the experiment has told ioHub of, if what
        blinks has room on them, or else new ones, are shown for the time being.
    changes : int
        How many changes of the patch, 12 to 600.
    exposure_s : float, optional
        Exposure time of the scene camera, if it is known.
    stamped : {"start", "middle", "end"}
        Which moment of the exposure the camera stamps.
    on_change : callable, optional
        Called soon after each flip that changed the patch with whether it is bright and the flip's
        time in raw PsychoPy seconds, for instance to send a trigger.
    message : str
        Text in the middle of the window; ``{left}`` is the number of seconds left.
    mode : {"patch", "frame"}
        What blinks: a patch between the first two markers, or the frame of markers itself, see
        `NeonInversion`, which needs no room between them.

    Returns
    -------
    DisplayLag
        Also when nothing was found; `DisplayLag.verdict` and `DisplayLag.problem` say why.

    Raises
    ------
    UsageError
        If an argument makes no sense, or there is no room for the patch.
    NeonConnectionError, NeonTimeoutError
        If the phone does not answer.
    """
    measurement = DisplayLagMeasurement(win, glasses, markers, changes, on_change, mode)
    look = {"units": "norm", "height": 0.07, "wrapWidth": 1.2, "color": _ink(win)}
    text = visual.TextStim(win, text="", autoLog=False, **look)
    event.clearEvents("keyboard")
    try:
        measurement.start()
        ended_by = _run(win, measurement, text, message)
        result = measurement.end(exposure_s, stamped)
    finally:
        measurement.close()
        if not _is_closed(win):
            win.flip()
    if ended_by and result.verdict == "not seen":
        return dataclasses.replace(result, problem=f"{ended_by} ended it early: {result.problem}")
    return result


def _run(win: Any, measurement: DisplayLagMeasurement, text: Any, message: str) -> str:
    """Show it to the end; returns what ended it early, if anything did."""
    while not measurement.finished:
        if _is_closed(win):
            return "closing the window"
        if event.getKeys(["escape"]):
            return "Escape"
        measurement.each_frame()
        shown = message.format(left=measurement.left_s)
        if text.text != shown:
            text.text = shown
        text.draw()
        win.flip()
        time.sleep(_YIELD_S)
    return ""


def _ink(win: Any) -> str:
    """What can be read on the background of a window."""
    return "black" if sum(Color(win.color, win.colorSpace).rgb255) > 3 * 140 else "white"


def _markers(win: Any, glasses: Any, mode: BlinkMode) -> Any:
    """Those of the experiment, if what blinks has room on them; otherwise the default frame."""
    markers = markers_of_experiment(win, glasses)
    if markers is not None:
        with contextlib.suppress(UsageError):
            MODES[mode](markers)
            return markers
    return usual_markers(win, glasses)


def _is_closed(win: Any) -> bool:
    return bool(getattr(win, "_closed", False))
