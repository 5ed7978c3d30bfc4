"""The vendor's own client, version 1.9.0, must take the simulator for a phone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions

# Two points to look at, so that there are saccades; blinking every second or so.
WEARER = Participant(path=((0.6, -0.4, 0.2), (0.7, 0.4, -0.2)))
LIVELY = {"participant": WEARER, "blinks_per_minute": 60, "microphone": True}
SIMPLE = Path(__file__).with_name("official_client_tutorial.py")
ASYNC = Path(__file__).with_name("official_client_async.py")
SCENE_HZ, GAZE_HZ = 30, 200
NEEDS = {"reason": "the makers' client is not installed"}


@pytest.fixture(scope="module")
def announced():
    """A simulator that discovery finds."""
    options = SimulatorOptions(advertise=True, phone_name="sim discovery", **LIVELY)
    with SimulatedNeon(options) as running:
        assert running.scene.wait_until_drawn(60)
        yield running


def run_tutorial(*arguments, script=SIMPLE):
    pytest.importorskip("pupil_labs.realtime_api", **NEEDS)
    done = subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_the_tutorial_runs_from_an_address(simulated_neon):
    neon = simulated_neon(phone_name="lab: 3", module_serial="654321", **LIVELY)
    assert neon.scene.wait_until_drawn(60)
    answers = run_tutorial(neon.address, str(neon.port))
    assert_properties(answers["properties"], neon)
    assert answers["rest"] == {
        "memory_state": "OK",
        "version": "2.0",
        "serials": ["-1", "-1"],
        "eye_events_connected": True,
        "url": f"{neon.url}/api/status",
        "streaming": True,
        "imu": 4,
        "copy": "lab: 3",
    }
    assert_recording(answers["recording"], neon)
    assert_streams(answers["stream"], neon)
    assert_more_streams(answers["more_streams"], neon)
    assert_eye_events(answers["eye_events"], neon)
    assert answers["camera"] == {"ae_mode": "manual", "man_exp": 120}
    assert neon.camera.values["man_exp"] == 120
    assert answers["calibration"]["serial"] == "654321"
    assert 850 < answers["calibration"]["scene_focal_px"] < 950
    assert answers["template"] == {"name": "Simulated template", "stored": ["P7"]}
    # The official sign: client minus phone, and the phone is 7.3 s ahead.
    assert answers["time_offset"]["median_ms"] == pytest.approx(-7300, abs=10)
    assert answers["errors"] == []


def test_the_tutorial_runs_from_discovery(announced):
    answers = run_tutorial("-", "-", "sim discovery")
    assert_properties(answers["properties"], announced)
    assert_streams(answers["stream"], announced)


def test_the_asynchronous_calls_are_answered(announced):
    neon = announced
    answers = run_tutorial(neon.address, str(neon.port), "sim discovery", script=ASYNC)
    assert answers["discovery"] == {"listed": True, "found": "sim discovery", "again": True}
    assert answers["url"] == f"{neon.url}/api/status" and answers["session"]
    status = answers["status"]
    assert (status["phone"], status["serial"]) == ("sim discovery", "123456")
    assert status["connected"] == [True] * 5
    assert status["first_update"] == "Phone" and status["updates"] >= 12
    recording = answers["recording"]
    assert [(r.action, r.id) for r in neon.truth.recordings][-4:] == [
        ("start", recording["id"]),
        ("stop_and_save", recording["id"]),
        ("start", recording["cancelled"]),
        ("cancel", recording["cancelled"]),
    ]
    assert recording["stored_ns"] == 1_700_000_000_000_000_001
    assert answers["template"] == {"name": "Simulated template", "stored": ["P8"]}
    assert answers["camera"] == {"ae_mode": "manual", "man_exp": 130}
    streams = answers["streams"]
    assert streams.pop("event") in ("FixationEventData", "FixationOnsetEventData", "BlinkEventData")
    assert streams == {
        **{"gaze": "EyestateGazeData", "worn": True, "imu": 4, "sound_rate": 8000},
        **{"scene": [1200, 1600, 3], "eyes": [192, 384, 3], "raw_bytes": 65},
    }
    assert answers["time_offset"]["median_ms"] == pytest.approx(-7300, abs=10)
    assert (answers["calibration"], answers["copy"]) == (803, "sim discovery")


@pytest.mark.parametrize("mode", ["simple", "asynchronous"])
def test_every_call_of_the_makers_client_is_made(mode):
    client = pytest.importorskip("pupil_labs.realtime_api", **NEEDS)
    simple = pytest.importorskip("pupil_labs.realtime_api.simple", **NEEDS)
    module, script = (simple, SIMPLE) if mode == "simple" else (client, ASYNC)
    functions = {name for name in dir(module) if name.startswith(("receive_", "discover_"))}
    # Devices that are found are made by it.
    methods = {name for name in dir(module.Device) if not name.startswith("_")}
    left_out = {"from_discovered_device"} if mode == "simple" else set()
    source = script.read_text("utf-8")
    assert sorted(name for name in functions | methods - left_out if name not in source) == []


def assert_properties(properties, neon):
    assert properties == {
        "phone_name": neon.options.phone_name,
        "phone_id": neon.phone_id,
        "phone_ip": "127.0.0.1",
        "battery_level_percent": 71,
        "battery_state": "OK",
        "memory_num_free_bytes": 98_765_432_100,
        "module_serial": neon.options.module_serial,
        "world_connected": True,
        "gaze_connected": True,
    }


def assert_recording(recording, neon):
    actions = [(r.action, r.id) for r in neon.truth.recordings]
    assert actions == [
        ("start", recording["id"]),
        ("stop_and_save", recording["id"]),
        ("start", recording["cancelled"]),
        ("cancel", recording["cancelled"]),
    ]
    assert recording["stored_ns"] == recording["given_ns"]
    assert recording["stamped_recording"] == recording["id"]
    events = {event.name: event for event in neon.truth.events}
    assert events["test event 1"].timestamp_ns == recording["stamped_ns"]
    assert not events["test event 1"].given
    assert events["test event 2"].timestamp_ns == recording["given_ns"]
    assert events["test event 2"].recording_id == recording["id"]


def assert_streams(stream, neon):
    assert stream["frame_shape"] == stream["matched_shape"] == [1200, 1600, 3]
    assert 100 < stream["frame_mean"] < 140
    assert stream["gaze_type"] == "EyestateGazeData"
    assert 3 < stream["pupil_mm"] < 4
    assert_true_gaze(stream["gaze"], neon)
    # How near their times are to each other is the makers' affair; that they are true is ours.
    assert_times_of_samples([stream["frame_s"], *(s for s, _ in stream["matched"])], SCENE_HZ)
    for _, gaze in stream["matched"]:
        assert_true_gaze(gaze, neon)


def assert_true_gaze(gaze, neon):
    x, y, worn, timestamp_s = gaze
    nearest = min(neon.truth.gaze, key=lambda gaze: abs(gaze.device_ns - timestamp_s * 1e9))
    assert abs(nearest.device_ns - timestamp_s * 1e9) < 1_000
    assert worn and (x, y) == pytest.approx((nearest.x, nearest.y), abs=1e-3)


def assert_times_of_samples(times_s, rate_hz):
    """On the grid of the simulated sensors, but for the rounding to RTP's clock."""
    numbers = [time_s * rate_hz for time_s in times_s]
    assert numbers == pytest.approx([round(number) for number in numbers], rel=0, abs=1e-3)


