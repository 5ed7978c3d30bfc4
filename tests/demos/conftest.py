"""The demo, run once as users run it, and its exported experiment under bad circumstances.

Every process that a run starts inherits a mark in its environment, by which those that outlive
the run are found.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

MARK = "NEON_TEST_RUN"
DEMO_TIMEOUT_S = 100.0
CASE_TIMEOUT_S = 70.0
END_S = 5.0


@dataclass(frozen=True)
class Ending:
    """How a run ended."""

    code: int | None
    output: str
    seconds: float
    survivors: list[str]
    port_is_free: bool


@dataclass(frozen=True)
class Run:
    """A run and the folder with what it left."""

    folder: Path
    ending: Ending

    def json_lines(self, pattern: str) -> list[dict[str, Any]]:
        """Lines of the only file of that name; an unfinished last one is left out."""
        [path] = self.folder.glob(pattern)
        complete, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
        return [json.loads(line) for line in complete.splitlines()]


@pytest.fixture(scope="session")
def demo_run(display: None, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """``python -m psychopy_neon demo``, once for all tests."""
    output = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "psychopy_neon", "demo", "--output", str(output)]
    mark, began_s = str(uuid.uuid4()), time.monotonic()
    with (output / "printed.txt").open("w", encoding="utf-8") as printed:
        process = subprocess.Popen(
            command, env={**os.environ, MARK: mark}, cwd=output, stdout=printed, stderr=printed
        )
    try:
        code = process.wait(DEMO_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        code = None
    seconds = time.monotonic() - began_s
    survivors = _end_survivors(mark)
    text = (output / "printed.txt").read_text(encoding="utf-8", errors="replace")
    folders = [path for path in output.iterdir() if path.is_dir()]
    assert len(folders) == 1, text
    is_free = _is_free(_iohub_port(folders[0] / "gaze_contingent.py"))
    return Run(folders[0], Ending(code, text, seconds, survivors, is_free))


@pytest.fixture(scope="session")
def run_experiment(demo_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Run the exported experiment with certain glasses, and end whatever it leaves.

    `during(experiment)` is called while it runs; `trials` is their number, and `changes` are
    replacements in the script.
    """

    def run(
        folder: Path,
        address: str,
        during: Callable[[Any], object] = lambda experiment: None,
        trials: int = 8,
        changes: dict[str, str] | None = None,
    ) -> Run:
        from psychopy_neon.demos.experiment_process import ExperimentProcess

        script = _copy_experiment(demo_run.folder, folder, trials, changes or {})
        log, mark = folder / "experiment.log", str(uuid.uuid4())
        began_s = time.monotonic()
        with ExperimentProcess(
            script,
            picture=folder / "trial.png",
            frames=folder / "frames.json",
            environment={MARK: mark, "NEON_ADDRESS": address},
            log=log,
        ) as experiment:
            during(experiment)
            code = experiment.wait(CASE_TIMEOUT_S)
        seconds = time.monotonic() - began_s
        survivors = _end_survivors(mark)
        text = log.read_text(encoding="utf-8", errors="replace")
        port_is_free = _is_free(_iohub_port(script))
        return Run(folder, Ending(code, text, seconds, survivors, port_is_free))

    return run


def _copy_experiment(source: Path, folder: Path, trials: int, changes: dict[str, str]) -> Path:
    conditions = (source / "conditions.csv").read_text(encoding="utf-8").splitlines()
    (folder / "conditions.csv").write_text("\n".join(conditions[: trials + 1]), encoding="utf-8")
    text = (source / "gaze_contingent.py").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} should be in the script once"
        text = text.replace(old, new)
    script = folder / "gaze_contingent.py"
    script.write_text(text, encoding="utf-8")
    return script


def _iohub_port(script: Path) -> int:
    found = re.search(r"'udp_port': (\d+)", script.read_text(encoding="utf-8"))
    assert found is not None
    return int(found.group(1))


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def _end_survivors(mark: str) -> list[str]:
    """Names of processes with this mark that do not end by themselves within `END_S`."""
    deadline = time.monotonic() + END_S
    while (running := _marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    names = [" ".join(process.cmdline()) for process in running]
    for process in running:
        process.kill()
    psutil.wait_procs(running, END_S)
    return names


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # it has ended, or belongs to somebody else
    return found
