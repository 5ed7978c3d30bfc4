"""How quickly gaze and events get through: this client beside the makers' one.

    python dev.py bench delivery

Both clients talk to the same simulator, in turns, each in a process of its own. A sample's latency
is the time from the instant it stands for, on the simulator's clock, to its return to the caller.
The clock of the simulated phone is read from the truth log, not estimated.

Writes ``benchmarks/results/delivery.md`` and ``.json``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 5
SECONDS = 5.0
POLL_HZ = 60
EVENTS = 200
CLIENTS = ("official", "ours")
SCENES = ("gaze", "gaze + scene")
RESULTS = Path(__file__).parent / "results"


# -- one client in a process of its own -----------------------------------------------------------


def work(client: str, scene: str, address: str, clock_line: dict[str, Any]) -> dict[str, Any]:
    """Measure one client once."""
    import psutil

    reader = _official if client == "official" else _ours
    read, poll, send, close = reader(address, with_scene="scene" in scene)
    process = psutil.Process()
    used_s, started_s = sum(process.cpu_times()[:2]), time.perf_counter()
    latencies_ms = [_latency_ms(clock_line, device_ns) for device_ns in read(SECONDS)]
    passed_s = time.perf_counter() - started_s
    used_s = sum(process.cpu_times()[:2]) - used_s
    ages_ms, seen = _poll_like_a_frame_loop(clock_line, poll)
    blocked_us = sorted(_blocked_us(send) for _ in range(EVENTS))
    result = {
        "latency_median_ms": statistics.median(latencies_ms),
        "latency_p99_ms": _percentile(sorted(latencies_ms), 0.99),
        "frame_loop_age_median_ms": statistics.median(ages_ms),
        "frame_loop_age_p99_ms": _percentile(sorted(ages_ms), 0.99),
        "frame_loop_seen_percent": 100 * seen / (SECONDS * 200),
        "cpu_s_per_s": used_s / passed_s,
        "memory_mb": process.memory_info().rss / 1e6,
        "event_blocks_median_us": statistics.median(blocked_us),
        "event_blocks_p99_us": _percentile(blocked_us, 0.99),
    }
    close()
    return result


def _poll_like_a_frame_loop(
    clock_line: dict[str, Any], poll: Callable[[], tuple[int | None, int]]
) -> tuple[list[float], int]:
    """Read the newest sample 60 times a second; also count the samples the caller got to see."""
    ages_ms, seen = [], 0
    due_s = time.perf_counter()
    for _ in range(round(SECONDS * POLL_HZ)):
        due_s += 1 / POLL_HZ
        time.sleep(max(0.0, due_s - time.perf_counter()))
        device_ns, count = poll()
        seen += count
        if device_ns is not None:
            ages_ms.append(_latency_ms(clock_line, device_ns))
    return ages_ms, seen


def _blocked_us(send: Callable[[str], Any]) -> float:
    time.sleep(0.005)
    started_ns = time.perf_counter_ns()
    send("benchmark")
    return (time.perf_counter_ns() - started_ns) / 1e3


def _latency_ms(line: dict[str, Any], device_ns: int) -> float:
    passed_ns = (device_ns - line["zero_device_ns"]) / (1 + line["drift_ppm"] * 1e-6)
    return (time.perf_counter_ns() - line["zero_host_ns"] - passed_ns) / 1e6


def _ours(address: str, *, with_scene: bool) -> tuple[Any, ...]:
    from psychopy_neon import Neon

    neon = Neon.connect(address)
    if with_scene:
        assert neon.scene.read(20.0) is not None
    neon.recording.start()
    while neon.gaze.read(5.0).provisional:
        pass
    reader = neon.gaze.reader()

    def read(seconds: float) -> Any:
        reader.drain()
        end_s = time.perf_counter() + seconds
        while time.perf_counter() < end_s:
            yield reader.read(5.0).device_ns

    def poll() -> tuple[int | None, int]:
        samples = reader.drain()
        return (samples[-1].device_ns if samples else None), len(samples)

    return read, poll, neon.send_event, neon.close


def _official(address: str, *, with_scene: bool) -> tuple[Any, ...]:
    from pupil_labs.realtime_api.simple import Device

    device = Device(*address.split(":"))
    if with_scene:
        assert device.receive_scene_video_frame(timeout_seconds=20.0) is not None
    device.receive_gaze_datum(timeout_seconds=10.0)
    device.recording_start()

    def read(seconds: float) -> Any:
        end_s = time.perf_counter() + seconds
        while time.perf_counter() < end_s:
            yield device.receive_gaze_datum(timeout_seconds=5.0).timestamp_unix_ns

    def poll() -> tuple[int | None, int]:
        sample = device.receive_gaze_datum(timeout_seconds=0)
        return (None, 0) if sample is None else (sample.timestamp_unix_ns, 1)

    def close() -> None:
        device.recording_stop_and_save()
        device.close()

    return read, poll, device.send_event, close


# -- all of them ----------------------------------------------------------------------------------


def main() -> int:
    """Run all rounds and write the table."""
    from psychopy_neon.demos.simulator_process import SimulatorProcess

    collected: dict[tuple[str, str], list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        truth = Path(folder) / "truth.jsonl"
        with SimulatorProcess(["--truth", str(truth)], Path(folder) / "log") as simulator:
            clock_line = _clock_line(truth)
            for number in range(ROUNDS):
                for scene in SCENES:
                    for client in CLIENTS if number % 2 else CLIENTS[::-1]:
                        print(f"round {number + 1} of {ROUNDS}: {client}, {scene}", flush=True)
                        result = _in_a_process(client, scene, simulator.address, clock_line)
                        collected.setdefault((scene, client), []).append(result)
    medians = {
        scene: {client: _medians(collected[scene, client]) for client in CLIENTS}
        for scene in SCENES
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "delivery.json").write_text(json.dumps(medians, indent=2) + "\n", encoding="utf-8")
    table = _table(medians)
    (RESULTS / "delivery.md").write_text(table, encoding="utf-8")
    print(table)
    return 0


def _in_a_process(client: str, scene: str, address: str, line: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, __file__, "--worker", client, scene, address, json.dumps(line)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _clock_line(truth: Path) -> dict[str, Any]:
    with truth.open(encoding="utf-8") as file:
        return next(line for text in file if (line := json.loads(text))["kind"] == "clock")


def _medians(results: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(r[name] for r in results) for name in results[0]}


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _table(medians: dict[str, dict[str, dict[str, float]]]) -> str:
    lines = [
        f"Median of {ROUNDS} interleaved rounds of {SECONDS:g} s.",
        "",
        "| what | streams | official 1.9.0 | ours | official / ours |",
        "|---|---|---|---|---|",
    ]
    for scene, clients in medians.items():
        for name, official in clients["official"].items():
            ours = clients["ours"][name]
            ratio = f"{official / ours:.1f}" if ours else "-"
            what = name.replace("_", " ")
            lines.append(f"| {what} | {scene} | {official:.3g} | {ours:.3g} | {ratio} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", nargs=4, metavar=("CLIENT", "SCENE", "ADDRESS", "CLOCK"))
    args = parser.parse_args()
    if args.worker is None:
        sys.exit(main())
    print(json.dumps(work(*args.worker[:3], json.loads(args.worker[3]))))
