"""Gaze on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GazeProblem = Literal["no gaze", "too old", "not worn", "no screen", "screen too old", "off lens"]


@dataclass(frozen=True, slots=True)
class ScreenGaze:
    """Where on the screen somebody looks, and how far to trust it.

    Attributes
    ----------
    x, y : float
        PsychoPy's ``norm`` units of the window the markers are drawn in: -1 (left, bottom) to
        1 (right, top). Outside that range the gaze is beside the window. NaN when not valid.
    valid : bool
        Whether `x` and `y` can be used.
    problem : str or None
        Why it is not valid: "no gaze", "too old", "not worn", "no screen", "screen too old" or
        "off lens". None when it is.
    age_s : float
        Age of the gaze sample when this value was made, seconds; NaN without a sample.
    pose_age_s : float
        Time between the gaze sample and the picture its screen position rests on, seconds; NaN
        without one.
    tags : int
        Number of markers that picture showed.
    device_ns : int or None
        Time of the gaze sample on the phone's Unix clock.
    pupil_mm : float
        Mean pupil diameter of the eyes that report one, mm; NaN without eye state.
    """

    x: float
    y: float
    valid: bool
    problem: GazeProblem | None
    age_s: float
    pose_age_s: float
    tags: int
    device_ns: int | None
    pupil_mm: float
