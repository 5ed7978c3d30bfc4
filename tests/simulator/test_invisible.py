"""The simulator as Pupil Invisible: what it says and sends, and what it does not have."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from psychopy_neon import UsageError
from psychopy_neon.cli.main import main
from psychopy_neon.simulator import SimulatorOptions

MAKERS_SCRIPT = """
import json, sys
from pupil_labs.realtime_api.simple import Device
device = Device(sys.argv[1], sys.argv[2])
gaze = device.receive_gaze_datum(10)
frame = device.receive_scene_video_frame(10)
print(json.dumps([type(gaze).__name__, frame.bgr_pixels.shape, device.serial_number_glasses]))
device.close()
"""


@pytest.fixture
def neon(simulated_neon):
    return simulated_neon(model="invisible", module_serial="654321")


def test_its_status_has_two_sensors_and_no_module(neon, http):
    parts = http.get(f"{neon.url}/api/status", timeout=5).json()["result"]
    sensors = [part["data"]["sensor"] for part in parts if part["model"] == "Sensor"]
    assert sensors == ["world", "world", "gaze", "gaze"]
    (hardware,) = [part["data"] for part in parts if part["model"] == "Hardware"]
    assert hardware == {
        "version": "1.0",
        "glasses_serial": "654321",
        "world_camera_serial": "123456",
    }


@pytest.mark.parametrize(
    "path", ["calibration.bin", "api/template_def", "api/camera_control?camera=world&gain="]
)
def test_calibration_templates_and_camera_control_do_not_exist(neon, http, path):
    assert http.get(f"{neon.url}/{path}", timeout=5).status_code == 404


def test_gaze_has_nine_bytes(neon, rtsp):
    client = rtsp(neon, "gaze")
    client.start()
    packets, _ = client.receive(lambda packets, _: len(packets) >= 5)
    assert {len(packet.payload) for packet in packets} == {9}


def test_the_makers_client_takes_it_for_one(neon):
    pytest.importorskip("pupil_labs.realtime_api", reason="the makers' client is not installed")
    command = [sys.executable, "-c", MAKERS_SCRIPT, neon.address, str(neon.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["GazeData", [1080, 1088, 3], "654321"]


def test_what_makes_no_sense_is_refused(capsys):
    with pytest.raises(UsageError, match="microphone"):
        SimulatorOptions(model="invisible", microphone=True)
    with pytest.raises(UsageError, match="model must be one of neon, invisible"):
        SimulatorOptions(model="core")
    with pytest.raises(SystemExit):
        main(["simulate", "--model", "core"])
    assert "invalid choice: 'core'" in capsys.readouterr().err
