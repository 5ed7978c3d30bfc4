"""The tutorial of the makers' client against a replay of a real recording, read in place."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from psychopy_neon.simple import Device
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions
from psychopy_neon.simulator.native.reading import read_recording

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "neon-recording"
TIMEOUT_S = 10
TICK_NS = 11_200  # RTP counts in steps of 11.1 us

pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason=f"the real recording {FOLDER} is not on this machine"
)


@pytest.fixture(scope="module")
def recorded():
    return read_recording(FOLDER)


@pytest.fixture(scope="module")
def neon():
    # From shortly before a blink, so that every kind of eye event comes soon.
    options = SimulatorOptions(replay=FOLDER, replay_start_s=4.4)
    with SimulatedNeon(options) as running:
        assert running.scene is not None and running.scene.wait_until_drawn(60)
        yield running


@pytest.fixture
def device(neon):
    with closing(Device(neon.address, neon.port)) as connected:
        yield connected


def row_of(rows, **values):
    """Number of the only row that has these float32 values to the last bit."""
    same = np.ones(len(rows), bool)
    for name, value in values.items():
        wanted = np.float32(value)
        assert float(wanted) == value  # nothing was lost on the way
        same &= rows[name].view("<u4") == wanted.view("<u4")
    (number,) = np.flatnonzero(same)
    return int(number)


def test_the_glasses_are_those_of_the_recording(device, recorded):
    assert device.module_serial == recorded.info["module_serial_number"] == "578846"
    focal_px = float(device.get_calibration().scene_camera_matrix[0, 0])
    assert focal_px == recorded.calibration.scene.matrix[0, 0]


def test_every_gaze_sample_is_one_of_the_files(device, recorded):
    samples = [device.receive_gaze_datum(TIMEOUT_S) for _ in range(30)]
    numbers = []
    for sample in samples:
        number = row_of(recorded.gaze.rows, x=sample.x, y=sample.y)
        state = recorded.eye_state.rows[number]
        assert state["pupil_diameter_left_mm"] == sample.pupil_diameter_left
        assert state["eyeball_center_right_z"] == sample.eyeball_center_right_z
        assert state["optical_axis_left_y"] == sample.optical_axis_left_y
        assert state["eyelid_aperture_right_mm"] == sample.eyelid_aperture_right
        assert sample.worn
        numbers.append(number)
    assert numbers == sorted(set(numbers))
    # Until the first sender report, times are estimates.
    streamed = np.diff([sample.timestamp_unix_ns for sample in samples[10:]])
    recorded_steps = np.diff(recorded.gaze.times_ns[numbers[10:]])
    assert np.abs(streamed - recorded_steps).max() <= TICK_NS


def test_every_motion_sample_is_one_of_the_files(device, recorded):
    samples = [device.receive_imu_datum(TIMEOUT_S) for _ in range(10)]
    numbers = [
        row_of(
            recorded.imu.rows,
            **{f"gyro_{axis}": getattr(sample.gyro_data, axis) for axis in "xyz"},
            **{f"accel_{axis}": getattr(sample.accel_data, axis) for axis in "xyz"},
            **{f"quaternion_{axis}": getattr(sample.quaternion, axis) for axis in "wxyz"},
        )
        for sample in samples
    ]
    streamed = np.diff([sample.timestamp_unix_nanoseconds for sample in samples])
    recorded_steps = np.diff(recorded.imu.times_ns[numbers])
    assert np.abs(streamed - recorded_steps).max() <= 1_000  # seconds as float64


def test_scene_and_gaze_match_as_in_the_files(device, recorded):
    for _ in range(10):
        frame, gaze = device.receive_matched_scene_video_frame_and_gaze(TIMEOUT_S)
    assert frame.bgr_pixels.shape == (1200, 1600, 3)
    number = row_of(recorded.gaze.rows, x=gaze.x, y=gaze.y)
    apart_ns = gaze.timestamp_unix_ns - frame.timestamp_unix_ns
    scene_ns = recorded.gaze.times_ns[number] - apart_ns
    assert np.abs(recorded.scene.times_ns - scene_ns).min() <= 2 * TICK_NS
    eyes = device.receive_eyes_video_frame(TIMEOUT_S)
    assert eyes.bgr_pixels.shape == (192, 384, 3)


def test_eye_events_are_those_of_the_files(device, recorded):
    seen = {}
    while len(seen) < 4:
        event = device.receive_eye_events(TIMEOUT_S)
        seen[type(event).__name__, event.event_type] = event
    rows = recorded.fixations.rows
    for (_, event_type), event in seen.items():
        if event_type in (0, 1):
            number = row_of(rows, mean_gaze_x=event.mean_gaze_x, max_velocity=event.max_velocity)
            row = rows[number]
            assert (row["event_type"], row["amplitude_angle_deg"]) == (
                event_type,
                event.amplitude_angle_deg,
            )
            length_ns = row["end_timestamp_ns"] - row["start_timestamp_ns"]
            assert event.end_time_ns - event.start_time_ns == length_ns


def test_recording_and_events_of_the_tutorial_work_as_ever(device):
    recording_id = device.recording_start()
    assert device.send_event("test event 1").timestamp % 1_000_000 == 0
    given = device.send_event("test event 2", event_timestamp_unix_ns=1_700_000_000_000_000_001)
    assert given.timestamp == 1_700_000_000_000_000_001
    device.recording_stop_and_save()
    assert len(recording_id) == 36
