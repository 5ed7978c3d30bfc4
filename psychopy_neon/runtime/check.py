"""A check of everything before a session, on one screen."""

from __future__ import annotations

import math
import time
from typing import Any

from psychopy import event

from psychopy_neon.exceptions import UsageError
from psychopy_neon.readiness import Readiness, Requirements, judge
from psychopy_neon.runtime.check_result import Check, Choice, ChosenBy
from psychopy_neon.runtime.check_screen import CheckScreen
from psychopy_neon.runtime.check_source import CheckSource, check_source
from psychopy_neon.runtime.shown_markers import shown_markers

GO_ON, STOP, AGAIN = ("space", "return"), "escape", "r"
CHOICES: tuple[Choice, ...] = ("go on", "stop")
PILOT_LIMIT_S = 10.0
_LOOK_EVERY_S = 0.4
_STEADY_S = 1.0
_ASK_TWICE_S = 5.0
_YIELD_S = 0.01

Ending = tuple[Choice, ChosenBy]


def check_glasses(
    win: Any,
    glasses: Any,
    needs: Requirements | None = None,
    *,
    by_itself: bool = False,
    limit_s: float | None = None,
    at_limit: Choice = "stop",
    piloting: bool = False,
    markers: Any | None = None,
    screen: Any | None = None,
) -> Check:
    """Show whether everything is ready for a session, until somebody goes on or stops.

    The screen shows each thing with a word, a colour and, if it is not good, a sentence that says
    what to do; beside it the live picture of the scene camera with gaze and tags. Everything is
    watched all the time. Space goes on (twice, if something is bad), R checks anew, and Escape
    stops: what that means is up to the script, see `Check.stopped`.

    Parameters
    ----------
    win : psychopy.visual.Window
    glasses : Neon, HubNeon, NeonTracker or ioHubDeviceView
        A connection in this process, or the tracker of ioHub.
    needs : Requirements, optional
        What the session needs; an hour's worth of battery and storage, without it.
    by_itself : bool
        Whether to go on without a key as soon as everything has been good for a second.
    limit_s : float, optional
        Longest wait, seconds; without it, for ever.
    at_limit : {"stop", "go on"}
        What happens then.
    piloting : bool
        Whether this is a pilot run: simulated glasses are then good, and the check goes on by
        itself after 10 s at the latest.
    markers : NeonMarkers, optional
        Those on the screen; without them, those that the experiment has told ioHub of, or new
        ones, are shown for the time being.
    screen : ScreenTracker, optional
        With a `Neon`: that tracks the window.

    Returns
    -------
    Check

    Raises
    ------
    UsageError
        If an argument makes no sense.
    NeonConnectionError, NeonTimeoutError
        If glasses are connected in this process, and do not tell their calibration.
    """
    if at_limit not in CHOICES:
        raise UsageError(f"at_limit must be one of {', '.join(CHOICES)}, not {at_limit!r}.")
    if limit_s is not None and not 0 < limit_s < math.inf:
        raise UsageError(f"limit_s must be seconds, more than 0, not {limit_s!r}.")
    if piloting:
        limit_s, at_limit = min(limit_s or math.inf, PILOT_LIMIT_S), "go on"
    source = check_source(glasses, screen)
    with shown_markers(win, glasses, markers) as shown:
        try:
            source.begin(shown)
            check = _Procedure(win, source, needs or Requirements(), piloting)
            done = check.run(CheckScreen(win, shown), by_itself, limit_s or math.inf, at_limit)
            source.note(done.to_message())
        finally:
            source.end()
    return done


class _Procedure:
    """Looks, shows and listens until somebody chooses."""

    def __init__(self, win: Any, source: CheckSource, needs: Requirements, piloting: bool) -> None:
        self._win = win
        self._source = source
        self._needs = needs
        self._piloting = piloting
        self._retries = 0
        self._began_s = self._since_s = time.perf_counter()
        self._look_s = 0.0
        self._good_since_s = math.inf
        self._asked_s = -math.inf
        self._readiness = Readiness(())

    def run(self, screen: CheckScreen, by_itself: bool, limit_s: float, at_limit: Choice) -> Check:
        event.clearEvents("keyboard")
        ending: Ending | None = None
        while ending is None:
            ending = self._frame(screen, by_itself, limit_s, at_limit)
        choice, chosen_by = ending
        seconds = time.perf_counter() - self._began_s
        return Check(self._readiness, choice, chosen_by, self._retries, seconds)

    def _frame(
        self, screen: CheckScreen, by_itself: bool, limit_s: float, at_limit: Choice
    ) -> Ending | None:
        if getattr(self._win, "_closed", False):
            return "stop", "closed window"
        now_s = time.perf_counter()
        if now_s >= self._look_s:
            self._look(now_s)
        left_s = limit_s - (now_s - self._since_s)
        self._show(screen, now_s, left_s, at_limit)
        ending = self._pressed(now_s) or self._by_itself(now_s, by_itself)
        if ending is None and left_s <= 0:
            return at_limit, "time limit"
        return ending

    def _look(self, now_s: float) -> None:
        self._look_s = now_s + _LOOK_EVERY_S
        waited_s = now_s - self._since_s
        facts = self._source.facts()
        self._readiness = judge(facts, self._needs, waited_s, piloting=self._piloting)
        if not self._readiness.all_good:
            self._good_since_s = math.inf
        elif self._good_since_s == math.inf:
            self._good_since_s = now_s

    def _show(self, screen: CheckScreen, now_s: float, left_s: float, at_limit: Choice) -> None:
        preview = self._source.preview()
        if preview is not None:
            screen.show_picture(preview)
        screen.draw(self._readiness, [self._space(now_s), *_legend(left_s, at_limit)])
        self._win.flip()
        time.sleep(_YIELD_S)

    def _space(self, now_s: float) -> str:
        if self._readiness.ready:
            return "Space: go on"
        if now_s - self._asked_s < _ASK_TWICE_S:
            return "Space again: go on anyway"
        return "Space twice: go on anyway"

    def _pressed(self, now_s: float) -> Ending | None:
        for key in event.getKeys([*GO_ON, STOP, AGAIN]):
            if key == STOP:
                return "stop", "key"
            if key == AGAIN:
                self._check_again(now_s)
            elif self._readiness.ready or now_s - self._asked_s < _ASK_TWICE_S:
                return "go on", "key"
            else:
                self._asked_s = now_s
        return None

    def _by_itself(self, now_s: float, by_itself: bool) -> Ending | None:
        is_steady = now_s - self._good_since_s >= _STEADY_S
        return ("go on", "itself") if by_itself and is_steady else None

    def _check_again(self, now_s: float) -> None:
        self._source.again()
        self._retries += 1
        self._since_s, self._look_s = now_s, 0.0
        self._asked_s, self._good_since_s = -math.inf, math.inf


def _legend(left_s: float, at_limit: Choice) -> list[str]:
    lines = ["R: check again", "Esc: stop the experiment"]
    if left_s < math.inf:
        what = "goes on" if at_limit == "go on" else "stops"
        lines.append(f"{what} by itself in {max(0, math.ceil(left_s))} s")
    return lines
