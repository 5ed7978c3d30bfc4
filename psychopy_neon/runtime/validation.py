"""Validation of gaze on the screen: targets, numbers, a picture of them, and a correction."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any, Literal

from psychopy import event

from psychopy_neon.exceptions import UsageError
from psychopy_neon.runtime.aim_source import AimSource, aim_source
from psychopy_neon.runtime.shown_markers import shown_markers
from psychopy_neon.runtime.validation_picture import ValidationPicture
from psychopy_neon.runtime.validation_result import Validation, window_height_cm
from psychopy_neon.runtime.validation_round import (
    Fixated,
    OnTarget,
    ValidationRound,
    accuracy_of,
)
from psychopy_neon.runtime.validation_targets import SPREAD, shown_in_order, target_places
from psychopy_neon.samples import Point
from psychopy_neon.screen.accuracy import GOOD_DEG
from psychopy_neon.screen.correction import NO_CORRECTION, fit_correction

Correct = Literal["never", "on request", "if needed", "always"]
CORRECT: tuple[Correct, ...] = ("never", "on request", "if needed", "always")
GO_ON = ("space", "return", "escape")
_YIELD_S = 0.01


def validate_gaze(
    win: Any,
    glasses: Any,
    *,
    points: int = 5,
    spread: float = SPREAD,
    limit_deg: float = GOOD_DEG,
    correct: Correct = "on request",
    show_s: float | None = None,
    markers: Any | None = None,
    screen: Any | None = None,
    on_target: OnTarget | None = None,
    seed: int | None = None,
) -> Validation:
    """Show targets to be looked at, and tell how far gaze was from them.

    Each target takes 1.6 s; those that fail are shown once more. The result is then shown until
    somebody presses a key: space goes on, R measures again, and, if allowed, C corrects gaze and
    measures again, and U undoes all correction. Escape goes on at any time.

    Angles are true ones, as seen from the scene camera, by the pose of the window at the time of
    each sample: head movements do not count as error, and neither width nor distance of the
    screen have to be known. For accuracy, precision and loss see `psychopy_neon.screen.accuracy`.

    Parameters
    ----------
    win : psychopy.visual.Window
    glasses : Neon, NeonTracker or ioHubDeviceView
        A connection in this process, or the tracker of ioHub.
    points : {1, 5, 9, 13}
        Number of targets.
    spread : float
        How far from the middle of the window the outer ones are, ``norm`` units.
    limit_deg : float
        Mean error with which the validation is passed, degrees.
    correct : {"never", "on request", "if needed", "always"}
        Whether an offset is corrected: when C is pressed, when the limit is not met, or in any
        case. After correcting, gaze is measured again, on fresh data; if it did not get better,
        the correction is undone.
    show_s : float, optional
        How long the result is shown if nobody presses a key, seconds; without it, for ever; with
        0, not at all.
    markers : NeonMarkers, optional
        Those on the screen; without them, those that the experiment has told ioHub of, or new
        ones, are shown for the time being.
    screen : ScreenTracker, optional
        With a `Neon`: whose gaze is corrected; without it, the one with the same markers, or a
        new one.
    on_target : callable, optional
        Called soon after the flip that showed a target with its place, ``norm`` units, and the
        flip's time in raw PsychoPy seconds, for instance to send an event.
    seed : int, optional
        Of the order of the targets, which is random without it; the middle is always the first.

    Returns
    -------
    Validation

    Raises
    ------
    UsageError
        If an argument makes no sense.
    NeonConnectionError, NeonTimeoutError
        If the phone does not answer.
    """
    if correct not in CORRECT:
        raise UsageError(f"correct must be one of {', '.join(CORRECT)}, not {correct!r}.")
    if not 0 < limit_deg < math.inf:
        raise UsageError(f"the limit must be greater than 0 degrees, not {limit_deg!r}.")
    places = target_places(points, spread)
    source = aim_source(glasses, screen)
    procedure = _Procedure(
        win, source, shown_in_order(places, seed), limit_deg, correct, show_s, on_target
    )
    with shown_markers(win, glasses, markers) as shown:
        source.begin(shown)
        return procedure.run()


class _Procedure:
    """Rounds, corrections and pictures, until somebody goes on."""

    def __init__(
        self,
        win: Any,
        source: AimSource,
        targets: Sequence[Point],
        limit_deg: float,
        correct: Correct,
        show_s: float | None,
        on_target: OnTarget | None,
    ) -> None:
        self._win = win
        self._source = source
        self._targets = targets
        self._limit_deg = limit_deg
        self._correct = correct
        self._show_s = show_s
        self._round = ValidationRound(win, source, on_target)
        self._fixated: list[Fixated] = []
        self._rounds = 0
        self._note = ""

    def run(self) -> Validation:
        self._measure()
        if self._wants_correction():
            self._correct_and_check()
        while not self._round.ended_by:
            key = self._show()
            if key in GO_ON:
                break
            self._do(key)
        return self._result()

    def _do(self, key: str) -> None:
        self._note = ""
        if key == "r":
            self._measure()
        elif key == "c":
            self._correct_and_check()
        elif key == "u":
            self._source.correct(NO_CORRECTION)

    def _measure(self) -> None:
        self._fixated = self._round.run(self._targets)
        self._rounds += 1

    def _wants_correction(self) -> bool:
        if self._round.ended_by or self._correct in ("never", "on request"):
            return False
        return self._correct == "always" or not self._result().passed

    def _correct_and_check(self) -> None:
        """Correct, measure again, and undo it if that was no improvement."""
        before = self._source.correction
        error = self._try_correction()
        if error:
            self._note = f"not corrected: {error}"
            return
        self._measure()
        after = self._source.correction
        with_it = accuracy_of(self._fixated, after)
        without_deg = accuracy_of(self._fixated, before).accuracy_deg
        is_checked = with_it.verdict != "not measured"
        if not is_checked or with_it.accuracy_deg > without_deg:
            self._source.correct(before)
            why = "it made gaze no better" if is_checked else "it could not be checked"
            self._note = f"correction {after.version} undone, as {why}"

    def _try_correction(self) -> str:
        """What went wrong; empty if gaze is corrected now."""
        raw = accuracy_of(self._fixated)
        if raw.verdict == "not measured":
            return "too few targets could be measured"
        try:
            correction = fit_correction(raw.points, self._source.next_version())
        except UsageError:
            return "the error is out of all reason"
        return "" if self._source.correct(correction) else "the glasses do not take it"

    def _show(self) -> str:
        """Show the result; returns the key that was pressed."""
        if self._show_s is not None and self._show_s <= 0:
            return GO_ON[0]
        result, keys = self._result(), self._keys()
        picture = ValidationPicture(
            self._win, result.accuracy, self._limit_deg, result.lines(), _legend(keys)
        )
        event.clearEvents("keyboard")
        until_s = math.inf if self._show_s is None else time.perf_counter() + self._show_s
        while time.perf_counter() < until_s and not getattr(self._win, "_closed", False):
            picture.draw()
            self._win.flip()
            pressed = event.getKeys([*GO_ON, *keys])
            if pressed:
                return str(pressed[0])
            time.sleep(_YIELD_S)
        return GO_ON[0]

    def _keys(self) -> list[str]:
        if self._correct == "never":
            return ["r"]
        return ["r", "c", "u"] if self._source.correction.version else ["r", "c"]

    def _result(self) -> Validation:
        correction = self._source.correction
        return Validation(
            accuracy=accuracy_of(self._fixated, correction),
            uncorrected=accuracy_of(self._fixated),
            limit_deg=self._limit_deg,
            rounds=self._rounds,
            correction=correction,
            window_height_cm=window_height_cm(self._win),
            note=self._note
            or (f"ended early by {self._round.ended_by}" if self._round.ended_by else ""),
        )


def _legend(keys: list[str]) -> list[str]:
    words = {"c": "C: correct, again", "u": "U: undo correction"}
    more = "   ".join(words[key] for key in keys if key in words)
    return ["Space: go on   R: again", *([more] if more else [])]
