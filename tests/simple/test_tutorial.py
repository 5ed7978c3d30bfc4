"""A script written for the official client runs when only its import line changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("tutorial_script.py")
OFFICIAL, OURS = "pupil_labs.realtime_api.simple", "psychopy_neon.simple"


# A cell of a notebook runs like this: amid an event loop, in its thread.
IN_A_LOOP = """
import asyncio, runpy, sys
async def cell():
    runpy.run_path(sys.argv[0], run_name="__main__")
sys.argv = sys.argv[1:]
asyncio.run(cell())
"""


@pytest.fixture
def run(tmp_path):
    """Run the script with one of the two clients; return what it prints, line by line."""

    def run_with(module, simulator, *parts, options=()):
        text = SCRIPT.read_text("utf-8")
        assert text.count(OFFICIAL) == 1
        script = tmp_path / f"{module}.py"
        script.write_text(text.replace(OFFICIAL, module), "utf-8")
        arguments = [str(script), simulator.address, str(simulator.port), *parts]
        done = subprocess.run(
            [sys.executable, *options, *arguments],
            capture_output=True,
            text=True,
            timeout=45,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run_with


@pytest.mark.parametrize("parts", [(), ("imu", "eyes", "eye_events", "audio", "camera")])
def test_both_clients_print_the_same(simulated_neon, run, lively, parts):
    pytest.importorskip("pupil_labs.realtime_api", reason="the makers' client is not installed")
    lines = []
    for module in (OFFICIAL, OURS):
        # Each has a fresh phone, so that neither finds what the other left.
        simulator = simulated_neon(**lively)
        lines.append(_without_ports(run(module, simulator, *parts), simulator))
    official, ours = lines
    # On a busy computer the makers' client may hand out samples that do not belong together.
    assert ours == [line.replace("near in time: False", "near in time: True") for line in official]
    assert len(ours) > 3


def test_the_tutorial_runs_in_a_notebook(simulated_neon, run, lively):
    plain, in_a_loop = (
        _without_ports(run(OURS, simulator, options=options), simulator)
        for options in ((), ("-c", IN_A_LOOP))
        for simulator in [simulated_neon(**lively)]
    )
    assert in_a_loop == plain and len(plain) > 30


def _without_ports(lines, simulator):
    ports = {str(simulator.port): "HTTP", str(simulator.rtsp_port): "RTSP"}
    for port, name in ports.items():
        lines = [line.replace(port, name) for line in lines]
    return lines
