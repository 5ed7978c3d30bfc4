"""The demo, run once as users run it, and its exported experiment under bad circumstances."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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
def demo_run(display: None, leftovers: Any, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """``python -m psychopy_neon demo``, once for all tests."""
    output = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "psychopy_neon", "demo", "--output", str(output)]
    left, began_s = leftovers(), time.monotonic()
    with (output / "printed.txt").open("w", encoding="utf-8") as printed:
        process = subprocess.Popen(
            command, env=left.environment, cwd=output, stdout=printed, stderr=printed
        )
    try:
        code = process.wait(DEMO_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        code = None
    seconds = time.monotonic() - began_s
    survivors = left.end(END_S)
    text = (output / "printed.txt").read_text(encoding="utf-8", errors="replace")
    folders = [path for path in output.iterdir() if path.is_dir()]
    assert len(folders) == 1, text
    is_free = left.is_free(_iohub_port(folders[0] / "gaze_contingent.py"))
    return Run(folders[0], Ending(code, text, seconds, survivors, is_free))


@pytest.fixture(scope="session")
def run_experiment(demo_run: Run, leftovers: Any) -> Callable[..., Run]:
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
        log, left = folder / "experiment.log", leftovers()
        began_s = time.monotonic()
        with ExperimentProcess(
            script,
            picture=folder / "trial.png",
            frames=folder / "frames.json",
            environment={**left.mark, "NEON_ADDRESS": address},
            log=log,
        ) as experiment:
            during(experiment)
            code = experiment.wait(CASE_TIMEOUT_S)
        seconds = time.monotonic() - began_s
        survivors = left.end(END_S)
        text = log.read_text(encoding="utf-8", errors="replace")
        port_is_free = left.is_free(_iohub_port(script))
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
