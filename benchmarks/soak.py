"""Gaze, scene and eyes for a long time: every sample is accounted for, and nothing grows.

    python benchmarks/soak.py --minutes 10

The simulator runs in a process of its own and notes what it sent; this process reads every sample
in a loop of 60 turns a second, as an experiment does. Prints a table with a verdict in each line,
and ends with status 1 if one of them is bad.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from psychopy_neon import Neon
from psychopy_neon.client.stream_health import StreamHealth
from psychopy_neon.transport.simulator_process import SimulatorProcess

STREAMS = {"gaze": "gaze", "scene": "world", "eyes": "eyes"}  # ours -> the phone's name
RATES_HZ = {"gaze": 200, "scene": 30, "eyes": 200}
WARM_UP_S = 10.0
TURN_S = 1 / 60
READING_S = 1.0
# Between the middle and the end of a run. An allocator's noise is about 1 MB; a sample that is
# kept by mistake adds that in a second (pictures) or in seconds (gaze).
MAX_GROWTH_MB = 2.0
MAX_SKIPPED = 0.02  # a run on a computer that cannot keep up proves nothing
MAX_LATE = 0.001  # of video the client keeps 0.2 s; a busy computer halts this loop for longer


@dataclass(frozen=True)
class Reading:
    """This process at one moment."""

    memory_mb: float
    threads: int
    files: int


@dataclass
class Tally:
    """What was read of one stream."""

    reader: Any
    count: int = 0
    first_ns: int = 0
    last_ns: int = 0
    not_later: int = 0
    damaged: int = 0

    def take(self, samples: Iterable[Any]) -> None:
        """Count the samples of one turn."""
        for sample in samples:
            self.first_ns = self.first_ns or sample.device_ns
            self.not_later += sample.device_ns <= self.last_ns
            self.last_ns = sample.device_ns
            self.damaged += getattr(sample, "damaged", False)
            self.count += 1


@dataclass
class Truth:
    """What the simulator had to send of each stream while it was read, and what it sent."""

    due: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """All that is known of a run."""

    tallies: dict[str, Tally]
    health: dict[str, StreamHealth]
    readings: list[Reading]
    simulator_mb: tuple[float, float]


# -- the run --------------------------------------------------------------------------------------


def read_process(process: psutil.Process) -> Reading:
    """Measure this process now."""
    files = process.num_fds() if os.name == "posix" else process.num_handles()
    return Reading(process.memory_info().rss / 1e6, threading.active_count(), files)


def soak(neon: Neon, simulator: psutil.Process, minutes: float) -> Run:
    """Read everything for so long."""
    for name in STREAMS:
        assert getattr(neon, name).read(30.0) is not None, f"no {name}"
    _read({name: Tally(getattr(neon, name).reader()) for name in STREAMS}, WARM_UP_S)
    tallies = {name: Tally(getattr(neon, name).reader()) for name in STREAMS}
    process, simulator_mb = psutil.Process(), simulator.memory_info().rss / 1e6
    readings = [read_process(process)]
    end_s = time.perf_counter() + minutes * 60
    while time.perf_counter() < end_s:
        _read(tallies, READING_S)
        readings.append(read_process(process))
    health = {name: getattr(neon, name).health for name in STREAMS}
    return Run(tallies, health, readings, (simulator_mb, simulator.memory_info().rss / 1e6))


def _read(tallies: dict[str, Tally], seconds: float) -> None:
    end_s = time.perf_counter() + seconds
    while time.perf_counter() < end_s:
        time.sleep(TURN_S)
        for tally in tallies.values():
            tally.take(tally.reader.drain())


def read_truth(path: Path, tallies: dict[str, Tally]) -> Truth:
    """Count what the log has between the first and the last sample that was read."""
    truth = Truth(dict.fromkeys(STREAMS, 0), dict.fromkeys(STREAMS, 0))
    ours = {phones: name for name, phones in STREAMS.items()}
    for line in _lines(path):
        if line["kind"] == "gaze":  # the wearer looked: a sample of gaze and one of the eyes
            for name in ("gaze", "eyes"):
                truth.due[name] += _is_within(line["device_ns"], tallies[name], name)
        elif line["kind"] == "sent":
            name = ours[line["stream"]]
            truth.sent[name] += _is_within(line["device_ns"], tallies[name], name)
    for name, tally in tallies.items():
        # Of the scene, and of a wearer who did not look because the computer was busy.
        by_time = round((tally.last_ns - tally.first_ns) * RATES_HZ[name] / 1e9) + 1
        truth.due[name] = max(truth.due[name], by_time)
    return truth


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _is_within(device_ns: int, tally: Tally, name: str) -> bool:
    half_interval_ns = 500_000_000 // RATES_HZ[name]
    return tally.first_ns - half_interval_ns < device_ns < tally.last_ns + half_interval_ns


# -- the verdict ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One line of the table; without `wanted` it is for information."""

    what: str
    found: str
    wanted: str = ""
    is_good: bool = True

    def __str__(self) -> str:
        verdict = "" if not self.wanted else "PASS" if self.is_good else "FAIL"
        return f"{self.what:<40} {self.found:>22}  {self.wanted:<10} {verdict}".rstrip()


