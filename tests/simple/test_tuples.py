"""What `receive_...` returns: the official tuples, with exact times."""

from __future__ import annotations

import copy
import math
import pickle
from datetime import datetime

import numpy as np
import pytest

from psychopy_neon import AudioFrame, EyeEvent, Eyelid, EyeMovement, EyeState, GazeSample, ImuSample
from psychopy_neon.simple.eye_events import eye_event_tuple
from psychopy_neon.simple.gaze_of_sample import gaze_tuple
from psychopy_neon.simple.motion import imu_tuple
from psychopy_neon.simple.sound import audio_tuple
from psychopy_neon.simple.time_offset import Estimate

NS = 1_700_000_000_123_456_789
LEFT_EYE = EyeState(3.1, (-32.0, 15.0, -39.0), (0.1, 0.2, 0.97))
RIGHT_EYE = EyeState(3.3, (31.0, 15.5, -39.5), (0.11, 0.21, 0.98))
EYES = {"left_eye": LEFT_EYE, "right_eye": RIGHT_EYE}
LIDS = {"left_lid": Eyelid(0.5, -0.4, 9.0), "right_lid": Eyelid(0.6, -0.3, 8.0)}
POINTS = {"left_point": (1.0, 2.0), "right_point": (3.0, 4.0)}


def sample(**parts):
    return GazeSample(NS, 0, 800.0, 600.0, True, **parts)


@pytest.mark.parametrize(
    ("parts", "name", "length"),
    [
        ({}, "GazeData", 4),
        (POINTS, "BinoAndDualMonoGazeData", 8),
        (EYES, "EyestateGazeData", 18),
        (EYES | LIDS, "EyestateEyelidGazeData", 24),
        (EYES | LIDS | POINTS, "EyestateEyelidDualMonoGazeData", 28),
    ],
)
def test_the_class_tells_what_the_phone_sends(parts, name, length):
    gaze = gaze_tuple(sample(**parts))
    assert type(gaze).__name__ == name and len(gaze) == length
    x, y, worn, *_, seconds = gaze
    assert (x, y, worn) == (800.0, 600.0, True)
    assert seconds == gaze.timestamp_unix_seconds == NS / 1_000_000_000
    assert repr(gaze).startswith(f"{name}(x=800.0, y=600.0, worn=True")


def test_gaze_of_each_eye_and_none_of_both_is_a_class_of_its_own():
    gaze = gaze_tuple(sample(**POINTS, is_monocular=True))
    assert type(gaze).__name__ == "DualMonocularGazeData"
    assert gaze == ((1.0, 2.0), (3.0, 4.0), True, NS / 1_000_000_000)
    assert (gaze.left.x, gaze.right.y) == (1.0, 4.0)
    assert gaze.timestamp_unix_ns == NS


def test_every_part_is_in_its_place():
    gaze = gaze_tuple(sample(**EYES, **LIDS, **POINTS))
    assert (gaze.pupil_diameter_left, gaze.pupil_diameter_right) == (3.1, 3.3)
    assert (gaze.eyeball_center_left_x, gaze.eyeball_center_right_z) == (-32.0, -39.5)
    assert (gaze.optical_axis_left_z, gaze.optical_axis_right_x) == (0.97, 0.11)
    assert (gaze.eyelid_angle_top_left, gaze.eyelid_aperture_right) == (0.5, 8.0)
    assert (gaze.mono_left_x, gaze.mono_right_y) == (1.0, 4.0)


def test_nanoseconds_are_exact():
    gaze = gaze_tuple(sample())
    assert gaze.timestamp_unix_ns == NS
    assert round(gaze.timestamp_unix_seconds * 1e9) != NS  # what the official client computes
    assert gaze.datetime == datetime.fromtimestamp(NS / 1e9)


def test_copies_keep_the_exact_time_and_changed_ones_follow_the_change():
    gaze = gaze_tuple(sample())
    for twin in (copy.copy(gaze), pickle.loads(pickle.dumps(gaze)), gaze):
        assert twin == gaze and twin.timestamp_unix_ns == NS
    assert gaze._replace(timestamp_unix_seconds=2.5).timestamp_unix_ns == 2_500_000_000


def test_motion_has_the_sensors_own_time_and_w_last():
    data = imu_tuple(ImuSample(1, 0, NS, (0.1, 0.2, 0.9), (1.0, 2.0, 3.0), (0.7, 0.1, 0.2, 0.3)))
    gyro, accel, quaternion, seconds = data
    assert (gyro, accel) == ((1.0, 2.0, 3.0), (0.1, 0.2, 0.9))
    assert (quaternion, quaternion.w) == ((0.1, 0.2, 0.3, 0.7), 0.7)
    assert data.timestamp_unix_ns == data.timestamp_unix_nanoseconds == NS
    assert seconds == NS / 1_000_000_000


MOVEMENT = EyeMovement((1, 2), (3, 4), (5, 6), 7, 8, 9, 10)


@pytest.mark.parametrize(
    ("kind", "end", "movement", "name", "values"),
    [
        ("saccade", 9, MOVEMENT, "FixationEventData", (0, 5, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
        ("fixation", 9, MOVEMENT, "FixationEventData", (1, 5, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
        ("saccade_onset", None, None, "FixationOnsetEventData", (2, 5)),
        ("fixation_onset", None, None, "FixationOnsetEventData", (3, 5)),
        ("blink", 9, None, "BlinkEventData", (4, 5, 9)),
    ],
)
def test_eye_events(kind, end, movement, name, values):
    event = eye_event_tuple(EyeEvent(kind, NS, 0, 5, end, movement))
    assert type(event).__name__ == name
    assert tuple(event) == (*values, NS / 1_000_000_000)
    assert event.timestamp_unix_ns == NS
    assert event.datetime == datetime.fromtimestamp(NS / 1e9)


def test_sound_as_floats_and_as_whole_numbers():
    frame = audio_tuple(AudioFrame(NS, 0, 8_000, np.array([0, 0.5, -1], np.float32)))
    assert frame.timestamp_unix_ns == NS
    assert (frame.av_frame.sample_rate, frame.av_frame.samples) == (8_000, 3)
    assert frame.to_ndarray().tolist() == [[0, 0.5, -1]]
    (block,) = frame.to_resampled_ndarray()
    assert block.dtype == np.int16 and block.tolist() == [[0, 16384, -32767]]


def test_estimates():
    estimate = Estimate([1.0, 2.0, 6.0])
    assert (estimate.mean, estimate.median) == (3.0, 2.0)
    assert estimate.std == pytest.approx(math.sqrt(7))
    assert "3 measurements" in repr(estimate)
    assert math.isnan(Estimate([1.0]).std)
