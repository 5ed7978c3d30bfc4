"""What can be wrong during a session, each in one sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass

LOW_STATES = ("LOW", "CRITICAL")
FARTHER, NEARER = 1.25, 1 / 1.25
"""15 cm at 60 cm: there, a correction of gaze is off by half a degree."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the glasses at one moment.

    Attributes
    ----------
    state : str
        Of the connection: "connecting", "connected", "lost" or "failed".
    error : str
        Why there is no connection.
    recording, recording_error : str
        State of the phone's recording, and why it failed.
    template_error : str
        Why the answers to the template could not be stored; empty if they could.
    module_serial, first_serial : str
        Of the glasses that are plugged in now, and when the phone answered first; empty for
        none, or if such glasses have no number.
    worn : bool or None
        By the newest gaze; None without fresh gaze.
    gaze_error : str
        Why gaze does not come; empty if it does.
    shows_markers : bool
        Whether the experiment has told where its markers are.
    frames, frames_without_screen : int
        Pictures searched for markers, and those without.
    distance_change : float or None
        By how much the window is farther away than at first, 0.25 for a quarter; None if unknown.
    battery_percent : int
    battery_state, storage_state : str
        "OK", "LOW" or "CRITICAL".
    """

    state: str = "connected"
    error: str = ""
    recording: str = "idle"
    recording_error: str = ""
    template_error: str = ""
    module_serial: str = ""
    first_serial: str = ""
    worn: bool | None = None
    gaze_error: str = ""
    shows_markers: bool = False
    frames: int = 0
    frames_without_screen: int = 0
    distance_change: float | None = None
    battery_percent: int = 100
    battery_state: str = "OK"
    storage_state: str = "OK"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the experimenter must know.

    Attributes
    ----------
    holds : bool or None
        Whether it is so now; None if that cannot be told at the moment.
    after_s : float
        How long it has to last before it is told.
    text : str
        What is wrong, and what to do.
    over : str
        Told when it is over; empty for nothing.
    level : {"error", "warning"}
    """

    holds: bool | None
    after_s: float
    text: str
    over: str = ""
    level: str = "warning"


def problems(now: Facts, before: Facts) -> dict[str, Problem]:
    """All problems by name, whether they hold or not.

    Parameters
    ----------
    now, before : Facts
        The present, and half a second ago.
    """
    return {
        "link": _link(now),
        "recording": _recording(now),
        "template": Problem(
            bool(now.template_error),
            0.0,
            f"the phone's template is not answered as the settings say: {now.template_error}",
            level="error",
        ),
        "glasses": _glasses(now),
        "gaze": Problem(
            _if_connected(now, bool(now.gaze_error)),
            1.0,
            f"no gaze comes from the phone: {now.gaze_error}",
            "gaze comes again",
            "error",
        ),
        "worn": Problem(
            None if now.worn is None else not now.worn,
            2.0,
            "the glasses are not worn, so gaze is not valid; put them on",
            "the glasses are worn again",
        ),
        "markers": _markers(now, before),
        "distance": _distance(now),
        "battery": Problem(
            _if_connected(now, now.battery_state in LOW_STATES),
            0.0,
            f"the phone's battery is low ({now.battery_percent} %); plug it in",
        ),
        "storage": Problem(
            _if_connected(now, now.storage_state in LOW_STATES),
            0.0,
            "the phone's storage is nearly full; delete recordings that are uploaded",
        ),
    }


def _if_connected(now: Facts, holds: bool) -> bool | None:
    """A phone that is lost does not tell whether its problems are over."""
    return holds if now.state == "connected" else None


def _link(now: Facts) -> Problem:
    return Problem(
        now.state == "lost",
        0.0,
        f"the phone is lost: {now.error}. Events are kept and sent when it is back; until then "
        "gaze is not valid",
        "the phone is back",
        "error",
    )


def _recording(now: Facts) -> Problem:
    return Problem(
        now.recording == "failed",
        0.0,
        f"the phone does not record: {now.recording_error}",
        level="error",
    )


def _glasses(now: Facts) -> Problem:
    is_other = bool(now.first_serial) and now.module_serial != now.first_serial
    text = f"other glasses are plugged in: {now.module_serial} instead of {now.first_serial}"
    if not now.module_serial:
        text = f"the glasses {now.first_serial} are unplugged from the phone; plug them in"
    over = f"the glasses {now.first_serial} are plugged in again"
    return Problem(_if_connected(now, is_other), 0.5, text, over, "error")


def _markers(now: Facts, before: Facts) -> Problem:
    searched = now.frames - before.frames
    in_vain = now.frames_without_screen - before.frames_without_screen
    return Problem(
        None if not now.shows_markers or searched <= 0 else in_vain >= searched,
        3.0,
        "the scene camera sees too few markers, so there is no gaze on the screen: do the glasses "
        "face the screen, and is it neither too dark nor too far away?",
        "enough markers are seen again",
    )


def _distance(now: Facts) -> Problem:
    ratio = 1.0 if now.distance_change is None else 1.0 + now.distance_change
    # Not over as soon as it is a little less: it would be told again and again.
    within = math.sqrt(NEARER) < ratio < math.sqrt(FARTHER)
    holds = True if not NEARER < ratio < FARTHER else False if within else None
    nearer_or_farther = "nearer to" if ratio < 1 else "farther from"
    return Problem(
        None if now.distance_change is None else holds,
        3.0,
        f"the participant is {abs(ratio - 1):.0%} {nearer_or_farther} the screen than at first, so "
        "sizes in degrees and corrections of gaze do not hold: sit as before, or validate again",
        "the participant is as far from the screen as at first again",
    )
