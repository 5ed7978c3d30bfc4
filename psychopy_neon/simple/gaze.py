"""Gaze tuples of the official client: one class for each set of parts that a phone sends.

Pixels of the scene camera, origin top left. Pupil diameters and eyeball centres are in mm, lid
angles in radians, lid apertures in mm.
"""

from __future__ import annotations

from typing import NamedTuple

from psychopy_neon.samples import Eyelid, EyeState, GazeSample
from psychopy_neon.simple.timestamps import Stamped, unix_seconds


class _Gaze(NamedTuple):
    x: float
    y: float
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
    """Where somebody looks: x, y, worn, time."""


class BinoAndDualMonoGazeData(Stamped, _DualMono):
    """Gaze, and gaze of each eye."""


class EyestateGazeData(Stamped, _Eyestate):
    """Gaze, and the state of both eyes."""


class EyestateEyelidGazeData(Stamped, _Eyelid):
    """Gaze, and the state of both eyes and lids."""


class EyestateEyelidDualMonoGazeData(Stamped, _EyelidDualMono):
    """Gaze, the state of both eyes and lids, and gaze of each eye."""


AnyGaze = (
    GazeData
    | BinoAndDualMonoGazeData
    | EyestateGazeData
    | EyestateEyelidGazeData
    | EyestateEyelidDualMonoGazeData
)


def gaze_tuple(sample: GazeSample) -> AnyGaze:
    """The official tuple with all parts of a sample."""
    binocular = (sample.x, sample.y, sample.worn)
    end = (unix_seconds(sample.device_ns),)
    eyes = _both(sample.left_eye, sample.right_eye)
    lids = _both(sample.left_lid, sample.right_lid)
    points = (*sample.left_point, *sample.right_point) if _has_points(sample) else ()  # type: ignore[misc]
    gaze: AnyGaze
    if eyes and lids and points:
        gaze = EyestateEyelidDualMonoGazeData._make((*binocular, *eyes, *lids, *points, *end))
    elif eyes and lids:
        gaze = EyestateEyelidGazeData._make((*binocular, *eyes, *lids, *end))
    elif eyes:
        gaze = EyestateGazeData._make((*binocular, *eyes, *end))
    elif points:
        gaze = BinoAndDualMonoGazeData._make((*binocular, *points, *end))
    else:
        gaze = GazeData._make((*binocular, *end))
    return gaze.stamped(sample.device_ns)


def _has_points(sample: GazeSample) -> bool:
    return sample.left_point is not None and sample.right_point is not None


def _both(left: EyeState | Eyelid | None, right: EyeState | Eyelid | None) -> tuple[float, ...]:
    """The numbers of the left, then of the right; nothing if one is missing."""
    return () if left is None or right is None else (*_numbers(left), *_numbers(right))


def _numbers(part: EyeState | Eyelid) -> tuple[float, ...]:
    if isinstance(part, EyeState):
        return (part.pupil_diameter_mm, *part.eyeball_center_mm, *part.optical_axis)
    return (part.angle_top_rad, part.angle_bottom_rad, part.aperture_mm)
