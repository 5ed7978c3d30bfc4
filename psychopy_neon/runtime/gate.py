"""Waiting for somebody to look at a point, and a check that gaze has not drifted."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from psychopy import event

from psychopy_neon.exceptions import UsageError
from psychopy_neon.runtime.aim_source import AimSource, aim_source
from psychopy_neon.runtime.flip_watch import flip_raw_s
from psychopy_neon.runtime.shown_markers import shown_markers
from psychopy_neon.runtime.validation_targets import ShrinkingTarget
from psychopy_neon.samples import Point
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.gate import FixationGate
from psychopy_neon.screen.viewing_angles import offsets_from_target

GENTLY = 0.5
"""Share of the offset that a drift correction takes away at a time: one fixation is noisy."""
POLL_S = 0.03
_YIELD_S = 0.001


@dataclass(frozen=True)
class Gate:
    """What became of the waiting.

    Attributes
    ----------
    opened : bool
        Whether gaze stayed near the point for long enough.
    waited_s : float
        From the point's flip to that, or to the end of the waiting, seconds.
    offset_x_deg, offset_y_deg : float
        Mean offset of gaze from the point meanwhile, degrees, to the right and up: the drift.
        NaN if it did not open.
    correction : GazeCorrection
        What gaze is corrected by from now on.
    ended_by : str
        Why it did not open: "time", "Escape" or "closing the window"; empty if it did.
    """

    opened: bool
    waited_s: float
    offset_x_deg: float
    offset_y_deg: float
    correction: GazeCorrection
    ended_by: str = ""


def wait_for_fixation(
    win: Any,
    glasses: Any,
    *,
    place: Point = (0.0, 0.0),
    radius_deg: float = 2.0,
    hold_s: float = 0.3,
    give_up_s: float | None = 10.0,
    correct_drift: bool = False,
    markers: Any | None = None,
    screen: Any | None = None,
) -> Gate:
    """Show a point until it has been looked at for a while.

    Angles are true ones, by the pose of the window at the time of each sample. Blinks shorter than
    0.1 s do not count as looking away. Escape ends the waiting.

    Parameters
    ----------
    win : psychopy.visual.Window
    glasses : Neon, NeonTracker or ioHubDeviceView
        A connection in this process, or the tracker of ioHub.
    place : tuple of 2 float
        Of the point, ``norm`` units.
    radius_deg : float
        How far from it gaze may be, degrees.
    hold_s : float
        How long gaze has to stay there, seconds.
    give_up_s : float, optional
        Longest wait, seconds; None waits for ever.
    correct_drift : bool
        Whether half of the offset that was found is taken away from gaze from then on, on top of
        a correction by `validate_gaze`.
    markers : NeonMarkers, optional
        Those on the screen; without them, those that the experiment has told ioHub of, or new
        ones, are shown for the time being.
    screen : ScreenTracker, optional
        With a `Neon`: whose gaze is corrected; without it, the one with the same markers, or a
        new one.

    Returns
    -------
    Gate

    Raises
    ------
    UsageError
        If an argument makes no sense.
    NeonConnectionError, NeonTimeoutError
        If the phone does not answer.
    """
    if give_up_s is not None and not 0 < give_up_s < math.inf:
        raise UsageError(f"give_up_s must be more than 0 seconds, or None, not {give_up_s!r}.")
    gate = FixationGate(radius_deg, hold_s)
    place = checked_place(place, "the point")
    source = aim_source(glasses, screen)
    with shown_markers(win, glasses, markers) as shown:
        source.begin(shown)
        waited_s, ended_by = _wait(win, source, gate, place, give_up_s)
    x_deg, y_deg = gate.offset_deg if gate.is_open else (math.nan, math.nan)
    if gate.is_open and correct_drift:
        source.correct(_shifted(source, x_deg, y_deg))
    return Gate(gate.is_open, waited_s, x_deg, y_deg, source.correction, ended_by)


def checked_place(place: Sequence[float], what: str) -> Point:
    """Two finite numbers.

    Raises
    ------
    UsageError
        If they are not.
    """
    try:
        x, y = (float(each) for each in place)
    except (TypeError, ValueError):
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise UsageError(f"the place of {what} is {place!r}; expected (x, y) in norm units")
    return x, y


def _wait(
    win: Any, source: AimSource, gate: FixationGate, place: Point, give_up_s: float | None
) -> tuple[float, str]:
    """Until it opens; returns how long that took, and what ended it if it did not."""
    target = ShrinkingTarget(win)
    event.clearEvents("keyboard")
    source.look_at(place)
    target.draw(place, 1.0)
    win.flip()
    shown_ns = source.device_ns(flip_raw_s(win))
    began_s = polled_s = time.perf_counter()
    while True:
        now_s = time.perf_counter()
        if now_s - polled_s >= POLL_S:
            polled_s = now_s
            _take(source, gate, shown_ns)
        ended_by = "" if gate.is_open else _ended_by(win, now_s - began_s, give_up_s)
        if gate.is_open or ended_by:
            return now_s - began_s, ended_by
        target.draw(place, 1.0)
        win.flip()
        time.sleep(_YIELD_S)


def _take(source: AimSource, gate: FixationGate, shown_ns: int) -> None:
    for sample in source.aimed():
        if sample.device_ns < shown_ns:
            continue
        gaze_deg = source.correction.apply(sample.gaze_deg)
        x_deg, y_deg = offsets_from_target(gaze_deg, sample.target_deg)[0]
        gate.take(sample.device_ns, float(x_deg), float(y_deg))


def _ended_by(win: Any, waited_s: float, give_up_s: float | None) -> str:
    if getattr(win, "_closed", False):
        return "closing the window"
    if event.getKeys(["escape"]):
        return "Escape"
    return "time" if give_up_s is not None and waited_s >= give_up_s else ""


def _shifted(source: AimSource, x_deg: float, y_deg: float) -> GazeCorrection:
    before = source.correction
    return replace(
        before,
        offset_deg=(before.offset_deg[0] - GENTLY * x_deg, before.offset_deg[1] - GENTLY * y_deg),
        version=source.next_version(),
    )