def assert_more_streams(streams, neon):
    imu = streams["imu"]
    assert sum(a * a for a in imu["accel"]) ** 0.5 == pytest.approx(1, abs=0.05)
    assert 0 < max(map(abs, imu["gyro"])) < 10
    assert sum(q * q for q in imu["quaternion_xyzw"]) == pytest.approx(1, abs=1e-5)
    assert streams["eyes_shape"] == [192, 384, 3]
    # Pictures of the eyes carry the times of gaze samples.
    scene_s, eyes_s = streams["triple_s"]
    assert_times_of_samples([streams["eyes_s"], eyes_s], GAZE_HZ)
    assert_times_of_samples([scene_s], SCENE_HZ)
    assert_true_gaze(streams["triple_gaze"], neon)
    assert (streams["sound_rate"], streams["sound_shape"]) == (8000, [1, 1024])
    assert streams["frames_of_sound"] >= 1
    assert streams["triple_shapes"] == [[1200, 1600, 3], [192, 384, 3]]


def assert_eye_events(events, neon):
    classes = {
        "0": "FixationEventData",
        "1": "FixationEventData",
        "2": "FixationOnsetEventData",
        "3": "FixationOnsetEventData",
        "4": "BlinkEventData",
    }
    # It keeps only the newest event: of two that come together one may always be overwritten.
    assert len(events) >= 4
    assert all(event["class"] == classes[kind] for kind, event in events.items())
    true_starts = {event.start_ns for event in neon.truth.eye_events}
    assert {event["start_time_ns"] for event in events.values()} <= true_starts
    if "0" in events:
        assert 10 < events["0"]["amplitude_angle_deg"] < 30
    ended = events.get("1") or events["0"]
    assert ended["rtp_ts_unix_seconds"] == pytest.approx(ended["end_time_ns"] * 1e-9, abs=2e-5)
