"""What PsychoPy's classes have no field for, as rows of our own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from psychopy_neon.samples import (
    EyeEvent,
    Eyelid,
    EyeMovement,
    EyeState,
    GazeSample,
    ImuSample,
    ScreenGaze,
    SettledGaze,
)

T_NS = 1_700_000_000_123_456_789
NAN = math.nan


@pytest.fixture
def times(sample_classes: Any) -> Any:
    from psychopy_neon.iohub.event_times import EventTimes

    return EventTimes(T_NS / 1e9, 1.0, 1.5, 0.001)


def _named(row: list[Any], class_name: str) -> dict[str, Any]:
    """By field name, as the data file stores it."""
    from psychopy_neon.iohub import neon_events

    event_class = getattr(neon_events, class_name)
    assert row[4] == event_class.EVENT_TYPE_ID
    stored = np.array([tuple(row)], dtype=event_class.NUMPY_DTYPE)[0]
    return {name: stored[name].item() for name in event_class.NUMPY_DTYPE.names}


def test_everything_else_of_a_sample_is_kept(times: Any) -> None:
    from psychopy_neon.iohub.neon_rows import sample_row

    sample = GazeSample(
        T_NS,
        0,
        800,
        600,
        False,
        EyeState(3.0, (1, 2, 3), (0.0, 0.6, 0.8)),
        EyeState(3.5, (1, 2, 3), (0.6, 0.0, 0.8)),
        Eyelid(0.5, -0.25, 9.5),
        Eyelid(0.375, -0.125, 8.5),
        (801.0, 602.0),
        (803.0, 604.0),
        unknown_bytes=7,
        provisional=True,
    )
    gaze = ScreenGaze(NAN, NAN, False, "screen too old", 0.0, 0.75, 5, T_NS, 3.2)
    fields = _named(sample_row(sample, gaze, times), "NeonSampleEvent")
    assert fields["device_ns"] == T_NS  # to the nanosecond, which seconds as a float are not
    assert [fields[f"left_axis_{a}"] for a in "xyz"] == pytest.approx([0.0, 0.6, 0.8])
    assert [fields[f"right_axis_{a}"] for a in "xyz"] == pytest.approx([0.6, 0.0, 0.8])
    lid = ("lid_angle_top_rad", "lid_angle_bottom_rad", "lid_aperture_mm")
    assert [fields[f"left_{name}"] for name in lid] == [0.5, -0.25, 9.5]
    assert [fields[f"right_{name}"] for name in lid] == [0.375, -0.125, 8.5]
    assert [fields["left_point_x"], fields["right_point_y"]] == [801, 604]
    assert (fields["worn"], fields["provisional"], fields["unknown_bytes"]) == (0, 1, 7)
    assert (fields["gaze_problem"], fields["tags"]) == (b"screen too old", 5)
    assert fields["pose_age_s"] == 0.75


def test_parts_that_the_phone_does_not_send_are_nan(times: Any) -> None:
    from psychopy_neon.iohub.neon_rows import sample_row

    gaze = ScreenGaze(0.0, 0.0, True, None, 0.0, 0.0, 8, T_NS, NAN)
    fields = _named(sample_row(GazeSample(T_NS, 0, 1, 2, True), gaze, times), "NeonSampleEvent")
    assert math.isnan(fields["left_axis_x"]) and math.isnan(fields["right_lid_aperture_mm"])
    assert math.isnan(fields["left_point_x"])
    assert (fields["worn"], fields["gaze_problem"]) == (1, b"")


def test_an_eye_event_is_kept_with_both_its_clocks(times: Any) -> None:
    from psychopy_neon.iohub.neon_rows import eye_movement_row

    movement = EyeMovement((1, 2), (3, 4), (5, 6), 7, 8, 9, 10)
    event = EyeEvent("saccade", T_NS, 0, 1_000, 2_000, movement)
    fields = _named(eye_movement_row(event, T_NS - 1_000, T_NS, times), "NeonEyeMovementEvent")
    assert fields["kind"] == b"saccade"
    assert (fields["start_device_ns"], fields["end_device_ns"]) == (T_NS - 1_000, T_NS)
    assert (fields["start_sensor_ns"], fields["end_sensor_ns"]) == (1_000, 2_000)
    pixels = ("start_px_x", "start_px_y", "end_px_x", "end_px_y", "mean_px_x", "mean_px_y")
    assert [fields[name] for name in pixels] == [1, 2, 3, 4, 5, 6]
    sizes = ("amplitude_px", "amplitude_deg", "mean_velocity_px_s", "max_velocity_px_s")
    assert [fields[name] for name in sizes] == [7, 8, 9, 10]


def test_a_motion_sample_is_kept(times: Any) -> None:
    from psychopy_neon.iohub.neon_rows import imu_row

    sample = ImuSample(T_NS, 0, 5, (1, 2, 3), (4, 5, 6), (0.5, 0.25, 0.125, 0.0))
    fields = _named(imu_row(sample, times), "NeonImuEvent")
    assert (fields["device_ns"], fields["sensor_ns"]) == (T_NS, 5)
    assert [fields[f"acceleration_{axis}"] for axis in "xyz"] == [1, 2, 3]
    assert [fields[f"rotation_{axis}"] for axis in "xyz"] == [4, 5, 6]
    assert [fields[f"quaternion_{axis}"] for axis in "wxyz"] == [0.5, 0.25, 0.125, 0]


def test_a_pose_can_be_rebuilt_from_its_row(times: Any) -> None:
    from psychopy_neon.iohub.neon_rows import pose_row
    from psychopy_neon.iohub.window_scale import WindowScale
    from psychopy_neon.screen.pose import ScreenPose

    rotation = np.arange(9.0).reshape(3, 3)
    pose = ScreenPose(T_NS, rotation, np.array([10.0, 11.0, 12.0]), (1.5, 1.0), 8, 0.75, 0.25)
    fields = _named(
        pose_row(pose, WindowScale((0.75, 0.5), (1920, 1080)), times), "NeonScreenPoseEvent"
    )
    kept = [[fields[f"rotation_{row}{column}"] for column in "123"] for row in "123"]
    assert kept == rotation.tolist()
    assert [fields[f"translation_{axis}"] for axis in "xyz"] == [10, 11, 12]
    assert (fields["half_width"], fields["half_height"], fields["tags"]) == (1.5, 1, 8)
    assert (fields["units_per_norm_x"], fields["units_per_norm_y"]) == (0.75, 0.5)
    assert (fields["window_width_px"], fields["window_height_px"]) == (1920, 1080)
    assert (fields["hull_fraction"], fields["reprojection_error_px"]) == (0.75, 0.25)


def test_settled_gaze_is_kept_with_and_without_its_correction(times: Any) -> None:
    from psychopy_neon.iohub.neon_rows import settled_row
    from psychopy_neon.iohub.window_scale import WindowScale

    sample = GazeSample(T_NS, 0, 800, 600, True)
    screen = ScreenGaze(0.5, -0.2, True, None, 0.0, 0.01, 8, T_NS, 3.2, 0.1, "interpolated")
    settled = SettledGaze(T_NS, sample, screen, (0.4, -0.3), 70_000)
    row = settled_row(settled, WindowScale((2.0, 1.0)), times)
    fields = _named(row, "NeonSettledGazeEvent")
    assert [fields["gaze_x"], fields["gaze_y"]] == pytest.approx([1.0, -0.2])
    assert [fields["uncorrected_x"], fields["uncorrected_y"]] == pytest.approx([0.8, -0.3])
    assert (fields["device_ns"], fields["tags"]) == (T_NS, 8)
    assert (fields["pose_source"], fields["gaze_problem"]) == (b"interpolated", b"")
    assert fields["correction_version"] == 65_535  # the last number that there is room for


def test_only_saved_samples_are_saved_again_and_each_once() -> None:
    from psychopy_neon.iohub.saved_samples import MOST, SavedSamples

    saved = SavedSamples()
    for device_ns in (10, 20, 30):
        saved.note(device_ns)
    assert not saved.takes(15) and saved.takes(20)
    assert not saved.takes(10) and not saved.takes(20)  # it came before, and is given up
    assert saved.takes(30)
    for device_ns in range(MOST + 5):
        saved.note(device_ns)
    assert not saved.takes(4) and saved.takes(5)
