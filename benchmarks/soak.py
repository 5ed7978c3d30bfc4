"""Gaze, scene and eyes for a long time: nothing is lost, and nothing grows.

    python benchmarks/soak.py --minutes 10

The simulator runs in a process of its own; this process reads every sample. Prints a verdict, and
ends with status 1 if it is bad.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from psychopy_neon import Neon
from psychopy_neon.client.sample_buffer import SampleReader
from psychopy_neon.client.stream_health import StreamHealth

STREAMS = ("gaze", "scene", "eyes")
RATES_HZ = {"gaze": 200, "scene": 30, "eyes": 200}
WARM_UP_S = 10.0
INTERVAL_S = 1.0
# Above the noise of an allocator over a few minutes; 1 MB a minute would be 60 MB in an hour.
MAX_SLOPE_MB_PER_MINUTE = 1.0


@dataclass(frozen=True)
class Reading:
    """The process at one moment."""

    passed_s: float
    memory_mb: float
    threads: int
    files: int


def read_process(process: psutil.Process, started_s: float) -> Reading:
    """Measure this process now."""
    files = process.num_fds() if os.name == "posix" else process.num_handles()
    passed_s = time.perf_counter() - started_s
    return Reading(passed_s, process.memory_info().rss / 1e6, threading.active_count(), files)


def soak(neon: Neon, minutes: float) -> tuple[list[Reading], dict[str, int], dict[str, float]]:
    """Read everything for so long; returns readings, samples seen, and seconds covered."""
    readers = {name: getattr(neon, name).reader() for name in STREAMS}
    for name in STREAMS:
        assert getattr(neon, name).read(30.0) is not None, f"no {name}"
    _drain(readers, WARM_UP_S)
    for reader in readers.values():
        reader.dropped = 0
    process, started_s = psutil.Process(), time.perf_counter()
    readings = [read_process(process, started_s)]
    seen = dict.fromkeys(STREAMS, 0)
    while time.perf_counter() - started_s < minutes * 60:
        for name, count in _drain(readers, INTERVAL_S).items():
            seen[name] += count
        readings.append(read_process(process, started_s))
    for name in STREAMS:
        seen[name] += readers[name].dropped  # this script was too slow for them; they had come
    covered_s = time.perf_counter() - started_s
    return readings, seen, {name: seen[name] / RATES_HZ[name] / covered_s for name in STREAMS}


def _drain(readers: dict[str, SampleReader[object]], seconds: float) -> dict[str, int]:
    counts = dict.fromkeys(readers, 0)
    end_s = time.perf_counter() + seconds
    while time.perf_counter() < end_s:
        time.sleep(1 / 60)
        for name, reader in readers.items():
            counts[name] += len(reader.drain())
    return counts


def slope_mb_per_minute(readings: list[Reading]) -> float:
    """Least squares over the second half: the first still fills buffers and caches."""
    late = readings[len(readings) // 2 :]
    fit = statistics.linear_regression([r.passed_s / 60 for r in late], [r.memory_mb for r in late])
    return fit.slope


def verdict(
    readings: list[Reading], health: dict[str, StreamHealth], shares: dict[str, float]
) -> list[str]:
    """What is wrong, one sentence each."""
    wrong = []
    for name, now in health.items():
        if now.lost or now.malformed or now.interruptions:
            wrong.append(
                f"{name}: {now.lost} packets lost, {now.malformed} unreadable, "
                f"{now.interruptions} interruptions"
            )
        if not 0.99 < shares[name] < 1.01:
            wrong.append(f"{name}: {shares[name]:.1%} of the samples that there should be")
    slope = slope_mb_per_minute(readings)
    if slope > MAX_SLOPE_MB_PER_MINUTE:
        wrong.append(f"memory grows by {slope:.2f} MB a minute")
    first, last = readings[1], readings[-1]
    if last.threads > first.threads or last.files > first.files:
        wrong.append(
            f"threads {first.threads} -> {last.threads}, files {first.files} -> {last.files}"
        )
    return wrong


def main() -> int:
    """Run, print, judge."""
    from psychopy_neon.demos.simulator_process import SimulatorProcess

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatorProcess([], Path(folder) / "log") as simulator,
        Neon.connect(simulator.address) as neon,
    ):
        readings, seen, shares = soak(neon, minutes)
        health = {name: getattr(neon, name).health for name in STREAMS}
        damaged = not neon.scene.latest() or neon.scene.latest().damaged
    first, last = readings[1], readings[-1]
    for name in STREAMS:
        now = health[name]
        print(f"{name}: {seen[name]} samples, {shares[name]:.2%} of those due, {now.lost} lost")
    print(f"memory: {first.memory_mb:.1f} MB at first, {last.memory_mb:.1f} MB at last,")
    print(f"        {slope_mb_per_minute(readings):+.3f} MB a minute in the second half")
    print(f"threads: {first.threads} -> {last.threads}; files: {first.files} -> {last.files}")
    wrong = verdict(readings, health, shares) + ["the last picture is damaged"] * damaged
    print("verdict:", "good" if not wrong else "; ".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
