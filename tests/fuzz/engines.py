"""Two ways to find inputs: guided by coverage (atheris), and blind changes to the seeds."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oracle import Target

MAX_INPUT_BYTES = 4_096
MAX_INPUT_CPU_S = 2.0  # the longest inputs, of some 100 kB after repeating, take about 0.3 s
HANG_CPU_S = 20.0
MAX_MEMORY_MB = 700


class TooSlowError(AssertionError):
    """An input took longer than any of its size may."""


@dataclass(frozen=True)
class Limits:
    """When to stop, whichever comes first; None is no limit."""

    runs: int | None = None
    cpu_s: float | None = None
    wall_s: float | None = None
    seed: int = 1


@dataclass(frozen=True)
class Folders:
    """Where inputs that reach new code are kept, if at all, and inputs that are findings."""

    findings: Path
    corpus: Path | None = None


class Trial:
    """Feeds inputs to one target, measures each, and knows when it is enough."""

    def __init__(self, name: str, target: Target, limits: Limits) -> None:
        self._name, self._target, self._limits = name, target, limits
        self.executions = self.accepted = 0
        self.start()
        if hasattr(signal, "SIGVTALRM"):
            signal.signal(signal.SIGVTALRM, _hung)

    def start(self) -> None:
        """Count time from now on; again in a new process, whose clock starts anew."""
        self._started_s, self._started_wall_s = time.process_time(), time.monotonic()

    def __call__(self, data: bytes) -> None:
        before_s = time.process_time()
        _set_alarm(HANG_CPU_S)
        try:
            self.accepted += self._target(data)
        finally:
            _set_alarm(0)  # one that rings while Python shuts down would kill it
        self.executions += 1
        spent_s = time.process_time() - before_s
        if spent_s > MAX_INPUT_CPU_S:
            raise TooSlowError(f"{len(data)} bytes took {spent_s:.1f} s of CPU time")

    @property
    def is_over(self) -> bool:
        passed = (
            (self.executions, self._limits.runs),
            (time.process_time() - self._started_s, self._limits.cpu_s),
            (time.monotonic() - self._started_wall_s, self._limits.wall_s),
        )
        return any(limit is not None and value >= limit for value, limit in passed)

    def report(self) -> str:
        """One line of JSON."""
        spent_s = time.process_time() - self._started_s
        counts = {"executions": self.executions, "accepted": self.accepted}
        return json.dumps({"target": self._name, **counts, "cpu_s": round(spent_s, 2)})


def _set_alarm(cpu_s: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s)


def _hung(*_: object) -> None:
    raise TooSlowError(f"still busy after {HANG_CPU_S:g} s of CPU time")


# -- coverage-guided ------------------------------------------------------------------------------


def run_guided(trial: Trial, limits: Limits, seeds: Sequence[bytes], folders: Folders) -> bool:
    """Run atheris in a process of its own, which libFuzzer ends; whether there was no finding."""
    folders.findings.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as seed_folder:
        _write_all(seeds, Path(seed_folder))
        child = os.fork()
        if child == 0:
            corpus = [] if folders.corpus is None else [str(folders.corpus)]
            _run_atheris(trial, _options(limits, folders), [*corpus, seed_folder])
        return os.waitpid(child, 0)[1] == 0


def _run_atheris(trial: Trial, options: Sequence[str], folders: Sequence[str]) -> None:
    import atheris

    trial.start()

    def feed(data: bytes) -> None:
        trial(data)
        if trial.is_over:
            print(trial.report(), flush=True)
            os._exit(0)

    atheris.Setup([sys.argv[0], *options, *folders], feed)
    atheris.Fuzz()


def _options(limits: Limits, folders: Folders) -> list[str]:
    options = {
        "seed": limits.seed,
        "max_len": MAX_INPUT_BYTES,
        "rss_limit_mb": MAX_MEMORY_MB,
        "timeout": 3_600,  # it counts what others take of the processor; `Trial` does not
        "artifact_prefix": f"{folders.findings}{os.sep}",
        "verbosity": 0,
    }
    return [f"-{name}={value}" for name, value in options.items()]


def _write_all(inputs: Sequence[bytes], folder: Path) -> None:
    for data in inputs:
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


# -- blind ----------------------------------------------------------------------------------------


def run_blind(trial: Trial, limits: Limits, seeds: Sequence[bytes], folders: Folders) -> bool:
    """Change seeds at random; the input that is a finding is kept as atheris keeps it."""
    inputs = _mutated(seeds, random.Random(limits.seed))
    while not trial.is_over:
        data = next(inputs)
        try:
            trial(data)
        except Exception:  # whatever it is, it is what we look for
            traceback.print_exc()
            _keep(data, folders.findings)
            return False
    print(trial.report(), flush=True)
    return True


def _keep(data: bytes, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"crash-{hashlib.sha1(data).hexdigest()}"
    path.write_bytes(data)
    print(f"input kept as {path}", file=sys.stderr, flush=True)


def _mutated(seeds: Sequence[bytes], dice: random.Random) -> Iterator[bytes]:
    yield from seeds
    while True:
        data = bytearray(dice.choice(seeds))
        for _ in range(dice.choice((1, 1, 2, 5, 20))):
            _mutate(data, dice, seeds)
        yield bytes(data[:MAX_INPUT_BYTES])


def _mutate(data: bytearray, dice: random.Random, seeds: Sequence[bytes]) -> None:
    start = dice.randint(0, len(data))
    end = min(len(data), start + dice.choice((0, 1, 1, 2, 4, 16, 200)))
    other = dice.choice(seeds)
    cut = dice.randint(0, len(other))
    data[start:end] = dice.choice(
        (
            b"",
            dice.randbytes(end - start),
            dice.choice((b"\0", b"\x7f", b"\x80", b"\xff")) * (end - start),
            bytes(data[start:end]) * 2,
            other[cut : cut + dice.choice((1, 4, 30))],
        )
    )
