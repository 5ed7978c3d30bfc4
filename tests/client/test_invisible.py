"""Pupil Invisible: the older glasses, of which the same protocol shows gaze and scene only."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

import pytest

from psychopy_neon import DeviceError, WrongDeviceError
from psychopy_neon.client.sensor_stream import StreamState
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.simple import Device

MISSING = ("eyes", "imu", "eye_events")
SCENE_PX = (1088, 1080)


@pytest.fixture
def simulator(simulated_neon):
    return simulated_neon(model="invisible", module_serial="654321")


@pytest.fixture
def neon(simulator, connect):
    return connect(simulator)


def test_its_status_is_understood(neon):
    assert neon.module_serial is None and neon.frame_name is None
    assert neon.status.hardware.version == "1.0"
    assert neon.status.hardware.glasses_serial == "654321"
    assert neon.sensor("gaze").connected and neon.sensor("world").connected
    assert [neon.sensor(name) for name in MISSING] == [None, None, None]


def test_it_is_chosen_by_the_serial_number_that_it_has(simulator, connect):
    assert connect(simulator, serial="654321").phone_id == simulator.phone_id
    with pytest.raises(WrongDeviceError, match="its serial is 654321, not 123456"):
        connect(simulator, serial="123456")


def test_gaze_is_a_point_and_nothing_more(simulator, neon):
    reader = neon.gaze.reader()
    while (sample := reader.read(10.0)).provisional:
        pass
    truth = simulator.truth.gaze
    true = truth[bisect_left([gaze.device_ns for gaze in truth], sample.device_ns - 1_000_000)]
    assert (sample.x, sample.y) == pytest.approx((true.x, true.y), abs=0.01)
    assert sample.worn and sample.left_eye is sample.right_eye is sample.left_lid is None
    assert sample.unknown_bytes == 0


def test_its_scene_has_its_own_size_and_origin(simulator, neon):
    frame = neon.scene.read(10.0)
    assert (frame.width, frame.height) == SCENE_PX
    assert frame.luma.shape == frame.bgr().shape[:2] == SCENE_PX[::-1]
    tags = MarkerDetector(range(8)).detect(frame.luma)
    assert sorted(tags.ids) == list(range(8))
    # The tags frame the monitor, in whose middle gaze would have these pixels:
    x, y = simulator.view.scene_px((0.0, 0.0), frame.device_ns)
    middle_px = tags.corners_px.mean(axis=(0, 1))
    assert middle_px == pytest.approx((x - 256, y - 60), abs=15)
    matcher = neon.match_scene_and_gaze()
    assert matcher.read(10.0).scene.width == SCENE_PX[0]


@pytest.mark.parametrize("name", MISSING)
def test_a_stream_that_it_has_not_says_so(neon, name):
    stream = getattr(neon, name)
    assert stream.read(0.3) is None and stream.latest() is None
    assert stream.state is StreamState.NO_SENSOR
    assert stream.health.error == f"the phone has no {name} sensor now"


def test_what_its_app_does_not_offer_is_an_error_of_one_sentence(neon):
    for ask in (neon.calibration, neon.template.definition, neon.camera.state):
        with pytest.raises(DeviceError, match=r"\(HTTP 404\).* does not exist") as caught:
            ask()
        assert "\n" not in str(caught.value)


def test_recordings_and_events_work(simulator, neon):
    neon.recording.start()
    receipt = neon.send_event("go")
    assert receipt.wait(10.0).value == "confirmed"
    neon.recording.stop_and_save()
    (event,) = simulator.truth.events
    assert abs(event.timestamp_ns - simulator.clock.device_ns(receipt.host_ns)) < 2_000_000


def test_a_script_for_the_makers_client_runs(simulator):
    with Device(simulator.address, simulator.port) as device:
        assert (device.module_serial, device.version_glasses) == ("unknown", "1.0")
        assert device.serial_number_glasses == "654321"
        assert type(device.receive_gaze_datum(10)).__name__ == "GazeData"
        assert device.receive_scene_video_frame(10).bgr_pixels.shape == (*SCENE_PX[::-1], 3)
        assert device.receive_matched_scene_video_frame_and_gaze(10) is not None
        for receive in (device.receive_imu_datum, device.receive_eyes_video_frame):
            assert receive(timeout_seconds=0.3) is None
        with pytest.raises(DeviceError, match="does not exist"):
            device.get_calibration()
        assert device.get_errors() == []


def test_its_camera_can_be_taken_off_and_put_on(simulator, neon, eventually):
    assert neon.scene.read(10.0) is not None
    world = neon.sensor("world")
    simulator.state.set_sensor(replace(world, connected=False))
    eventually(lambda: not neon.sensor("world").connected)
    simulator.faults.reset("world")
    eventually(lambda: neon.scene.state is StreamState.NO_SENSOR)
    assert neon.gaze.read(5.0) is not None
    simulator.state.set_sensor(world)
    eventually(lambda: neon.scene.state is StreamState.STREAMING)
