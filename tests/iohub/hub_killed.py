"""A session with ioHub in which one of the two processes is killed between events.

    python hub_killed.py FOLDER

Reads ``choices.json`` of that folder: ``kill`` is "experiment" or "iohub". Writes what it saw into
``results.json``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from psychopy import core, data
from psychopy.iohub import launchHubServer

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.runtime import NeonEvent, NeonRecording, connect
from psychopy_neon.runtime.first_status import require_own_hub
from psychopy_neon.transport.simulator_process import SimulatorProcess

KEY = "eyetracker.neon_realtime.EyeTracker"
TIMEOUT_S = 60.0
EVENTS, EVENTS_BEFORE = 300, 100
PAUSE_S = 0.003


def wait(condition: Callable[[], object]) -> None:
    deadline_s = time.perf_counter() + TIMEOUT_S
    while not condition():
        if time.perf_counter() > deadline_s:
            raise TimeoutError("something that was waited for did not happen")
        core.wait(0.01, hogCPUperiod=0.0)


def launch(folder: Path, settings: dict[str, Any], **more: Any) -> Any:
    device = {KEY: {"name": "tracker", "runtime_settings": settings}}
    port = json.loads((folder / "choices.json").read_text("utf-8"))["udp_port"]
    return launchHubServer(udp_port=port, experiment_code="killed", **more, **device)


class Experiment:
    """Sends events to the end, if it may."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        settings = {"address": address, "journal": str(folder / "run_neon_events.jsonl")}
        self.hub = launch(folder, settings, datastore_name=str(folder / "run"))
        self.exp = data.ExperimentHandler(dataFileName=str(folder / "run"), savePickle=False)
        view = self.hub.devices.tracker
        self.tracker = connect(view)
        NeonRecording(view, exp=self.exp).start()
        wait(lambda: self.tracker.recording()["state"] == "recording")
        self.event = NeonEvent(None, view, exp=self.exp, name="onset")

    def send(self, numbers: range) -> None:
        with (self.folder / "sent.txt").open("a") as done:
            for number in numbers:
                self.event.setEventData({"trial": number})
                self.event.send(f"event {number}")
                self.exp.nextEntry()
                print(number, file=done, flush=True)
                core.wait(PAUSE_S, hogCPUperiod=0.0)


def run_to_be_killed(folder: Path, address: str) -> None:
    experiment = Experiment(folder, address)
    (folder / "hub.pid").write_text(str(experiment.hub._server_process.pid))
    experiment.send(range(EVENTS))


def kill_experiment(folder: Path, address: str) -> dict[str, Any]:
    """An experiment that nobody waits for: it stays in the list of processes."""
    experiment = subprocess.Popen([sys.executable, __file__, str(folder), address])
    sent, truth, pid = folder / "sent.txt", folder / "truth.jsonl", folder / "hub.pid"
    wait(lambda: pid.exists() and pid.read_text())
    wait(lambda: sent.exists() and len(sent.read_text().split()) > EVENTS_BEFORE)
    killed_s = time.perf_counter()
    experiment.kill()
    wait(lambda: '"stop_and_save"' in truth.read_text("utf-8"))
    wait(lambda: not list(folder.glob("*handed_over*")))
    wait(lambda: has_ended(int(pid.read_text())))
    ended_after_s = time.perf_counter() - killed_s
    experiment.wait()
    number = len(sent.read_text().split())
    return {"sent": number, "ended_after_s": ended_after_s}


def has_ended(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def run_beside_another(folder: Path, address: str) -> None:
    """An experiment on the port of one that runs."""
    hub = launch(folder, {"address": address}, datastore_name=str(folder / "next"))
    try:
        connect(hub.devices.tracker)
        print("its own")
        hub._server_process.kill()  # a word at the end would reach the other one as well
        hub._server_process.wait()
    except NeonConnectionError as error:
        print(error)
    hub._shutdown_attempted = True


def kill_iohub(folder: Path, address: str) -> dict[str, Any]:
    experiment = Experiment(folder, address)
    experiment.send(range(EVENTS_BEFORE))
    experiment.tracker.collect_outcomes()
    other = subprocess.run(
        [sys.executable, __file__, str(folder), address, "other"], capture_output=True, text=True
    )
    try:
        require_own_hub(experiment.tracker._link)
        own = "its own"
    except NeonConnectionError as error:
        own = str(error)
    experiment.hub._server_process.kill()
    experiment.hub._server_process.wait()
    experiment.send(range(EVENTS_BEFORE, EVENTS))
    experiment.tracker.close()
    entries = experiment.exp.entries
    return {
        "told": [own, other.stdout],
        "states": [entry["onset.state"] for entry in entries],
        "numbers": [entry["onset.number"] for entry in entries],
        "summaries": sorted({entry["neon.events"] for entry in entries}),
    }


def main(folder: Path) -> None:
    choices = json.loads((folder / "choices.json").read_text("utf-8"))
    arguments = ["--no-scene", "--truth", str(folder / "truth.jsonl")]
    with SimulatorProcess(arguments, folder / "simulator.log") as simulator:
        kill = {"experiment": kill_experiment, "iohub": kill_iohub}[choices["kill"]]
        seen = kill(folder, simulator.address)
    (folder / "results.json").write_text(json.dumps(seen), "utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 3:
        run_beside_another(Path(sys.argv[1]), sys.argv[2])
    elif len(sys.argv) > 2:
        run_to_be_killed(Path(sys.argv[1]), sys.argv[2])
    else:
        main(Path(sys.argv[1]))
