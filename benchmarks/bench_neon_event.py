"""What a Neon Event costs a frame loop through ioHub, as Builder's scripts send it.

    python dev.py bench neon_event

A window, ioHub with the glasses, the simulator; flips 60 times a second by the clock. Every tenth
frame has an event with its flip, every tenth one without; the others show what the log of the flips
costs alone. Measured is the time that the experiment is kept: in `send`, in `send_on_flip`, and in
what the window calls at its flip. Once the loop sleeps until the flip, as while a driver waits for
the refresh; once it keeps Python busy; and once it sends one event after the other, without frames.
As a measure of the computer, each loop also reads PsychoPy's clock, which all events need: a
processor that did something else in between needs many times longer for whatever it does first.
Writes ``benchmarks/results/neon_event.md``.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

RESULTS = HERE / "results" / "neon_event.md"
PERIOD_NS = round(1e9 / 60)
SPIN_NS = 300_000
EVERY = 10
WARM_UP = 10
LIMIT_S = 120.0
ROW = 2_000
WAYS = {
    "sleep": "asleep until the flip",
    "busy": "busy until the flip",
    "row": "one after the other",
}
TITLES = {
    "clock": "one reading of PsychoPy's clock, for comparison",
    "send": "`send()`",
    "send_on_flip": "`send_on_flip()`",
    "flip with event": "at the flip, with an event",
    "flip": "at the flip, without one (log of the flips)",
}

Kept = dict[str, list[float]]


def loop(way: str, address: str, seconds: float, results: Path) -> None:
    """Show frames and send events; write for how long each call kept the loop, microseconds."""
    from psychopy import clock, data, visual
    from psychopy.iohub import launchHubServer

    from psychopy_neon.runtime import NeonEvent, NeonRecording, connect

    win = visual.Window((640, 360), fullscr=False, checkTiming=False)
    settings = {"address": address, "journal": str(results.with_name("run_neon_events.jsonl"))}
    device = {"name": "tracker", "runtime_settings": settings}
    hub = launchHubServer(
        window=win,
        udp_port=random.randint(20_000, 60_000),
        experiment_code="bench",
        datastore_name=str(results.with_name("bench")),
        **{"eyetracker.neon_realtime.EyeTracker": device},
    )
    tracker = connect(hub.devices.tracker)
    exp = data.ExperimentHandler(savePickle=False, saveWideText=False)
    NeonRecording(tracker, win=win, exp=exp).start()
    event = NeonEvent(win, tracker, exp=exp, eventName="on", eventData={"trial": 3, "word": "a"})
    kept: Kept = {name: [] for name in TITLES}
    if way == "row":
        for _ in range(ROW):
            kept["clock"].append(_kept_us(clock.getTime))
            kept["send"].append(_kept_us(event.send))
        seconds = 0.0
    _measure_calls_at_flips(win, kept)
    dot = visual.Circle(win, radius=0.1)
    due_ns = time.perf_counter_ns()
    for number in range(round(seconds * 60)):
        dot.draw()
        due_ns = max(due_ns + PERIOD_NS, time.perf_counter_ns())
        _wait(due_ns, SPIN_NS if way == "sleep" else PERIOD_NS)
        if number % EVERY == 0:
            kept["send_on_flip"].append(_kept_us(event.send_on_flip))
        if number % EVERY == 1:
            kept["clock"].append(_kept_us(clock.getTime))
        if number % EVERY == EVERY // 2:
            kept["send"].append(_kept_us(event.send))
        win.flip()
        if number % 60 == 59:
            event.end_routine()
            exp.nextEntry()
    results.write_text(json.dumps(kept), "utf-8")
    tracker.close()
    hub.quit()
    win.close()


def _wait(due_ns: int, spin_ns: int) -> None:
    while due_ns - time.perf_counter_ns() > spin_ns:
        time.sleep(max(0.0, (due_ns - time.perf_counter_ns() - spin_ns) / 1e9))
    while time.perf_counter_ns() < due_ns:
        pass


def _kept_us(call: Callable[[], Any]) -> float:
    started_ns = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - started_ns) / 1e3


def _measure_calls_at_flips(win: Any, kept: Kept) -> None:
    """Add up what the window calls at each flip."""
    call_on_flip, flip, sums = win.callOnFlip, win.flip, [0.0, 0]

    def measured(function: Callable[..., Any], *args: Any) -> None:
        sums[0] += _kept_us(lambda: function(*args))
        sums[1] += 1

    def flip_and_note() -> None:
        sums[:] = 0.0, 0
        flip()
        if sums[1]:
            kept["flip with event" if sums[1] > 1 else "flip"].append(sums[0])

    win.callOnFlip = lambda function, *args: call_on_flip(measured, function, *args)
    win.flip = flip_and_note


def run(way: str, seconds: float) -> Kept:
    """One loop in a process of its own, with a simulator of its own."""
    from psychopy_neon.transport.simulator_process import SimulatorProcess

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with SimulatorProcess(["--no-scene"], folder / "simulator.log") as simulator:
            address = simulator.address.split("//")[-1]
            command = [sys.executable, __file__, "--loop", way, address]
            command += ["--seconds", str(seconds), "--results", str(folder / "kept.json")]
            subprocess.run(command, check=True, timeout=LIMIT_S, stdout=subprocess.DEVNULL)
        kept: Kept = json.loads((folder / "kept.json").read_text("utf-8"))
        return kept


def table(found: dict[str, Kept]) -> list[str]:
    """Median and 99th percentile, microseconds."""
    titles = [f"{WAYS[way]}, {what}" for way in found for what in ("median", "99 %")]
    lines = [f"| kept for (us) | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    for name, title in TITLES.items():
        cells = [cell for way in found for cell in _spread(found[way][name])]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def _spread(kept_us: list[float]) -> tuple[str, str]:
    ordered = sorted(kept_us[WARM_UP:])
    if not ordered:
        return "", ""
    return f"{ordered[len(ordered) // 2]:.1f}", f"{ordered[int(len(ordered) * 0.99)]:.1f}"


def main() -> int:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=25.0, help="of each loop (default: 25)")
    parser.add_argument("--loop", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--results", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.loop:
        loop(*args.loop, args.seconds, args.results)
        return 0
    lines = table({way: run(way, args.seconds) for way in WAYS})
    about = (
        f"{datetime.date.today()}, {platform.system()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, load {os.getloadavg()[0]:.1f}; {args.seconds:g} s each. "
        "See `bench_neon_event.py` for what is measured."
    )
    text = "\n".join(["# What a Neon Event costs a frame loop", "", *lines, "", about, ""])
    RESULTS.write_text(text, "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
