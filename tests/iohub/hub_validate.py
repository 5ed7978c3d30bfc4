"""A Builder experiment that validates gaze, before a participant who looks beside the targets.

python hub_validate.py FOLDER
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

from psychopy import plugins

from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions

KEY = "eyetracker.neon_realtime.EyeTracker"
ASIDE = (0.05, -0.06)  # norm units by which gaze is beside each target
PLACES = [(0.0, 0.0), (-0.7, 0.7), (0.7, 0.7), (-0.7, -0.7), (0.7, -0.7)]
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
    """Write the script of an experiment: the validation, a trial with gaze, and a gate."""
    plugins.activatePlugins()
    from psychopy.experiment import Experiment, getAllComponents

    from psychopy_neon.builder_components.neon_gate import NeonGateRoutine
    from psychopy_neon.builder_components.neon_validate import NeonValidateRoutine

    exp, components = Experiment(), getAllComponents(fetchIcons=False)
    for name, value in SETTINGS.items():
        exp.settings.params[name].val = value
    choices = {"correct": "always", "limit": 1.0, "show": 0.5, "sendEvents": True}
    validation = NeonValidateRoutine(exp, name="look", **choices)
    exp.addStandaloneRoutine("look", validation)
    exp.flow.addRoutine(validation, 0)
    trial = exp.addRoutine("trial")
    exp.flow.addRoutine(trial, 1)
    gate = NeonGateRoutine(exp, name="gate", radius=1.0, giveUp=5.0, correctDrift=True)
    exp.addStandaloneRoutine("gate", gate)
    exp.flow.addRoutine(gate, 2)
    for kind, name in (
        ("NeonMarkers", "markers"),
        ("NeonGaze", "gaze"),
        ("NeonEvent", "back"),
        ("Text", "text"),
    ):
        component = components[f"{kind}Component"](exp, "trial", name=name)
        component.params["stopVal"].val = 1.0
        trial.addComponent(component)
        if kind == "NeonEvent":
            component.params["eventName"].val = "look target 0 0"
    script = folder / "validate.py"
    source = exp.writeScript(expPath=str(folder / "validate.psyexp"), target="PsychoPy")
    script.write_text(source.replace("ioConfig = {}", f"ioConfig = {{'udp_port': {port}}}", 1))
    return script


def run(script: Path, phone: SimulatedNeon) -> dict[str, Any]:
    """Run it as it is; note what was shown, and what gaze was afterwards."""
    from psychopy_neon.runtime import gaze, validation, validation_routine

    seen: dict[str, Any] = {"shown": [], "afterwards": []}
    picture, watch = validation.ValidationPicture, gaze.NeonGaze.watch

    class Photographed(picture):  # type: ignore[misc,valid-type]
        def __init__(self, win: Any, *told: Any):
            super().__init__(win, *told)
            seen["shown"] += told[2]
            self.draw()
            win.getMovieFrame(buffer="back")
            win.saveMovieFrames(str(script.parent / "result.png"))

    def watching(self: Any) -> None:
        watch(self)
        if self.valid:
            seen["afterwards"].append([self.screen.x, self.screen.y])

    def validating(win: Any, tracker: Any, **choices: Any) -> Any:
        seen["refused"] = [
            tracker.ask("neon_look_at", bool, "left", 0.0),
            tracker.ask("neon_look_at", bool, float("nan"), 0.0),
            tracker.ask("neon_set_correction", bool, "{}"),
            tracker.ask("neon_aimed_gaze", list) or False,
        ]
        return validate(win, tracker, **choices)

    validate, validation_routine.validate_gaze = validation_routine.validate_gaze, validating
    validation.ValidationPicture, gaze.NeonGaze.watch = Photographed, watching
    os.environ["NEON_ADDRESS"] = f"{phone.address}:{phone.port}"
    sys.argv = [str(script)]
    with contextlib.suppress(SystemExit):
        runpy.run_path(str(script), run_name="__main__")
    return seen


def results(folder: Path) -> dict[str, Any]:
    """What the experiment left: rows of its data, and lines of its journal."""
    [data] = folder.glob("data/*.csv")
    [ledger] = folder.glob("data/*_neon_events.jsonl")
    with data.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    return {"rows": rows, "journal": lines}


def participant() -> Participant:
    """Looks a little beside each target, whenever an event tells where it is."""
    on_event = {f"look target {x:g} {y:g}": (x + ASIDE[0], y + ASIDE[1]) for x, y in PLACES}
    return Participant(start=(-0.2, 0.2), on_event=on_event)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    udp_port = json.loads((place / "choices.json").read_text("utf-8"))["udp_port"]
    exported = export(place, udp_port)
    options = SimulatorOptions(participant=participant(), noise_px=1.0)
    with SimulatedNeon(options) as simulator:
        assert simulator.scene is not None and simulator.scene.wait_until_drawn(30.0)
        told = run(exported, simulator)
    (place / "results.json").write_text(json.dumps({**told, **results(place)}), "utf-8")
