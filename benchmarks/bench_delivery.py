"""How quickly gaze and events get through, and at what cost: this client beside the makers' one.

    python dev.py bench delivery           # everything, about 18 minutes
    python benchmarks/bench_delivery.py 1  # one round instead of five

All clients talk to the same simulator, in turns, each in a process of its own. The simulator runs
apart, too, gives way to them, and writes down when each sample really left. Latency and age are
counted from there, so that the simulator's own pace does not count.

Writes ``benchmarks/results/delivery.md`` and ``.json``, and the main rows into the README.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from psychopy_neon.transport.simulator_process import SimulatorProcess

HERE = Path(__file__).parent
RESULTS = HERE / "results"
ROUNDS = 5
LIMIT_S = 120
NEAR_NS = 1_000  # the makers' client gives times as floating point numbers
BOTH = ("official", "ours")
ALL_STREAMS = "gaze + scene + eyes"
COLUMNS = ("official", "ours", "official / ours", "ours, in ioHub", "bare")
MEDIAN, P99 = ", median", ", p99"
README = HERE.parent / "README.md"
README_BEGIN, README_END = "<!-- bench delivery: begin -->", "<!-- bench delivery: end -->"
NOT_IN_README = re.compile(
    r"(latency|sample|memory|sleeping 60 Hz loop), gaze \+ scene \(|sleeping .*, gaze \(|CPU, 60 Hz"
)

# Task, streams, clients.
RUNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("latency", "gaze", (*BOTH, "bare")),
    ("latency", "gaze + scene", BOTH),
    ("latency", ALL_STREAMS, BOTH),
    ("frames", "gaze", BOTH),
    ("frames", "gaze + scene", BOTH),
    ("frames", ALL_STREAMS, BOTH),
    ("spin", "gaze + scene", (*BOTH, "ours, in ioHub")),
    ("spin", "gaze + scene + search", ("ours", "ours, in ioHub")),
    ("picture", "gaze + scene", BOTH),
    ("pairs", "gaze + scene", BOTH),
    ("events", "gaze", BOTH),
)


@dataclass
class Truth:
    """What the simulator wrote down.

    Attributes
    ----------
    clock : dict
        Relation of the phone's clock to the host's.
    sent : dict of str to dict of int to int
        Stream -> time of the sample on the phone's clock -> when it left, host clock; both ns.
    """

    clock: dict[str, Any]
    sent: dict[str, dict[int, int]] = field(default_factory=dict)
    order: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Truth:
        lines = [json.loads(text) for text in path.read_text("utf-8").splitlines()]
        truth = cls(next(line for line in lines if line["kind"] == "clock"))
        for line in lines:
            if line["kind"] == "sent":
                truth.sent.setdefault(line["stream"], {})[line["device_ns"]] = line["host_ns"]
        truth.order = {stream: sorted(sent) for stream, sent in truth.sent.items()}
        return truth

    def nearest(self, stream: str, device_ns: int) -> int:
        """Time of the sample that was sent nearest in time."""
        order = self.order[stream]
        following = bisect_left(order, device_ns)
        return min(order[max(0, following - 1) : following + 1], key=lambda ns: abs(ns - device_ns))

    def host_ns(self, device_ns: int) -> float:
        """When an instant of the phone's clock was for the host."""
        passed_ns = (device_ns - self.clock["zero_device_ns"]) / (
            1 + self.clock["drift_ppm"] * 1e-6
        )
        return float(self.clock["zero_host_ns"] + passed_ns)

    def latencies_ms(self, stream: str, seen: Iterable[tuple[int, int]]) -> list[float]:
        """From the moment each sample left to the moment the caller had it."""
        latencies = []
        for device_ns, had_host_ns in seen:
            sent_ns = self.nearest(stream, device_ns)
            if abs(sent_ns - device_ns) <= NEAR_NS:
                latencies.append((had_host_ns - self.sent[stream][sent_ns]) / 1e6)
        return latencies

    def ages_ms(self, used: Iterable[tuple[int, int]]) -> list[float]:
        """From the moment each sample left to the moment it was used, perhaps again."""
        sent_ns = self.sent["gaze"]
        return [
            (used_ns - sent_ns[self.nearest("gaze", device_ns)]) / 1e6
            for device_ns, used_ns in used
        ]

    def beyond_nearest_ms(self, pairs: Iterable[tuple[int, int] | None]) -> list[float]:
        """How much farther apart each pair is than it had to be."""
        beyond = []
        for scene_ns, gaze_ns in filter(None, pairs):
            least_ns = abs(self.nearest("gaze", scene_ns) - scene_ns)
            beyond.append(max(0.0, (abs(gaze_ns - scene_ns) - least_ns - NEAR_NS) / 1e6))
        return beyond


