"""A script that forgets `close()` ends all the same, and what it sent arrives."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

LONGEST_S = 15.0  # a second or two on a computer with nothing else to do
OPENINGS = {
    "Neon": ("from psychopy_neon import Neon", "Neon.connect('{0}', {1})", "device"),
    "simple.Device": (
        "from psychopy_neon.simple import Device",
        "Device('{0}', {1})",
        "device.neon",
    ),
}
READING = "threading.Thread(target=lambda: print(all(s for s in neon.gaze)), daemon={0}).start()"
ENDS = {
    "the end of the script": ("assert neon.gaze.read(10.0)", 0, ""),
    "sys.exit": ("assert neon.gaze.read(10.0)\nsys.exit(3)", 3, ""),
    "an exception": ("assert neon.gaze.read(10.0)\n1 / 0", 1, "ZeroDivisionError"),
    "a daemon that reads on": (READING.format(True) + "\nneon.gaze.read(10.0)", 0, ""),
    "a thread that reads on": (READING.format(False) + "\nneon.gaze.read(10.0)", 0, ""),
    "an exception beside a thread": (
        READING.format(False) + "\nneon.gaze.read(10.0)\n1 / 0",
        1,
        "ZeroDivisionError",
    ),
    "a phone that is gone": (
        "assert neon.gaze.read(10.0)\nprint('here', flush=True)\ninput()",
        0,
        "",
    ),
}


def script(simulator, opening, rest):
    imports, connect, neon = OPENINGS[opening]
    connect = connect.format(simulator.address, simulator.port)
    lines = [imports, "import sys, threading", f"device = {connect}", f"neon = {neon}", rest]
    return "\n".join(lines)


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("end", ENDS)
def test_the_script_ends(simulated_neon, opening, end):
    simulator = simulated_neon(scene=False)
    rest, code, said = ENDS[end]
    text = script(simulator, opening, rest)
    process = subprocess.Popen(
        [sys.executable, "-c", text],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if end == "a phone that is gone":
        assert process.stdout.readline() == "here\n"
        simulator.faults.cut_link(60.0)
    try:
        _, errors = process.communicate("\n", timeout=LONGEST_S)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == code, errors
    assert said in errors and (said or "Traceback" not in errors)


def test_events_that_were_sent_last_arrive_and_the_recording_is_saved(simulated_neon):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.1)
    rest = """\
        neon.recording.start()
        for number in range(100):
            neon.send_event(f"event {number}")
    """
    text = script(simulator, "Neon", textwrap.dedent(rest))
    subprocess.run([sys.executable, "-c", text], check=True, timeout=LONGEST_S)
    names = [event.name for event in simulator.truth.events]
    assert names == [f"event {number}" for number in range(100)]
    actions = [recording.action for recording in simulator.truth.recordings]
    assert actions == ["start", "stop_and_save"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_leaves_the_device_of_its_parent_alone(simulated_neon):
    simulator = simulated_neon(scene=False)
    rest = """\
        import multiprocessing
        neon.gaze.read(10.0)
        neon.recording.start()
        child = multiprocessing.get_context("fork").Process(target=len, args=("",))
        child.start()
        child.join(10.0)
        assert child.exitcode == 0
        reader = neon.gaze.reader()
        assert all(reader.read(5.0) for _ in range(50))
        assert neon.recording.info.state.value == "recording"
        neon.recording.cancel()
    """
    text = script(simulator, "Neon", textwrap.dedent(rest))
    subprocess.run([sys.executable, "-c", text], check=True, timeout=2 * LONGEST_S)
    actions = [recording.action for recording in simulator.truth.recordings]
    assert actions == ["start", "cancel"]
