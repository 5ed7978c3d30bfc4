"""A Builder experiment that measures the display's lag, before simulated glasses that film it.

python hub_display_lag.py FOLDER
"""

from __future__ import annotations

import contextlib
import csv
import functools
import json
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

from psychopy import clock, plugins

from psychopy_neon.clock.experiment_clock import pair
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

KEY = "eyetracker.neon_realtime.EyeTracker"
CHANGES = 36
LAG_S = 0.0234
PAUSE_S = 0.004
SETTINGS = {
    "eyetracker": KEY,
    "Full-screen window": False,
    "Window size (pixels)": [1280, 720],
    "Show info dlg": False,
    "measureFrameRate": False,
    "frameRate": 60,
    "keyboardBackend": "ioHub",
    "Monitor": "testMonitor",
}


def export(folder: Path, port: int) -> Path:
    """Write the script of an experiment: the measurement, and a trial with an event."""
    plugins.activatePlugins()
    from psychopy.experiment import Experiment, getAllComponents

    from psychopy_neon.builder_components.neon_display_lag import NeonDisplayLagRoutine

    exp, components = Experiment(), getAllComponents(fetchIcons=False)
    for name, value in SETTINGS.items():
        exp.settings.params[name].val = value
    choices = {"mode": "frame", "changes": CHANGES, "otherwise": LAG_S}
    lag = NeonDisplayLagRoutine(exp, name="neonDisplayLag", **choices)
    exp.addStandaloneRoutine("neonDisplayLag", lag)
    exp.flow.addRoutine(lag, 0)
    trial = exp.addRoutine("trial")
    exp.flow.addRoutine(trial, 1)
    text, rec, event = (
        components[f"{kind}Component"](exp, "trial", name=name)
        for kind, name in (("Text", "text"), ("NeonRecording", "rec"), ("NeonEvent", "event"))
    )
    for component in (text, rec, event):
        trial.addComponent(component)
    text.params["stopVal"].val = 1.0
    event.params["displayLag"].val = "neonDisplayLag.lag"
    event.params["displayLag"].updates = "set every repeat"
    script = folder / "lag.py"
    source = exp.writeScript(expPath=str(folder / "lag.psyexp"), target="PsychoPy")
    script.write_text(source.replace("ioConfig = {}", f"ioConfig = {{'udp_port': {port}}}", 1))
    return script


def run(script: Path, phone: SimulatedNeon) -> dict[str, Any]:
    """Run it as it is, but for the monitor, which changes with the window."""
    from psychopy_neon.runtime import display_lag_routine

    seen: dict[str, Any] = {}
    measure = display_lag_routine.measure_display_lag

    def on_monitor(bright: bool, raw_s: float) -> None:
        clocks = pair(time.perf_counter_ns, clock.getTime)
        phone.show_patch(bright, phone.clock.device_ns(clocks.host_from_experiment(raw_s)))
        time.sleep(PAUSE_S)

    def measuring(win: Any, tracker: Any, **choices: Any) -> Any:
        seen["refused"] = tracker.ask("neon_watch_patch", bool, [["a", "b"]])
        found = measure(win, tracker, on_change=on_monitor, **choices)
        seen.update(agrees=found.clock_agrees, lag_s=found.lag_s, found=str(found))
        return found

    display_lag_routine.measure_display_lag = functools.partial(measuring)
    os.environ["NEON_ADDRESS"] = f"{phone.address}:{phone.port}"
    sys.argv = [str(script)]
    with contextlib.suppress(SystemExit):
        runpy.run_path(str(script), run_name="__main__")
    return seen


def results(folder: Path) -> dict[str, Any]:
    """What the experiment left: rows of its data, events of its journal, its certificate."""
    [data] = folder.glob("data/*.csv")
    [ledger] = folder.glob("data/*_neon_events.jsonl")
    [certificate] = folder.glob("data/*_neon_timing.json")
    with data.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    return {
        "rows": rows,
        "events": [line for line in lines if line["kind"] == "event"],
        "certificate": json.loads(certificate.read_text("utf-8")),
    }


if __name__ == "__main__":
    place = Path(sys.argv[1])
    udp_port = json.loads((place / "choices.json").read_text("utf-8"))["udp_port"]
    exported = export(place, udp_port)
    options = SimulatorOptions(display_lag_s=LAG_S, exposure_s=0.01, blinking="frame")
    with SimulatedNeon(options) as simulator:
        assert simulator.scene is not None and simulator.scene.wait_until_drawn(30.0)
        told = run(exported, simulator)
    (place / "results.json").write_text(json.dumps({**told, **results(place)}), "utf-8")
