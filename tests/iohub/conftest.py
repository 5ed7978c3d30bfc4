"""Scripts that use ioHub for real, each run once in a process of its own for many tests.

A script gets the path of a JSON file for its results.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
RUN_TIMEOUT_S = 200.0  # a tenth of it on a computer with nothing else to do
TEST_TIMEOUT_S = 240
END_S = 3.0

Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """What a script left."""

    results: dict[str, Any]
    folder: Path
    output: str
    survivors: list[str]
    port_is_free: bool

    def json_lines(self, name: str) -> Lines:
        """Lines of a file whose writer was killed, perhaps within the last one."""
        text = (self.folder / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.rpartition("\n")[0].splitlines()]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test of a run waits for it."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.timeout(TEST_TIMEOUT_S))


@pytest.fixture(scope="session")
def sample_classes() -> Any:
    """PsychoPy's own event classes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from psychopy.iohub.devices import eyetracker
    return eyetracker


@pytest.fixture(scope="session")
def hub_run(
    display: None, leftovers: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Run]:
    """Run a script of this folder to its end; end whatever it leaves, and tell about it."""

    def run(script: str, **choices: Any) -> Run:
        folder = tmp_path_factory.mktemp(Path(script).stem)
        left, port = leftovers(), _free_udp_port()
        (folder / "choices.json").write_text(json.dumps({**choices, "udp_port": port}), "utf-8")
        command = [sys.executable, str(HERE / script), str(folder)]
        log = folder / "output.txt"
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(command, env=left.environment, stdout=output, stderr=output)
        try:
            code = process.wait(RUN_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            code = None
        survivors = left.end(END_S)
        process.wait(END_S)
        process.kill()  # does nothing unless it ran too long
        process.wait(RUN_TIMEOUT_S)
        text = log.read_text(encoding="utf-8", errors="replace")
        assert code == 0, f"{script} ended with {code}:\n{text[-4000:]}"
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        return Run(results, folder, text, survivors, left.is_free(port))

    return run


@pytest.fixture(scope="session")
def session(hub_run: Callable[..., Run]) -> Run:
    """The run of ``hub_session.py``."""
    return hub_run("hub_session.py")


@pytest.fixture(scope="session")
def seen(session: Run) -> dict[str, Any]:
    """What the script of the session saw."""
    return session.results


@pytest.fixture(scope="session")
def truth(session: Run) -> Lines:
    """What really happened, by the simulator's own record."""
    return session.json_lines("truth.jsonl")


@pytest.fixture(scope="session")
def true_clock(truth: Lines) -> dict[str, Any]:
    """How the simulated phone's clock runs."""
    return next(line for line in truth if line["kind"] == "clock")


@pytest.fixture(scope="session")
def data_tables(session: Run) -> dict[str, Any]:
    """The eye tracker's tables in the HDF5 file by name, structured arrays."""
    import tables

    with tables.open_file(str(session.folder / "run.hdf5")) as file:
        return {table.name: table[:] for table in file.root.data_collection.events.eyetracker}


@pytest.fixture(scope="session")
def rows(data_tables: dict[str, Any]) -> Any:
    """The samples in the HDF5 file, a structured array."""
    return data_tables["BinocularEyeSampleEvent"]


@pytest.fixture(scope="session")
def raw_s(seen: dict[str, Any], true_clock: dict[str, Any]) -> Callable[[Any], Any]:
    """True raw PsychoPy seconds of phone seconds."""
    before_ns, raw, after_ns = seen["raw_clock"]
    rate = 1 + true_clock["drift_ppm"] * 1e-6

    def convert(device_s: Any) -> Any:
        elapsed_s = (device_s - true_clock["zero_device_ns"] / 1e9) / rate
        now_s = ((before_ns + after_ns) / 2 - true_clock["zero_host_ns"]) / 1e9
        return raw + elapsed_s - now_s

    return convert


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])
