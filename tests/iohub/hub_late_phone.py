"""A session with ioHub whose phone appears only after the first attempt to reach it failed.

    python hub_late_phone.py FOLDER

Reads ``choices.json`` of that folder, and writes what it saw into ``results.json``.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psychopy import clock, core
from psychopy.iohub import launchHubServer

from psychopy_neon.transport.simulator_process import SimulatorProcess

KEY = "eyetracker.neon_realtime.EyeTracker"
TIMEOUT_S = 15.0


def free_port() -> int:
    """A port that stays free: the system gives those from 32768 on to whoever connects."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port")


def wait(condition: Callable[[], object]) -> None:
    deadline_s = time.perf_counter() + TIMEOUT_S
    while not condition():
        if time.perf_counter() > deadline_s:
            raise TimeoutError("something that was waited for did not happen")
        core.wait(0.02, hogCPUperiod=0.0)


def use_early(tracker: Any) -> dict[str, Any]:
    wait(lambda: tracker.neon_status()["state"] == "failed")
    seen = {
        "start_recording": tracker.neon_start_recording(),
        "set_recording": tracker.setRecordingState(True),
        "raw_s": clock.getTime(),
    }
    seen["event"] = tracker.neon_send_event("before the phone came", seen["raw_s"])
    return seen


def use_late(tracker: Any) -> dict[str, Any]:
    wait(tracker.isConnected)
    seen = {"later_event": tracker.neon_send_event("after the phone came", clock.getTime())}
    wait(lambda: tracker.neon_events()["confirmed"] == 2)
    wait(tracker.getLastSample)
    before_ns, raw_s = time.perf_counter_ns(), clock.getTime()
    seen["raw_clock"] = [before_ns, raw_s, time.perf_counter_ns()]
    seen["status"] = tracker.neon_status()
    seen["recording"] = tracker.neon_recording()
    return seen


def main() -> None:
    folder = Path(sys.argv[1])
    choices = json.loads((folder / "choices.json").read_text("utf-8"))
    port = free_port()
    device = {KEY: {"name": "tracker", "runtime_settings": {"address": f"127.0.0.1:{port}"}}}
    hub = launchHubServer(udp_port=choices["udp_port"], **device)
    tracker = hub.devices.tracker
    seen = {"early": use_early(tracker)}
    arguments = ["--port", str(port), "--no-scene", "--truth", str(folder / "truth.jsonl")]
    with SimulatorProcess(arguments, folder / "simulator.log"):
        seen["late"] = use_late(tracker)
        began_s = time.perf_counter()
        hub.quit()
        seen["quit_s"] = time.perf_counter() - began_s
    (folder / "results.json").write_text(json.dumps(seen), "utf-8")


if __name__ == "__main__":
    main()
