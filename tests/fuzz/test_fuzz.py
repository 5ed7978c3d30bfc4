"""A short run of every target of the fuzzer; ``docs/fuzzing.md`` tells about the long ones.

It runs in other processes: what atheris does to the modules that it counts stays there.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import psychopy_neon

FOLDER = Path(__file__).parent
# CPU time of each target; the blind one only has to show that targets and seeds are in order.
ENGINES = {"atheris": 0.5, "blind": 0.1}
LONGEST_RUN_S = 300  # 15 s on a machine that has nothing else to do
BROKEN = {
    "error": "data[100]",
    "size": "check_size(bytes(100_000), data)",
    "time": "all(True for _ in range(30_000_000))",
}


def run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run Python with the package that this process uses."""
    where = str(Path(psychopy_neon.__file__).parents[1])
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": where, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=LONGEST_RUN_S,
    )


def fuzz(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run([str(FOLDER / "fuzz.py"), *map(str, arguments)])


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name == "atheris" and importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed; it exists for Linux on x86-64 only")
    return name


def reports(output: str) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return {line["target"]: line for line in lines}


@pytest.mark.timeout(2 * LONGEST_RUN_S)
def test_no_parser_breaks_its_promises_in_a_short_run(engine, tmp_path):
    seconds = ENGINES[engine]
    done = fuzz("all", "--engine", engine, "--cpu-seconds", seconds, "--findings", tmp_path)
    assert done.returncode == 0, done.stderr[-5_000:]
    by_target = reports(done.stdout)
    assert set(by_target) == set(fuzz("list").stdout.split())
    for report in by_target.values():
        assert report["executions"] > 5, report
        assert report["accepted"] > 0, report


def planted(broken: str) -> list[str]:
    """Arguments for Python: the fuzzer with one target, whose parser breaks a promise."""
    lines = (
        f"import sys; sys.path.insert(0, {str(FOLDER)!r})",
        "import fuzz",
        "from oracle import Target, check_size",
        "def parse(data):",
        f"    if len(data) > 8: {broken}",
        "targets = {'planted': Target(parse, lambda: [b'seed'])}",
        "fuzz.load_targets = lambda instrumented: targets",
        "import engines",
        "engines.MAX_INPUT_CPU_S, engines.HANG_CPU_S = 0.5, 1.0",
        "sys.exit(fuzz.main(sys.argv[1:]))",
    )
    return ["-c", "\n".join(lines), "planted"]


@pytest.mark.parametrize("promise", BROKEN)
def test_a_broken_promise_is_found_and_its_input_kept(engine, promise, tmp_path):
    arguments = [*planted(BROKEN[promise]), "--findings", str(tmp_path)]
    done = run([*arguments, "--engine", engine, "--runs", "50000"])
    assert done.returncode == 1, done.stderr[-3_000:]
    assert "findings in: planted" in done.stderr
    (kept,) = (tmp_path / "planted").glob("crash-*")
    if promise != "time":  # which is measured only while fuzzing
        assert run([*arguments, "--input", str(kept)]).returncode != 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no such alarm")
@pytest.mark.parametrize(("parse", "outcome"), [("len", 0), ("int", "ValueError")])
def test_no_alarm_is_left_to_ring_after_an_input(parse, outcome):
    """One that rang while Python shut down killed the run that had just said what it found."""
    lines = (
        f"import signal, sys; sys.path.insert(0, {str(FOLDER)!r})",
        "from engines import Limits, Trial",
        f"trial = Trial('any', {parse}, Limits())",
        "try: print(trial(b'') or 0)",
        "except ValueError as error: print(type(error).__name__)",
        "print(signal.getitimer(signal.ITIMER_VIRTUAL))",
    )
    done = run(["-c", "\n".join(lines)])
    assert done.stdout.splitlines() == [str(outcome), "(0.0, 0.0)"], done.stderr
