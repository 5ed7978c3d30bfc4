"""What the simulator costs: CPU of its process while a client takes its streams.

``python benchmarks/simulator_cpu.py [--replay FOLDER] [--write]`` prints a table, and with
``--write`` puts it into ``benchmarks/results/simulator_cpu.md``. A percentage is of one core.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from psychopy_neon import Neon

RESULT = Path(__file__).with_name("results") / "simulator_cpu.md"
SETTLE_S = 3.0
RECORDING = "RECORDINGS"
STREAMS = ["gaze", "imu", "eye_events", "scene"]
CASES: dict[str, tuple[list[str], list[str]]] = {
    "gaze, motion, eye events": (["--no-scene"], ["gaze", "imu", "eye_events"]),
    "the same, nobody connected": (["--no-scene"], []),
    "and drawn scene": ([], STREAMS),
    "and eye video": ([], [*STREAMS, "eyes"]),
    "and it records all of that": (["--recordings", RECORDING], [*STREAMS, "eyes"]),
}

_HEAD = """\
`python benchmarks/simulator_cpu.py --write`: the simulator in a process of its own, and
`psychopy_neon.Neon`, in another, taking its streams; the client's cost is not in it.
"""
_FOOT = """\
Late is a sample that left 5 ms or more after its time. The scene is drawn and encoded ahead, once,
which takes about a second of one core at the start; its 30 pictures a second leave from memory.
"""


@contextmanager
def simulator(options: list[str]) -> Iterator[tuple[psutil.Process, str, str]]:
    """A simulator in a process of its own, its address and that of its control endpoint."""
    command = [sys.executable, "-m", "psychopy_neon", "simulate", "--control", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url, control = (process.stdout.readline().split()[1] for _ in range(2))
        yield psutil.Process(process.pid), url, control
    finally:
        process.terminate()
        process.wait(10)


def measure(options: list[str], streams: list[str], seconds: float) -> tuple[float, float, int]:
    """Per cent of one core, samples of gaze a second, and how many of them left late."""
    with tempfile.TemporaryDirectory() as folder:
        options = [folder if option == RECORDING else option for option in options]
        with simulator(options) as (process, url, control):
            host, _, port = url.removeprefix("http://").partition(":")
            with Neon.connect(host, int(port)) as neon:
                for name in streams:
                    getattr(neon, name).start()
                if "--recordings" in options:
                    urllib.request.urlopen(f"{control}/start_recording", b"", timeout=5).close()
                time.sleep(SETTLE_S)
                return _measured(process, control, seconds)


def _measured(process: psutil.Process, control: str, seconds: float) -> tuple[float, float, int]:
    before, counted, started = process.cpu_times(), _truth(control), time.perf_counter()
    time.sleep(seconds)
    after, counts, elapsed_s = process.cpu_times(), _truth(control), time.perf_counter() - started
    used_s = after.user + after.system - before.user - before.system
    gaze = counts["gaze"] - counted["gaze"]
    return 100 * used_s / elapsed_s, gaze / elapsed_s, counts["late_gaze"] - counted["late_gaze"]


def _truth(control: str) -> dict[str, int]:
    with urllib.request.urlopen(f"{control}/truth", timeout=5) as reply:
        counts: dict[str, int] = json.load(reply)
        return counts


def main() -> int:
    """Measure all cases."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--replay", help="a native recording folder to be replayed as well")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    lines = [
        "| Streamed | Per cent of one core | Gaze per second | of these late |",
        "|---|---|---|---|",
    ]
    cases = dict(CASES)
    if os.environ.get("DISPLAY"):
        cases["this computer's screen, filmed"] = (["--screen", "own"], STREAMS)
    if args.replay is not None:
        cases["a replayed recording, scene drawn"] = (["--replay", args.replay], STREAMS)
    for name, (options, streams) in cases.items():
        cpu, rate, late = measure(options, streams, args.seconds)
        lines.append(f"| {name} | {cpu:.1f} | {rate:.0f} | {late} |")
        print(lines[-1], flush=True)
    if args.write:
        RESULT.write_text(_page(lines, args.seconds), "utf-8")
    return 0


def _page(table: list[str], seconds: float) -> str:
    load = ", ".join(f"{value:.1f}" for value in psutil.getloadavg())
    run = [
        f"{time.strftime('%Y-%m-%d')}, {platform.system()}, {psutil.cpu_count()} cores,",
        f"Python {platform.python_version()}; {seconds:g} s each, from {SETTLE_S:g} s after the",
        f"streams began. Load of the computer at the end, other work included: {load}.",
    ]
    return "\n".join(["# CPU of the simulator", "", _HEAD, *table, "", " ".join(run), _FOOT])


if __name__ == "__main__":
    sys.exit(main())
