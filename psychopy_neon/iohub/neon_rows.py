"""Rows of our own event classes: what Neon sends and PsychoPy's classes have no field for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psychopy_neon.iohub.event_rows import NAN, Row, row_of
from psychopy_neon.iohub.event_times import EventTimes
from psychopy_neon.iohub.neon_events import (
    NeonEyeMovementEvent,
    NeonImuEvent,
    NeonSampleEvent,
    NeonScreenPoseEvent,
    NeonSettledGazeEvent,
)
from psychopy_neon.iohub.window_scale import WindowScale
from psychopy_neon.samples import (
    EyeEvent,
    EyeMovement,
    GazeSample,
    ImuSample,
    ScreenGaze,
    SettledGaze,
)
from psychopy_neon.screen.surface_names import WINDOW

if TYPE_CHECKING:  # the experiment's process needs no OpenCV for it
    from psychopy_neon.screen.pose import ScreenPose


LAST_VERSION = 65_535


def sample_row(
    sample: GazeSample, gaze: ScreenGaze, times: EventTimes, correction_version: int = 0
) -> Row:
    """What PsychoPy's row of this sample leaves out."""
    values: dict[str, Any] = {
        "device_ns": sample.device_ns,
        "worn": int(sample.worn),
        "gaze_problem": gaze.problem or "",
        "tags": min(gaze.tags, 255),
        "pose_age_s": gaze.pose_age_s,
        "is_monocular": int(sample.is_monocular),
        "provisional": int(sample.provisional),
        "unknown_bytes": min(sample.unknown_bytes, 65_535),
        "correction_version": min(correction_version, LAST_VERSION),
        **_eye_fields(sample, "left"),
        **_eye_fields(sample, "right"),
    }
    return row_of(NeonSampleEvent, times, values, NAN)


def settled_row(settled: SettledGaze, window: WindowScale, times: EventTimes) -> Row:
    """Where a sample was, by the pictures before and after it."""
    screen = settled.screen
    values: dict[str, Any] = {
        "device_ns": settled.device_ns,
        **_named("gaze", "xy", window.in_units(screen)),
        "gaze_problem": screen.problem or "",
        "tags": min(screen.tags, 255),
        "pose_age_s": screen.pose_age_s,
        "pose_source": screen.pose_source or "",
        "expected_error_deg": screen.expected_error_deg,
        **_named("uncorrected", "xy", window.scaled(settled.uncorrected)),
        "correction_version": min(settled.correction_version, LAST_VERSION),
    }
    return row_of(NeonSettledGazeEvent, times, values, NAN)


def eye_movement_row(event: EyeEvent, start_ns: int, end_ns: int | None, times: EventTimes) -> Row:
    """A packet of the eye events; `start_ns` and `end_ns` on the phone's Unix clock."""
    values: dict[str, Any] = {
        "kind": event.kind,
        "device_ns": event.device_ns,
        "start_device_ns": start_ns,
        "end_device_ns": end_ns or 0,
        "start_sensor_ns": event.start_sensor_ns,
        "end_sensor_ns": event.end_sensor_ns or 0,
        "provisional": int(event.provisional),
    }
    if event.movement is not None:
        values.update(_movement_fields(event.movement))
    return row_of(NeonEyeMovementEvent, times, values, NAN)


def imu_row(sample: ImuSample, times: EventTimes) -> Row:
    """A motion sample."""
    values: dict[str, Any] = {
        "device_ns": sample.device_ns,
        "sensor_ns": sample.sensor_ns,
        "provisional": int(sample.provisional),
        **_named("acceleration", "xyz", sample.acceleration_g),
        **_named("rotation", "xyz", sample.rotation_deg_s),
        **_named("quaternion", "wxyz", sample.quaternion_wxyz),
    }
    return row_of(NeonImuEvent, times, values, NAN)


def pose_row(
    pose: ScreenPose, window: WindowScale, times: EventTimes, surface: str = WINDOW
) -> Row:
    """Where the window, or another surface, was in one picture."""
    values: dict[str, Any] = {
        **_named("units_per_norm", "xy", window.units_per_norm),
        "window_width_px": window.size_px[0],
        "window_height_px": window.size_px[1],
        "device_ns": pose.device_ns,
        **_named("translation", "xyz", pose.translation.tolist()),
        "half_width": pose.half_size[0],
        "half_height": pose.half_size[1],
        "tags": min(pose.tags, 255),
        "hull_fraction": pose.hull_fraction,
        "reprojection_error_px": pose.reprojection_error_px,
        "surface": surface,
    }
    for row, numbers in enumerate(pose.rotation.tolist(), start=1):
        values.update({f"rotation_{row}{column}": x for column, x in enumerate(numbers, start=1)})
    return row_of(NeonScreenPoseEvent, times, values, NAN)


def _eye_fields(sample: GazeSample, side: str) -> dict[str, float]:
    eye, lid, point = (getattr(sample, f"{side}_{what}") for what in ("eye", "lid", "point"))
    fields: dict[str, float] = {}
    if eye is not None:
        fields.update(_named(f"{side}_axis", "xyz", eye.optical_axis))
    if lid is not None:
        fields[f"{side}_lid_angle_top_rad"] = lid.angle_top_rad
        fields[f"{side}_lid_angle_bottom_rad"] = lid.angle_bottom_rad
        fields[f"{side}_lid_aperture_mm"] = lid.aperture_mm
    if point is not None:
        fields.update(_named(f"{side}_point", "xy", point))
    return fields


def _movement_fields(movement: EyeMovement) -> dict[str, float]:
    return {
        **_named("start_px", "xy", movement.start_px),
        **_named("end_px", "xy", movement.end_px),
        **_named("mean_px", "xy", movement.mean_px),
        "amplitude_px": movement.amplitude_px,
        "amplitude_deg": movement.amplitude_deg,
        "mean_velocity_px_s": movement.mean_velocity_px_s,
        "max_velocity_px_s": movement.max_velocity_px_s,
    }


def _named(name: str, axes: str, values: Any) -> dict[str, float]:
    return {f"{name}_{axis}": value for axis, value in zip(axes, values, strict=True)}
