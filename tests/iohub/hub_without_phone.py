"""A session with ioHub that never finds its glasses.

    python hub_without_phone.py FOLDER

Reads ``choices.json`` of that folder, and writes what it saw into ``results.json``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from psychopy import clock, core
from psychopy.iohub import launchHubServer

from psychopy_neon.exceptions import NeonError
from psychopy_neon.runtime import connect

KEY = "eyetracker.neon_realtime.EyeTracker"
TIMEOUT_S = 30.0


def wait_for_an_outcome(tracker: Any) -> dict[str, Any]:
    deadline_s = time.perf_counter() + TIMEOUT_S
    while (status := dict(tracker.neon_status()))["state"] == "connecting":
        if time.perf_counter() > deadline_s:
            break
        core.wait(0.02, hogCPUperiod=0.0)
    return status


def use_in_vain(tracker: Any) -> dict[str, Any]:
    return {
        "connected": tracker.isConnected(),
        "set_connection": tracker.setConnectionState(True),
        "set_recording": tracker.setRecordingState(True),
        "enabled": tracker.isRecordingEnabled(),
        "sample": tracker.getLastSample(),
        "gaze": tracker.getLastGazePosition(),
        "position": tracker.getPos(),
        "tracker_time": tracker.trackerTime(),
        "event": tracker.neon_send_event("early", clock.getTime()),
        "message": tracker.sendMessage("early, too"),
        "events": tracker.neon_events(),
        "start_recording": tracker.neon_start_recording(),
        "recording": tracker.neon_recording(),
        "stop_recording": tracker.neon_stop_recording(False),
        "status": tracker.neon_status(),
        "check": check_in_vain(tracker),
    }


def check_in_vain(tracker: Any) -> dict[str, Any]:
    begun = tracker.neon_check_begin()
    return {
        "picture": Path(begun["path"]).exists(),
        "facts": tracker.neon_check_facts(),
        "again": tracker.neon_check_again(),
        "note": tracker.neon_note_check({"verdict": "not ready"}),
        "end": tracker.neon_check_end(),
        "picture_after": Path(begun["path"]).exists(),
    }


def connection_error(tracker: Any) -> str:
    try:
        connect(tracker)
    except NeonError as error:
        return str(error)
    return ""


def main() -> None:
    folder = Path(sys.argv[1])
    choices = json.loads((folder / "choices.json").read_text("utf-8"))
    began_s = time.perf_counter()
    settings = {"journal": str(folder / "journal.jsonl"), **choices["runtime_settings"]}
    device = {KEY: {"name": "tracker", "runtime_settings": settings}}
    hub = launchHubServer(udp_port=choices["udp_port"], **device)
    seen: dict[str, Any] = {"launch_s": time.perf_counter() - began_s}
    tracker, server = hub.devices.tracker, hub._server_process
    seen["outcome"] = wait_for_an_outcome(tracker)
    seen["outcome_s"] = time.perf_counter() - began_s - seen["launch_s"]
    seen["use"] = use_in_vain(tracker)
    seen["connection_error"] = connection_error(tracker)
    began_s = time.perf_counter()
    hub.quit()
    seen["quit_s"] = time.perf_counter() - began_s
    seen["hub_code"] = server.poll()
    (folder / "results.json").write_text(json.dumps(seen), "utf-8")


if __name__ == "__main__":
    main()