# -- from observations to figures -----------------------------------------------------------------


def figures(task: str, streams: str, seen: dict[str, Any], truth: Truth) -> dict[str, float]:
    """What one run of one client comes to, named as in the table."""
    if task == "latency":
        found = spread(f"gaze latency, {streams} (ms)", truth.latencies_ms("gaze", seen["gaze"]))
        found[f"CPU, reading each sample, {streams} (s per s)"] = seen["cpu_s_per_s"]
        found[f"resident memory, {streams} (MB)"] = seen["memory_mb"]
        return found
    if task == "picture":
        return spread(
            "scene picture, from its last packet (ms)", truth.latencies_ms("world", seen["world"])
        )
    if task == "events":
        return {
            **spread("caller kept by send_event, in a busy loop (us)", seen["busy"]),
            **spread("caller kept by send_event, after a sleep (us)", seen["slept"]),
            **spread("caller kept by send_event, one after the other (us)", seen["in a row"]),
        }
    if task == "pairs":
        beyond_ms = truth.beyond_nearest_ms(seen["pairs"])
        return {"scene and gaze farther apart than need be (ms), mean": statistics.mean(beyond_ms)}
    kind = "sleeping" if task == "frames" else "spinning"
    found = spread(
        f"age of gaze in a {kind} 60 Hz loop, {streams} (ms)", truth.ages_ms(seen["used"])
    )
    if task == "frames":
        found[f"CPU, 60 Hz loop, {streams} (s per s)"] = seen["cpu_s_per_s"]
    if task == "frames" and streams == ALL_STREAMS:
        found["samples seen by that loop (%)"] = seen["seen"] / sent_meanwhile(seen, truth) * 100
    return found


