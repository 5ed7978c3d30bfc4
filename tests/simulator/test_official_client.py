"""The vendor's own client, version 1.9.0, must take the simulator for a phone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("official_client_tutorial.py")


def run_tutorial(*arguments):
    pytest.importorskip("pupil_labs.realtime_api", reason="the makers' client is not installed")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_the_tutorial_runs_from_an_address(simulated_neon):
    neon = simulated_neon(phone_name="lab: 3", module_serial="654321")
    neon.look_at(0.3, 0.2)
    answers = run_tutorial(neon.address, str(neon.port))
    assert_properties(answers["properties"], neon)
    assert_recording(answers["recording"], neon)
    assert_streams(answers["stream"], neon)
    assert answers["calibration"]["serial"] == "654321"
    assert 850 < answers["calibration"]["scene_focal_px"] < 950
    assert answers["template"] == {"name": "Simulated template", "stored": ["P7"]}
    # The official sign: client minus phone, and the phone is 7.3 s ahead.
    assert answers["time_offset"]["median_ms"] == pytest.approx(-7300, abs=10)
    assert answers["errors"] == []


def test_the_tutorial_runs_from_discovery(simulated_neon):
    neon = simulated_neon(advertise=True, phone_name="sim discovery")
    answers = run_tutorial("-", "-", "sim discovery")
    assert_properties(answers["properties"], neon)
    assert_streams(answers["stream"], neon)


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
    assert 0 <= stream["matched_distance_s"] < 0.011
    x, y, worn, timestamp_s = stream["gaze"]
    nearest = min(neon.truth.gaze, key=lambda gaze: abs(gaze.device_ns - timestamp_s * 1e9))
    assert abs(nearest.device_ns - timestamp_s * 1e9) < 1_000
    assert worn and (x, y) == pytest.approx((nearest.x, nearest.y), abs=1e-3)
