from __future__ import annotations

import itertools
import json
import time

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_holds_everything_that_happened(simulated_neon, tmp_path):
    path = tmp_path / "truth.jsonl"
    neon = simulated_neon(scene=False, truth_path=path, recording_start_lag_s=0)
    neon.look_at(0.5, 0.25)
    recording_id = neon.state.start_recording()
    neon.state.store_event("go", 1_700_000_000_000_000_001)
    deadline = time.monotonic() + 5
    while len(neon.truth.gaze) < 40 and time.monotonic() < deadline:
        time.sleep(0.01)
    neon.state.cancel_recording()
    neon.close()
    lines = lines_of(path)
    kinds = [line["kind"] for line in lines]
    assert kinds[0] == "clock"
    assert set(lines[0]) == {"kind", "zero_host_ns", "zero_device_ns", "drift_ppm"}
    recordings = [line for line in lines if line["kind"] == "recording"]
    assert [line["action"] for line in recordings] == ["start", "cancel"]
    assert {line["id"] for line in recordings} == {recording_id}
    (event,) = [line for line in lines if line["kind"] == "event"]
    assert event["name"] == "go" and event["given"] is True
    assert event["timestamp_ns"] == 1_700_000_000_000_000_001
    gaze = [line for line in lines if line["kind"] == "gaze"]
    assert len(gaze) == len(neon.truth.gaze) >= 40
    assert (gaze[-1]["screen_x"], gaze[-1]["screen_y"]) == (0.5, 0.25)
    assert lines[-1] == {"kind": "late", **neon.sensors.late}
    assert set(neon.sensors.late) == {"gaze", "imu"}
    steps = {b["device_ns"] - a["device_ns"] for a, b in itertools.pairwise(gaze)}
    assert steps == {5_000_000}


def test_reaches_the_file_while_running(simulated_neon, tmp_path):
    path = tmp_path / "truth.jsonl"
    simulated_neon(scene=False, truth_path=path)
    deadline = time.monotonic() + 5
    while path.read_text(encoding="utf-8").count('"gaze"') < 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert path.read_text(encoding="utf-8").count('"gaze"') >= 10


def test_the_clock_line_explains_event_arrival(simulated_neon):
    neon = simulated_neon(scene=False)
    (line,) = neon.truth.clocks
    before_ns = time.perf_counter_ns()
    neon.state.store_event("x")
    after_ns = time.perf_counter_ns()
    (event,) = neon.truth.events
    assert line.device_ns(before_ns) <= event.arrived_ns <= line.device_ns(after_ns)


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(UsageError, match="cannot write the truth log"):
        SimulatedNeon(SimulatorOptions(truth_path=tmp_path / "missing" / "truth.jsonl"))
