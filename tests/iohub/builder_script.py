"""What the scripts beside this one share: an experiment made as Builder makes it, and its run.

They are programs of their own, so that they find this module beside them.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psychopy import plugins

from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

KEY = "eyetracker.neon_realtime.EyeTracker"
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
DRAWN_S = 30.0


def new_experiment(**settings: Any) -> Any:
    """An experiment with our eye tracker and a window for the simulated monitor."""
    plugins.activatePlugins()
    from psychopy.experiment import Experiment

    exp = Experiment()
    for name, value in {**SETTINGS, **settings}.items():
        exp.settings.params[name].val = value
    return exp


def add_standalone(exp: Any, routine: Any) -> None:
    """Append a Routine of ours to the Flow."""
    name = routine.params["name"].val
    exp.addStandaloneRoutine(name, routine)
    exp.flow.addRoutine(routine, len(exp.flow))


def add_routine(exp: Any, name: str, components: dict[str, str]) -> dict[str, Any]:
    """Append a Routine with these Components, names to kinds; returns them by name."""
    from psychopy.experiment import getAllComponents

    kinds = getAllComponents(fetchIcons=False)
    routine = exp.addRoutine(name)
    exp.flow.addRoutine(routine, len(exp.flow))
    made = {
        each: kinds[f"{kind}Component"](exp, name, name=each) for each, kind in components.items()
    }
    for component in made.values():
        routine.addComponent(component)
    return made


def write_script(exp: Any, folder: Path, name: str) -> Path:
    """Export it, with the UDP port of the folder's choices."""
    port = json.loads((folder / "choices.json").read_text("utf-8"))["udp_port"]
    source: str = exp.writeScript(expPath=str(folder / f"{name}.psyexp"), target="PsychoPy")
    script = folder / f"{name}.py"
    script.write_text(source.replace("ioConfig = {}", f"ioConfig = {{'udp_port': {port}}}", 1))
    return script


def run_script(script: Path, phone: SimulatedNeon) -> None:
    """Run it as it is, to its end."""
    os.environ["NEON_ADDRESS"] = f"{phone.address}:{phone.port}"
    sys.argv = [str(script)]
    with contextlib.suppress(SystemExit):
        runpy.run_path(str(script), run_name="__main__")


def rows_and_journal(folder: Path) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """What it left: rows of its data, and lines of its journal."""
    [data] = folder.glob("data/*.csv")
    [ledger] = folder.glob("data/*_neon_events.jsonl")
    with data.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return rows, [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]


def main(
    export: Callable[[Path], Path],
    run: Callable[[Path, SimulatedNeon], dict[str, Any]],
    results: Callable[[Path], dict[str, Any]],
    options: SimulatorOptions,
) -> None:
    """Export and run it in the folder of the command line, and leave ``results.json`` there."""
    place = Path(sys.argv[1])
    script = export(place)
    with SimulatedNeon(options) as phone:
        assert phone.scene is not None and phone.scene.wait_until_drawn(DRAWN_S)
        told = run(script, phone)
    (place / "results.json").write_text(json.dumps({**told, **results(place)}), "utf-8")
