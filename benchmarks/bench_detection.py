"""Whether the search for the window in the scene pictures delays gaze.

    python dev.py bench detection           # five rounds, about eight minutes
    python benchmarks/bench_detection.py 9  # so many rounds

Each round reads every gaze sample for twenty seconds alone, with the scene video being decoded, and
with the window being searched in its pictures, in turns and each in a process of its own. Latency
is counted from the moment each sample left the simulator, as in `bench_delivery`.

Writes ``benchmarks/results/detection.md``.
"""

from __future__ import annotations

import datetime
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from bench_delivery import RESULTS, Truth, give_way, in_a_process, spread

from psychopy_neon.transport.simulator_process import SimulatorProcess

ROUNDS = 5
LIMIT = 1.2
ALONE, DECODED, SEARCHED = "gaze", "gaze + scene", "gaze + scene + search"
KINDS = (ALONE, DECODED, SEARCHED)
Figures = dict[str, list[dict[str, float]]]


def main(rounds: int) -> int:
    """Run all rounds, write the table; 1 if the search delays gaze by too much."""
    observed = []
    with tempfile.TemporaryDirectory() as folder:
        truth_path = Path(folder) / "truth.jsonl"
        options = ["--truth", str(truth_path), "--log-sends"]
        with SimulatorProcess(options, Path(folder) / "log") as simulator:
            give_way(simulator)
            for number in range(rounds):
                for kind in KINDS if number % 2 else KINDS[::-1]:
                    print(f"round {number + 1}: {kind}", flush=True)
                    seen = in_a_process("ours", "long_latency", kind, simulator.address)
                    observed.append((kind, seen))
        truth = Truth.read(truth_path)
    figures: Figures = {kind: [] for kind in KINDS}
    for kind, seen in observed:
        found = spread("latency", truth.latencies_ms("gaze", seen["gaze"]))
        figures[kind].append({**found, "cpu": seen["cpu_s_per_s"]})
    return write(figures, rounds)


def write(figures: Figures, rounds: int) -> int:
    """Print and save the table of medians over the rounds."""
    ratios = [
        searched["latency, p99"] / decoded["latency, p99"]
        for searched, decoded in zip(figures[SEARCHED], figures[DECODED], strict=True)
    ]
    ratio = statistics.median(ratios)
    lines = [
        f"{datetime.date.today()}, {platform.system()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; medians over {rounds} interleaved rounds.",
        "",
        "| streams | gaze latency, median (ms) | p99 (ms) | processor (s per s) |",
        "|---|---|---|---|",
        *(_row(kind, figures[kind]) for kind in KINDS),
        "",
        f"p99 with the search, as a multiple of that without: {ratio:.2f} (median of the rounds; "
        f"{min(ratios):.2f} to {max(ratios):.2f}); the limit is {LIMIT}.",
        "",
    ]
    text = "\n".join(lines)
    (RESULTS / "detection.md").write_text(text, "utf-8")
    print("\n" + text)
    return int(ratio > LIMIT)


def _row(kind: str, rounds: list[dict[str, float]]) -> str:
    names = ("latency, median", "latency, p99", "cpu")
    medians = [statistics.median(each[name] for each in rounds) for name in names]
    return f"| {kind} | {' | '.join(f'{median:.3f}' for median in medians)} |"


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
