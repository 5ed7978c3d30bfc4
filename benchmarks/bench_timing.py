"""How true the times of events are, and whether they arrive: three ways, side by side.

    python dev.py bench timing               # ten minutes
    python benchmarks/bench_timing.py 30     # each run 30 s instead of 180

This client, the makers' recipe (estimate the clock's offset once, take the mean) and the method of
the makers' plugin (the same, every 30 s) send events to one simulated phone at the same time, whose
clock is 7.3 s ahead and gains 40 ppm. What it stored is compared with the true time of the instant
at which the computer's clock was read for the event.

Three runs: a quiet link; a busy one (2-10 ms there, 2-40 ms back); and the busy one with an outage
of 10 s, a step of the phone's clock by 1.5 s and one of the computer's wall clock by 0.5 s.

Writes ``benchmarks/results/timing.md`` and ``.json``.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from slow_link import SlowLink, wifi
from timing_clients import CLIENTS

from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

HERE = Path(__file__).parent
RESULTS = HERE / "results"
SECONDS, EVERY_S = 180.0, 0.5
OUTAGE_S, PHONE_STEP_S = 10.0, 1.5
FAR_ADDRESS = "127.0.0.2"  # a link-local second way to this computer
RUNS = ("quiet link", "busy link", "busy link, outage, both clocks stepped")
NAMES = tuple(CLIENTS)


def run_all(kind: str, seconds: float) -> dict[str, dict[str, Any]]:
    """One run of all three; what came of it, by client."""
    is_rough = kind == RUNS[2]
    host = "127.0.0.1" if kind == RUNS[0] else FAR_ADDRESS
    with contextlib.ExitStack() as open_parts:
        # The makers' client reads the clock at the address that the phone reports.
        options = SimulatorOptions(scene=False, reported_ip=host)
        phone = open_parts.enter_context(SimulatedNeon(options))
        if host == FAR_ADDRESS:
            ports = [phone.port, phone.time_echo_port]
            open_parts.enter_context(SlowLink(host, ports, *wifi(seed=1)))
        phone.state.start_recording()
        time.sleep(1.0)
        wall_step_s = seconds * 0.7 if is_rough else 0.0
        workers = [start(name, host, phone.port, seconds, wall_step_s) for name in NAMES]
        for worker in workers:
            assert worker.stdout is not None and worker.stdin is not None
            assert worker.stdout.readline() == "ready\n"
        if is_rough:
            trouble(phone, seconds)
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        printed = [worker.communicate(timeout=seconds + 120)[0] for worker in workers]
        sent = {
            name: [json.loads(line) for line in text.splitlines() if line.startswith("{")]
            for name, text in zip(NAMES, printed, strict=True)
        }
        return {name: judge(events, phone) for name, events in sent.items()}


def start(
    name: str, host: str, port: int, seconds: float, wall_step_s: float
) -> subprocess.Popen[str]:
    """Start one client, which waits until it is told to go."""
    arguments = [name, host, str(port), str(seconds), str(EVERY_S), str(wall_step_s)]
    return subprocess.Popen(
        [sys.executable, str(HERE / "timing_clients.py"), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def trouble(phone: SimulatedNeon, seconds: float) -> None:
    """Cut the link at a quarter of the run, and set the phone's clock at its middle."""
    timers = [
        threading.Timer(seconds * 0.25, phone.faults.cut_link, (OUTAGE_S,)),
        threading.Timer(seconds * 0.5, phone.faults.step_clock, (PHONE_STEP_S,)),
    ]
    for timer in timers:
        timer.daemon = True
        timer.start()


def judge(sent: list[dict[str, Any]], phone: SimulatedNeon) -> dict[str, Any]:
    """Compare what was sent with what the phone stored."""
    stored: dict[str, list[int]] = {}
    for event in phone.truth.events:
        stored.setdefault(event.name, []).append(event.timestamp_ns)
    errors_ms, beyond, twice, unmarked = [], 0, 0, 0
    for event in sent:
        times = stored.get(event["name"], [])
        twice += len(times) > 1
        unmarked += len(times) > 1 and not event.get("perhaps_twice")
        if times:
            error_ns = abs(times[0] - true_device_ns(phone, event["stamped_host_ns"]))
            errors_ms.append(error_ns / 1e6)
            bound_ns = event.get("bound_ns")
            beyond += bound_ns is not None and error_ns > bound_ns
    bounds_ms = [event["bound_ns"] / 1e6 for event in sent if event.get("bound_ns")]
    kept_ms = sorted(event["kept_ms"] for event in sent)
    return {
        "events": len(sent),
        "lost": sum(event["name"] not in stored for event in sent),
        "stored twice": twice,
        "stored twice and not marked": unmarked,
        "error_median_ms": statistics.median(errors_ms),
        "error_worst_ms": max(errors_ms),
        "beyond_own_bound": beyond if bounds_ms else None,
        "bound_median_ms": statistics.median(bounds_ms) if bounds_ms else None,
        "bound_worst_ms": max(bounds_ms) if bounds_ms else None,
        "caller_kept_median_ms": statistics.median(kept_ms),
        "caller_kept_worst_ms": kept_ms[-1],
        "states": Counter(event["state"][:40] for event in sent),
    }


def true_device_ns(phone: SimulatedNeon, host_ns: int) -> int:
    """When it was for the phone, by the line of its clock that held then."""
    lines = [line for line in phone.truth.clocks if line.zero_host_ns <= host_ns]
    return (lines or phone.truth.clocks)[-1].device_ns(host_ns)


def write(results: dict[str, Any]) -> None:
    """Save all figures, and a table."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / "timing.json").write_text(text, "utf-8")
    lines = [results["about"], ""]
    lines += [
        "| run | method | events | lost | twice | error, median (ms) | worst (ms) "
        "| beyond own bound | bound, median (ms) | caller kept, worst (ms) |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, clients in results["runs"].items():
        for name, found in clients.items():
            bound = found["bound_median_ms"]
            cells = [
                kind,
                name,
                str(found["events"]),
                str(found["lost"]),
                str(found["stored twice"]),
                f"{found['error_median_ms']:.3g}",
                f"{found['error_worst_ms']:.3g}",
                "-" if bound is None else str(found["beyond_own_bound"]),
                "-" if bound is None else f"{bound:.2g}",
                f"{found['caller_kept_worst_ms']:.3g}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    table = "\n".join(lines) + "\n"
    (RESULTS / "timing.md").write_text(table, "utf-8")
    print("\n" + table)


def main(seconds: float) -> int:
    """Do all runs and write the table."""
    runs = {}
    for kind in RUNS:
        print(f"{kind}: {seconds:g} s", flush=True)
        runs[kind] = run_all(kind, seconds)
    about = (
        f"{datetime.date.today()}, {platform.system()}, Python {platform.python_version()}, "
        f"official client 1.9.0; {seconds:g} s each, an event every {EVERY_S:g} s."
    )
    write({"about": about, "runs": runs})
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
