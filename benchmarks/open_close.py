"""Open and close a device many times: nothing is left behind.

    python benchmarks/open_close.py --times 200

The simulator runs in a process of its own. Each time all streams run, and of three a sample is
read. Prints a table with a verdict in each line, and ends with status 1 if one of them is bad.
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
from psychopy_neon.transport.simulator_process import SimulatorProcess

READ = ("gaze", "scene", "eyes")
STARTED = ("imu", "eye_events", "audio")
# From the first half to the second, medians. Each time hold 40 MB; what glibc keeps of them for
# itself depends on which thread gets which of its arenas, and differs by some MB to and fro.
MAX_GROWTH_MB = 8.0
LONGEST_CLOSE_S = 2.0


@dataclass(frozen=True)
class Left:
    """What this process has after a device was closed."""

    memory_mb: float
    threads: int
    files: int
    close_s: float


def open_and_close(address: str) -> Left:
    """Open, read and close once."""
    neon = Neon.connect(address)
    for name in (*STARTED, *READ):
        getattr(neon, name).start()
    for name in READ:
        assert getattr(neon, name).read(30.0) is not None, f"no {name}"
    started_s = time.perf_counter()
    neon.close()
    close_s = time.perf_counter() - started_s
    del neon
    process = psutil.Process()
    files = process.num_fds() if os.name == "posix" else process.num_handles()
    return Left(process.memory_info().rss / 1e6, threading.active_count(), files, close_s)


def lines_of(left: list[Left]) -> list[tuple[str, str, bool]]:
    """What was found, and whether it is good."""
    first, last, half = left[0], left[-1], len(left) // 2
    before_mb, after_mb = (
        statistics.median(one.memory_mb for one in part) for part in (left[:half], left[half:])
    )
    slowest_s = max(one.close_s for one in left)
    return [
        (
            f"memory, median of each half (at most {MAX_GROWTH_MB:g} MB more)",
            f"{before_mb:.1f} -> {after_mb:.1f} MB",
            after_mb - before_mb <= MAX_GROWTH_MB,
        ),
        ("threads", f"{first.threads} -> {last.threads}", last.threads <= first.threads),
        ("files and sockets", f"{first.files} -> {last.files}", last.files <= first.files),
        (
            f"longest close (at most {LONGEST_CLOSE_S:g} s)",
            f"{slowest_s:.2f} s",
            slowest_s <= LONGEST_CLOSE_S,
        ),
    ]


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=200, help="default: %(default)s")
    times = max(2, parser.parse_args().times)
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatorProcess(["--microphone"], Path(folder) / "log") as simulator,
    ):
        lines = lines_of([open_and_close(simulator.address) for _ in range(times)])
    print(f"Opened and closed {times} times, all streams\n")
    for what, found, is_good in lines:
        print(f"{what:<52} {found:>20}  {'PASS' if is_good else 'FAIL'}")
    is_good = all(good for *_, good in lines)
    print(f"\nVerdict: {'PASS' if is_good else 'FAIL'}\n")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
