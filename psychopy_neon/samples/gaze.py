"""Gaze, and what the phone knows of the eyes.

Named tuples, as they are made 200 times a second: that costs a third of what a dataclass does.
"""

from __future__ import annotations

from typing import NamedTuple

from psychopy_neon.samples.axes import Point, Vector


class EyeState(NamedTuple):
    """State of one eye (reference, 5.1).

    Attributes
    ----------
    pupil_diameter_mm : float
        Physical pupil diameter, mm; NaN or 0 while the eye is shut.
    eyeball_center_mm : tuple of 3 float
        Relative to the scene camera, mm: x right, y down, z forward.
    optical_axis : tuple of 3 float
        Unit vector in the same axes.
    """

    pupil_diameter_mm: float
    eyeball_center_mm: Vector
    optical_axis: Vector


class Eyelid(NamedTuple):
    """Lid of one eye (reference, 5.1).

    Attributes
    ----------
    angle_top_rad, angle_bottom_rad : float
        Angles of the upper and the lower lid, radians.
    aperture_mm : float
        Opening between them, mm; 0 is shut.
    """

    angle_top_rad: float
    angle_bottom_rad: float
    aperture_mm: float


class GazeSample(NamedTuple):
    """One gaze sample; the parts that this phone does not send are None (reference, 5.1).

    Attributes
    ----------
    device_ns : int
        Time of the sample on the phone's Unix clock, ns.
    arrived_host_ns : int
        When its packet reached this computer, ``time.perf_counter_ns()``.
    x, y : float
        Scene camera pixels, origin top left, 1600 x 1200; may lie outside the picture.
    worn : bool
        Whether the glasses are on somebody's nose.
    left_eye, right_eye : EyeState or None
        Pupil and eyeball; sent if the app computes the eye state.
    left_lid, right_lid : Eyelid or None
        Sent with the eye state by newer apps.
    left_point, right_point : tuple of 2 float or None
        Monocular gaze, scene camera pixels.
    unknown_bytes : int
        Bytes at the end of the payload that this version cannot decode; 0 in known variants.
    provisional : bool
        True while no sender report has tied the stream to the phone's clock (RFC 3550, 6.4):
        `device_ns` is then an estimate from the arrival time.
    is_monocular : bool
        True if the phone sent the gaze of each eye and none of both together, which only
        experimental apps do: `x` and `y` are then those of the left eye.
    """

    device_ns: int
    arrived_host_ns: int
    x: float
    y: float
    worn: bool
    left_eye: EyeState | None = None
    right_eye: EyeState | None = None
    left_lid: Eyelid | None = None
    right_lid: Eyelid | None = None
    left_point: Point | None = None
    right_point: Point | None = None
    unknown_bytes: int = 0
    provisional: bool = False
    is_monocular: bool = False
