"""Gaze tuples of the official client: one class for each set of parts that a phone sends.

Pixels of the scene camera, origin top left. Pupil diameters and eyeball centres are in mm, lid
angles in radians, lid apertures in mm.
"""

from __future__ import annotations

from typing import NamedTuple

from psychopy_neon.simple.timestamps import Stamped


class _Gaze(NamedTuple):
    x: float
    y: float
    worn: bool
    timestamp_unix_seconds: float


class Point(NamedTuple):
    """A point of the scene camera's picture.

    Attributes
    ----------
    x, y : float
        Pixels, origin top left.
    """

    x: float
    y: float


class _Monocular(NamedTuple):
    left: Point
    right: Point
    worn: bool
    timestamp_unix_seconds: float


class _DualMono(NamedTuple):
    x: float
    y: float
    worn: bool
    mono_left_x: float
    mono_left_y: float
    mono_right_x: float
    mono_right_y: float
    timestamp_unix_seconds: float


class _Eyestate(NamedTuple):
    x: float
    y: float
    worn: bool
    pupil_diameter_left: float
    eyeball_center_left_x: float
    eyeball_center_left_y: float
    eyeball_center_left_z: float
    optical_axis_left_x: float
    optical_axis_left_y: float
    optical_axis_left_z: float
    pupil_diameter_right: float
    eyeball_center_right_x: float
    eyeball_center_right_y: float
    eyeball_center_right_z: float
    optical_axis_right_x: float
    optical_axis_right_y: float
    optical_axis_right_z: float
    timestamp_unix_seconds: float


class _Eyelid(NamedTuple):
    x: float
    y: float
    worn: bool
    pupil_diameter_left: float
    eyeball_center_left_x: float
    eyeball_center_left_y: float
    eyeball_center_left_z: float
    optical_axis_left_x: float
    optical_axis_left_y: float
    optical_axis_left_z: float
    pupil_diameter_right: float
    eyeball_center_right_x: float
    eyeball_center_right_y: float
    eyeball_center_right_z: float
    optical_axis_right_x: float
    optical_axis_right_y: float
    optical_axis_right_z: float
    eyelid_angle_top_left: float
    eyelid_angle_bottom_left: float
    eyelid_aperture_left: float
    eyelid_angle_top_right: float
    eyelid_angle_bottom_right: float
    eyelid_aperture_right: float
    timestamp_unix_seconds: float


class _EyelidDualMono(NamedTuple):
    x: float
    y: float
    worn: bool
    pupil_diameter_left: float
    eyeball_center_left_x: float
    eyeball_center_left_y: float
    eyeball_center_left_z: float
    optical_axis_left_x: float
    optical_axis_left_y: float
    optical_axis_left_z: float
    pupil_diameter_right: float
    eyeball_center_right_x: float
    eyeball_center_right_y: float
    eyeball_center_right_z: float
    optical_axis_right_x: float
    optical_axis_right_y: float
    optical_axis_right_z: float
    eyelid_angle_top_left: float
    eyelid_angle_bottom_left: float
    eyelid_aperture_left: float
    eyelid_angle_top_right: float
    eyelid_angle_bottom_right: float
    eyelid_aperture_right: float
    mono_left_x: float
    mono_left_y: float
    mono_right_x: float
    mono_right_y: float
    timestamp_unix_seconds: float


class GazeData(Stamped, _Gaze):
    """Where somebody looks (reference, 5.1).

    Attributes
    ----------
    x, y : float
        Scene camera pixels, origin top left; may lie outside the picture.
    worn : bool
        Whether the glasses are on somebody's nose.
    timestamp_unix_seconds : float
        Phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    """


class DualMonocularGazeData(Stamped, _Monocular):
    """Gaze of each eye, and none of both together; only experimental apps send it.

    Attributes
    ----------
    left, right : Point
        Gaze of each eye, scene camera pixels.
    worn : bool
        Whether the glasses are on somebody's nose.
    timestamp_unix_seconds : float
        Phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    """