def spread(name: str, values: Sequence[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    ordered = sorted(values)
    worst = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return {name + MEDIAN: statistics.median(ordered), name + P99: worst}


def sent_meanwhile(seen: dict[str, Any], truth: Truth) -> int:
    """How many samples left during a frame loop."""
    start_ns, end_ns = seen["used"][0][1], seen["used"][-1][1]
    return sum(start_ns <= host_ns <= end_ns for host_ns in truth.sent["gaze"].values())


# -- all of them ----------------------------------------------------------------------------------


def main(rounds: int) -> int:
    """Run all rounds and write the table."""
    if sys.platform == "linux" and "DISPLAY" not in os.environ:
        sys.exit("bench_delivery starts ioHub, which needs a display: start it with xvfb-run")
    observed = []
    with tempfile.TemporaryDirectory() as folder:
        truth_path = Path(folder) / "truth.jsonl"
        options = ["--truth", str(truth_path), "--log-sends"]
        with SimulatorProcess(options, Path(folder) / "log") as simulator:
            give_way(simulator)
            for number in range(rounds):
                for task, streams, clients in RUNS:
                    for client in clients if number % 2 else clients[::-1]:
                        print(f"round {number + 1}: {task}, {streams}, {client}", flush=True)
                        seen = in_a_process(client, task, streams, simulator.address)
                        observed.append((client, task, streams, seen))
        truth = Truth.read(truth_path)
    collected: dict[str, dict[str, list[float]]] = {}
    for client, task, streams, seen in observed:
        for name, value in figures(task, streams, seen, truth).items():
            collected.setdefault(name, {}).setdefault(client, []).append(value)
    write({"what": about(rounds, truth), "rounds": collected})
    return 0


def give_way(simulator: SimulatorProcess) -> None:
    """Let the simulator have only the time that nobody else wants: a phone is another computer.

    Else whoever waits for a packet also waits until the simulator is done with sending it.
    """
    if sys.platform == "linux":
        for thread in psutil.Process(simulator.pid).threads():
            os.sched_setscheduler(thread.id, os.SCHED_IDLE, os.sched_param(0))


def in_a_process(client: str, task: str, streams: str, address: str) -> dict[str, Any]:
    """Run one task, and return what it printed last."""
    command = [sys.executable, str(HERE / "delivery_tasks.py"), client, task, streams, address]
    # The makers' client prints tracebacks of its own while it works.
    with tempfile.TemporaryFile("w+") as complaints:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=complaints, text=True, timeout=LIMIT_S
        )
        if done.returncode:
            complaints.seek(0)
            raise RuntimeError(f"{client} failed at {task}:\n{complaints.read()}")
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def about(rounds: int, truth: Truth) -> str:
    """Where and when it was measured."""
    late_ms = sorted(
        (host_ns - truth.host_ns(device_ns)) / 1e6
        for device_ns, host_ns in truth.sent["gaze"].items()
    )
    return (
        f"{datetime.date.today()}, {platform.system()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, official client 1.9.0; medians over {rounds} "
        "interleaved rounds. Latencies and ages begin when a sample leaves the simulator, which "
        "gives way to the clients, as a phone is another computer; it sent gaze "
        f"{statistics.median(late_ms):.2f} ms (median) and {late_ms[int(0.99 * len(late_ms))]:.1f} "
        "ms (99 %) after its time. Each sample is read from 8 s after connecting on, as in a "
        "session; the 60 Hz loops begin at once. With *search*, the window is searched in the "
        "scene pictures, which the official client cannot do. *Bare* is one thread that does "
        "nothing but wait for gaze packets."
    )


def write(results: dict[str, Any]) -> None:
    """Save all figures, and the table of their medians."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / "delivery.json").write_text(text, "utf-8")
    table = [results["what"], "", *table_lines(results["rounds"])]
    (RESULTS / "delivery.md").write_text("\n".join(table) + "\n", "utf-8")
    show_in_readme([line for line in table if not NOT_IN_README.search(line)])
    print("\n".join(["", *table]))


def table_lines(collected: dict[str, dict[str, list[float]]]) -> Iterable[str]:
    """One row per quantity: its median and 99th percentile where it has both."""
    yield f"| {' | '.join(['what', *COLUMNS])} |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    for name, by_client in collected.items():
        if name.endswith(P99):
            continue
        worst = collected.get(name.removesuffix(MEDIAN) + P99, {})
        figures = [{client: statistics.median(v) for client, v in by_client.items()}]
        if worst:
            figures.append({client: statistics.median(v) for client, v in worst.items()})
        what = name.removesuffix(MEDIAN) + (", median / p99" if worst else "")
        cells = {c: " / ".join(shown(f[c]) for f in figures) for c in by_client}
        if "official" in by_client:
            cells["official / ours"] = " / ".join(
                f"{f['official'] / f['ours']:.1f}" if f["ours"] > 0 else "-" for f in figures
            )
        yield f"| {' | '.join([what, *(cells.get(column, '') for column in COLUMNS)])} |"


def shown(value: float) -> str:
    """Three digits that count, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def show_in_readme(table: list[str]) -> None:
    """Put the table between the two remarks that say where it belongs."""
    before, rest = README.read_text("utf-8").split(README_BEGIN)
    after = rest.split(README_END)[1]
    middle = "\n".join([README_BEGIN, *table, README_END])
    README.write_text(before + middle + after, "utf-8")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
