"""Event classes for what Neon sends and PsychoPy's own classes have no field for.

ioHub makes one table per class in its HDF5 file. Values that are missing are NaN, or 0 in whole
numbers. Times named ``device_ns`` are on the phone's Unix clock, ``sensor_ns`` on its sensor clock,
both nanoseconds.
"""

from __future__ import annotations

from typing import Any

from psychopy.iohub.constants import EventConstants
from psychopy.iohub.devices.eyetracker.eye_events import EyeTrackerEvent

Fields = list[tuple[str, str]]


def _announce(name: str, number: int) -> int:
    """Make a type of event known to ioHub, which looks it up by name and by number."""
    setattr(EventConstants, name, number)
    names: dict[Any, Any] = EventConstants._names
    names.update({name: number, number: name})
    return number


def _floats(*names: str) -> Fields:
    return [(name, "f4") for name in names]


def _of_both_eyes(*names: str) -> Fields:
    return _floats(*(f"{side}_{name}" for side in ("left", "right") for name in names))


class NeonSampleEvent(EyeTrackerEvent):
    """What a gaze sample holds beyond ioHub's fields; one row per row of the samples.

    ``axis`` is the optical axis, a unit vector in the scene camera's axes (x right, y down, z
    forward); ``lid`` angles are in radians and its aperture in mm; ``point`` is the gaze of one
    eye in scene camera pixels. ``gaze_problem`` says why there is no gaze on the window; it is
    empty if there is. The place of the window rests on ``tags`` markers in a picture that is
    ``pose_age_s`` older than the sample. ``correction_version`` is that of the `GazeCorrection` in
    force when the sample came, 0 without one.
    """

    _newDataTypes: Fields = [  # noqa: RUF012
        ("device_ns", "i8"),
        ("worn", "u1"),
        ("gaze_problem", "S24"),
        ("tags", "u1"),
        ("pose_age_s", "f4"),
        *_of_both_eyes("axis_x", "axis_y", "axis_z"),
        *_of_both_eyes("lid_angle_top_rad", "lid_angle_bottom_rad", "lid_aperture_mm"),
        *_of_both_eyes("point_x", "point_y"),
        ("is_monocular", "u1"),
        ("provisional", "u1"),
        ("unknown_bytes", "u2"),
        ("correction_version", "u2"),
    ]
    EVENT_TYPE_STRING = "NEON_SAMPLE"
    EVENT_TYPE_ID = _announce(EVENT_TYPE_STRING, 201)
    IOHUB_DATA_TABLE = EVENT_TYPE_STRING


class NeonSettledGazeEvent(EyeTrackerEvent):
    """Where a saved sample was on the window, as it is known some 100 ms later.

    Live gaze has to guess where the window is since the last picture; this lies between two. One
    row per row of the samples, in the order in which they became known, while markers are shown;
    the last tenth of a second before ioHub ends may be missing. ``gaze`` is in the window's units,
    NaN when ``gaze_problem`` says why; ``pose_source`` as in `psychopy_neon.ScreenGaze`.
    ``uncorrected`` is the place without the correction of gaze whose version is
    ``correction_version`` (0 without one).
    """

    _newDataTypes: Fields = [  # noqa: RUF012
        ("device_ns", "i8"),
        *_floats("gaze_x", "gaze_y"),
        ("gaze_problem", "S24"),
        ("tags", "u1"),
        ("pose_age_s", "f4"),
        ("pose_source", "S16"),
        *_floats("expected_error_deg", "uncorrected_x", "uncorrected_y"),
        ("correction_version", "u2"),
    ]
    EVENT_TYPE_STRING = "NEON_SETTLED_GAZE"
    EVENT_TYPE_ID = _announce(EVENT_TYPE_STRING, 205)
    IOHUB_DATA_TABLE = EVENT_TYPE_STRING


class NeonEyeMovementEvent(EyeTrackerEvent):
    """A packet about a fixation, saccade or blink, or the onset of one, as the phone sent it.

    ``kind`` is that of `psychopy_neon.EyeEvent`. Pixels are those of the scene camera, velocities
    pixels per second.
    """

    _newDataTypes: Fields = [  # noqa: RUF012
        ("kind", "S16"),
        ("device_ns", "i8"),
        ("start_device_ns", "i8"),
        ("end_device_ns", "i8"),
        ("start_sensor_ns", "i8"),
        ("end_sensor_ns", "i8"),
        *_floats("start_px_x", "start_px_y", "end_px_x", "end_px_y", "mean_px_x", "mean_px_y"),
        *_floats("amplitude_px", "amplitude_deg", "mean_velocity_px_s", "max_velocity_px_s"),
        ("provisional", "u1"),
    ]
    EVENT_TYPE_STRING = "NEON_EYE_MOVEMENT"
    EVENT_TYPE_ID = _announce(EVENT_TYPE_STRING, 202)
    IOHUB_DATA_TABLE = EVENT_TYPE_STRING


class NeonImuEvent(EyeTrackerEvent):
    """A motion sample: axes x right, y forward, z up in the module's own frame.

    Acceleration in units of standard gravity, rotation in degrees per second; the quaternion is
    the orientation in the world (x right, y magnetic north, z up).
    """

    _newDataTypes: Fields = [  # noqa: RUF012
        ("device_ns", "i8"),
        ("sensor_ns", "i8"),
        *_floats("acceleration_x", "acceleration_y", "acceleration_z"),
        *_floats("rotation_x", "rotation_y", "rotation_z"),
        *_floats("quaternion_w", "quaternion_x", "quaternion_y", "quaternion_z"),
        ("provisional", "u1"),
    ]
    EVENT_TYPE_STRING = "NEON_IMU"
    EVENT_TYPE_ID = _announce(EVENT_TYPE_STRING, 203)
    IOHUB_DATA_TABLE = EVENT_TYPE_STRING


class NeonScreenPoseEvent(EyeTrackerEvent):
    """Where the window, or another surface, was in one picture of the scene camera.

    A point P of the window's plane lies at ``rotation @ P + translation`` in the camera's axes (x
    right, y down, z forward). Lengths are in half window heights; P is x right, y down, z away
    from the viewer, and ``half_width``, ``half_height`` long from the middle to the edges. There,
    gaze in the window's units is ``units_per_norm``. The window's size is 0 if nobody told it.
    ``surface`` is the name of the surface, "screen" for the window whose gaze is in the samples.
    """

    _newDataTypes: Fields = [  # noqa: RUF012
        ("device_ns", "i8"),
        *[(f"rotation_{row}{column}", "f8") for row in "123" for column in "123"],
        *[(f"translation_{axis}", "f8") for axis in "xyz"],
        *_floats("half_width", "half_height", "units_per_norm_x", "units_per_norm_y"),
        ("window_width_px", "u2"),
        ("window_height_px", "u2"),
        ("tags", "u1"),
        *_floats("hull_fraction", "reprojection_error_px"),
        ("surface", "S32"),
    ]
    EVENT_TYPE_STRING = "NEON_SCREEN_POSE"
    EVENT_TYPE_ID = _announce(EVENT_TYPE_STRING, 204)
    IOHUB_DATA_TABLE = EVENT_TYPE_STRING


NEON_TYPE_IDS = frozenset(
    event.EVENT_TYPE_ID
    for event in (
        NeonSampleEvent,
        NeonSettledGazeEvent,
        NeonEyeMovementEvent,
        NeonImuEvent,
        NeonScreenPoseEvent,
    )
)
"""Numbers of these types; they are read by number only, and never mixed with PsychoPy's own."""
