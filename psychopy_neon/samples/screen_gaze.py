"""Gaze on the screen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from psychopy_neon.samples.axes import Point
from psychopy_neon.samples.gaze import GazeSample

GazeProblem = Literal[
    "no gaze", "too old", "not worn", "no screen", "screen too old", "off lens", "blink"
]
PoseSource = Literal["interpolated", "gyroscope", "extrapolated", "held"]


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
        Why it is not valid: "no gaze", "too old", "not worn", "no screen", "screen too old",
        "off lens" or "blink" (both eyes shut; known only if the phone sends the eyelids). None
        when it is.
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
    expected_error_deg : float
        Root mean square error, in degrees of view, that the position of the window at the time
        of this sample is expected to add: by its markers, and by the head's motion since their
        picture. The error of the glasses' own gaze comes on top. NaN when not valid.
    pose_source : str or None
        How that position was got: "interpolated" between two pictures, carried on from the
        newest by the "gyroscope", "extrapolated" from the last two pictures, or "held", just as
        in the last picture. None without one.
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
    expected_error_deg: float = math.nan
    pose_source: PoseSource | None = None


@dataclass(frozen=True, slots=True)
class SettledGaze:
    """A gaze sample and its place on the screen, from the pictures before and after it.

    Attributes
    ----------
    device_ns : int
        Time of the sample on the phone's Unix clock, ns.
    gaze : GazeSample
        As it came.
    screen : ScreenGaze
        Its `age_s` is 0: nothing is too old for the data file.
    uncorrected : tuple of 2 float
        Its place if gaze were not corrected, ``norm`` units; NaN where `screen` is not valid.
    correction_version : int
        `version` of the `GazeCorrection` in force; 0 without one.
    """

    device_ns: int
    gaze: GazeSample
    screen: ScreenGaze
    uncorrected: Point = (math.nan, math.nan)
    correction_version: int = 0


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Which of several windows or surfaces somebody looks at.

    Attributes
    ----------
    name : str or None
        Of the surface that gaze rests on, the nearest one if it meets two within their edges.
        None if it rests on none of them, or is not valid.
    on : mapping of str to ScreenGaze
        The same sample on each of the surfaces, beside their edges too.
    """

    name: str | None
    on: Mapping[str, ScreenGaze]

    @property
    def gaze(self) -> ScreenGaze | None:
        """Gaze on the surface that is looked at; None if there is none."""
        return None if self.name is None else self.on[self.name]