class BinoAndDualMonoGazeData(Stamped, _DualMono):
    """Gaze, and gaze of each eye.

    Attributes
    ----------
    x, y : float
        Scene camera pixels, origin top left; may lie outside the picture.
    worn : bool
        Whether the glasses are on somebody's nose.
    mono_left_x, mono_left_y, mono_right_x, mono_right_y : float
        Gaze of each eye, scene camera pixels.
    timestamp_unix_seconds : float
        Phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    """


class EyestateGazeData(Stamped, _Eyestate):
    """Gaze, and the state of both eyes.

    Attributes
    ----------
    x, y : float
        Scene camera pixels, origin top left; may lie outside the picture.
    worn : bool
        Whether the glasses are on somebody's nose.
    pupil_diameter_left, pupil_diameter_right : float
        Physical pupil diameters, mm.
    eyeball_center_left_x, eyeball_center_left_y, eyeball_center_left_z : float
        Relative to the scene camera, mm: x right, y down, z forward.
    eyeball_center_right_x, eyeball_center_right_y, eyeball_center_right_z : float
        The same of the right eye.
    optical_axis_left_x, optical_axis_left_y, optical_axis_left_z : float
        Unit vector in the same axes.
    optical_axis_right_x, optical_axis_right_y, optical_axis_right_z : float
        The same of the right eye.
    timestamp_unix_seconds : float
        Phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    """


class EyestateEyelidGazeData(Stamped, _Eyelid):
    """Gaze, and the state of both eyes and lids.

    Attributes
    ----------
    x, y : float
        Scene camera pixels, origin top left; may lie outside the picture.
    worn : bool
        Whether the glasses are on somebody's nose.
    pupil_diameter_left, pupil_diameter_right : float
        Physical pupil diameters, mm.
    eyeball_center_left_x, eyeball_center_left_y, eyeball_center_left_z : float
        Relative to the scene camera, mm: x right, y down, z forward.
    eyeball_center_right_x, eyeball_center_right_y, eyeball_center_right_z : float
        The same of the right eye.
    optical_axis_left_x, optical_axis_left_y, optical_axis_left_z : float
        Unit vector in the same axes.
    optical_axis_right_x, optical_axis_right_y, optical_axis_right_z : float
        The same of the right eye.
    eyelid_angle_top_left, eyelid_angle_bottom_left : float
        Angles of the lids, radians.
    eyelid_angle_top_right, eyelid_angle_bottom_right : float
        The same of the right eye.
    eyelid_aperture_left, eyelid_aperture_right : float
        Opening of the lids, mm; 0 is shut.
    timestamp_unix_seconds : float
        Phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    """


class EyestateEyelidDualMonoGazeData(Stamped, _EyelidDualMono):
    """Gaze, the state of both eyes and lids, and gaze of each eye.

    Attributes
    ----------
    x, y : float
        Scene camera pixels, origin top left; may lie outside the picture.
    worn : bool
        Whether the glasses are on somebody's nose.
    pupil_diameter_left, pupil_diameter_right : float
        Physical pupil diameters, mm.
    eyeball_center_left_x, eyeball_center_left_y, eyeball_center_left_z : float
        Relative to the scene camera, mm: x right, y down, z forward.
    eyeball_center_right_x, eyeball_center_right_y, eyeball_center_right_z : float
        The same of the right eye.
    optical_axis_left_x, optical_axis_left_y, optical_axis_left_z : float
        Unit vector in the same axes.
    optical_axis_right_x, optical_axis_right_y, optical_axis_right_z : float
        The same of the right eye.
    eyelid_angle_top_left, eyelid_angle_bottom_left : float
        Angles of the lids, radians.
    eyelid_angle_top_right, eyelid_angle_bottom_right : float
        The same of the right eye.
    eyelid_aperture_left, eyelid_aperture_right : float
        Opening of the lids, mm; 0 is shut.
    mono_left_x, mono_left_y, mono_right_x, mono_right_y : float
        Gaze of each eye, scene camera pixels.
    timestamp_unix_seconds : float
        Phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    """


AnyGaze = (
    GazeData
    | DualMonocularGazeData
    | BinoAndDualMonoGazeData
    | EyestateGazeData
    | EyestateEyelidGazeData
    | EyestateEyelidDualMonoGazeData
)