def none_of(what: str, count: int) -> Line:
    """A line about something that must not happen."""
    return Line(what, str(count), "0", count == 0)


def table(run: Run, truth: Truth) -> list[Line]:
    """Everything that was found."""
    lines = [line for name in STREAMS for line in _stream_lines(name, run, truth)]
    return [*lines, *_process_lines(run)]


def _stream_lines(name: str, run: Run, truth: Truth) -> list[Line]:
    tally, health = run.tallies[name], run.health[name]
    due, sent, late = truth.due[name], truth.sent[name], tally.reader.dropped
    arrived, skipped = tally.count + late, due - sent
    return [
        Line(f"{name}: due", str(due)),
        Line(
            f"{name}: skipped by a busy simulator",
            f"{skipped} ({skipped / due:.3%})",
            f"<= {MAX_SKIPPED:.0%}",
            skipped <= MAX_SKIPPED * due,
        ),
        Line(f"{name}: sent", str(sent)),
        Line(f"{name}: delivered", f"{arrived} ({arrived / sent:.3%})"),
        none_of(f"{name}: lost on the way", sent - arrived),
        none_of(f"{name}: packets lost", health.lost),
        Line(
            f"{name}: read too late by this script",
            f"{late} ({late / sent:.3%})",
            f"<= {MAX_LATE:.1%}",
            late <= MAX_LATE * sent,
        ),
        none_of(f"{name}: not later than the one before", tally.not_later),
        none_of(f"{name}: damaged or unreadable", tally.damaged + health.malformed),
        none_of(f"{name}: interruptions", health.interruptions),
    ]


def _process_lines(run: Run) -> list[Line]:
    first, last, growth_mb = run.readings[0], run.readings[-1], growth(run.readings)
    return [
        Line("memory, first and last", f"{first.memory_mb:.1f} -> {last.memory_mb:.1f} MB"),
        Line(
            "memory, growth in the second half",
            f"{growth_mb:+.2f} MB",
            f"<= {MAX_GROWTH_MB:g} MB",
            growth_mb <= MAX_GROWTH_MB,
        ),
        _no_more("threads", first.threads, last.threads),
        _no_more("files and sockets", first.files, last.files),
        Line("memory of the simulator", "{:.0f} -> {:.0f} MB".format(*run.simulator_mb)),
    ]


def _no_more(what: str, before: int, after: int) -> Line:
    return Line(what, f"{before} -> {after}", "no more", after <= before)


def growth(readings: list[Reading]) -> float:
    """Memory at the end minus that in the middle, MB; medians over a tenth of the run each."""
    tenth = max(1, len(readings) // 10)
    middle = readings[len(readings) // 2 :][:tenth]
    return _median_mb(readings[-tenth:]) - _median_mb(middle)


def _median_mb(readings: list[Reading]) -> float:
    return statistics.median(reading.memory_mb for reading in readings)


def run_with_simulator(folder: Path, minutes: float) -> list[Line]:
    """Start the simulator, soak, and compare with what it noted."""
    path = folder / "truth.jsonl"
    with (
        SimulatorProcess(["--truth", str(path), "--log-sends"], folder / "log") as simulator,
        Neon.connect(simulator.address) as neon,
    ):
        run = soak(neon, psutil.Process(simulator.pid), minutes)
    return table(run, read_truth(path, run.tallies))


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="default: %(default)g")
    minutes = parser.parse_args().minutes
    started = time.strftime("%Y-%m-%d %H:%M")
    with tempfile.TemporaryDirectory() as folder:
        lines = run_with_simulator(Path(folder), minutes)
    bad = [line for line in lines if not line.is_good]
    print(f"Soak of {minutes:g} minutes, {started}, Python {sys.version.split()[0]}\n")
    print(*lines, sep="\n")
    print(f"\nVerdict: {'FAIL' if bad else 'PASS'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
