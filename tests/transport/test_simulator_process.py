"""The simulator as a process of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import requests

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.transport.simulator_process import SimulatorProcess

END_S = 20.0


def test_it_answers_and_ends(tmp_path: Path) -> None:
    with SimulatorProcess(["--no-scene"], tmp_path / "log") as simulator:
        assert requests.get(f"http://{simulator.address}/api/status", timeout=5.0).ok
        process = simulator._process
    assert process.returncode == 0
    assert "Fatal" not in (tmp_path / "log").read_text("utf-8")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{simulator.address}/api/status", timeout=5.0)


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    with SimulatorProcess(["--no-scene"], tmp_path / "log") as simulator:
        process = simulator._process
        assert isinstance(process, subprocess.Popen) and process.stdin is not None
        process.stdin.close()  # as the system does when this process ends, however it does
        assert process.wait(END_S) == 0


def test_what_keeps_it_from_starting_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(NeonConnectionError, match=r"did not start: .*nonsense"),
        SimulatorProcess(["--screen", "nonsense"], tmp_path / "log"),
    ):
        pass
