"""A Builder experiment run by PsychoPy's Session: once through Liaison, twice by a script, and once
stopped in the middle.

    python hub_in_session.py FOLDER

Writes what came out into ``results.json`` of that folder.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

from by_liaison import call_from_outside, run_once
from psychopy import plugins

from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions

KEY = "eyetracker.neon_realtime.EyeTracker"
SHOWN_S = 0.8
SETTINGS = {
    "eyetracker": KEY,
    "Full-screen window": False,
    "Window size (pixels)": [1280, 720],
    "Show info dlg": False,
    "measureFrameRate": False,
    "frameRate": 60,
    "keyboardBackend": "ioHub",
    "Monitor": "testMonitor",
    "Save hdf5 file": True,
}
COMPONENTS = {
    "NeonMarkers": "markers",
    "NeonRecording": "recording",
    "NeonEvent": "onset",
    "NeonGaze": "gaze",
    "Text": "text",
    # PsychoPy's own; the marker is new in 2026, and never finishes, so that code ends the Routine
    "EyetrackerRecord": "record",
    "RegionOfInterest": "region",
    "EyetrackerMarker": "mark",
    "Code": "code",
}
VALUES = {
    "region": {"units": "norm", "size": (2, 2)},
    "mark": {"message": "marked", "category": "test"},
    "code": {"Each Frame": f"if t > {SHOWN_S}:\n    continueRoutine = False"},
}


def export(folder: Path, port: int) -> Path:
    """Write the script of an experiment with one Routine."""
    plugins.activatePlugins()
    from psychopy.experiment import Experiment, getAllComponents

    exp, components = Experiment(), getAllComponents(fetchIcons=False)
    for name, value in SETTINGS.items():
        exp.settings.params[name].val = value
    trial = exp.addRoutine("trial")
    exp.flow.addRoutine(trial, 0)
    for kind, name in COMPONENTS.items():
        if f"{kind}Component" in components:
            component = components[f"{kind}Component"](exp, "trial", name=name)
            values = {"stopVal": SHOWN_S, **VALUES.get(name, {})}
            for param in values.keys() & component.params.keys():
                component.params[param].val = values[param]
            trial.addComponent(component)
    script = folder / "look.py"
    source = exp.writeScript(expPath=str(folder / "look.psyexp"), target="PsychoPy")
    script.write_text(source.replace("ioConfig = {}", f"ioConfig = {{'udp_port': {port}}}", 1))
    return script


def run(root: Path) -> dict[str, Any]:
    """What Studio does, what PsychoPy's documentation of Session shows, and a stop in between."""
    session, heard = call_from_outside(run_once(root, "experiment/look.py", "look"))
    info = session.getExpInfoFromExperiment("look")
    first = session.experiments["look"].setupData(expInfo=info, dataDir=str(session.dataDir))
    session.setupDevicesFromExperiment("look", expInfo=info, thisExp=first)
    session.runExperiment("look")
    session.runExperiment("look")
    stop_soon(session)
    session.runExperiment("look")
    rows = [entries_of(run) for run in session.runs]
    session.close()
    return {"rows": rows, "heard": heard}


def stop_soon(session: Any) -> None:
    """Have it stopped from within, as a button of Studio does."""
    from psychopy import visual

    flip, flips = visual.Window.flip, [0]

    def counting(win: Any, *args: Any, **kwargs: Any) -> Any:
        flips[0] += session.currentExperiment is not None
        if flips[0] == 8:
            session.stopExperiment()
        return flip(win, *args, **kwargs)

    visual.Window.flip = counting


def entries_of(run: Any) -> list[dict[str, str]]:
    with Path(f"{run.dataFileName}.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def messages_of(path: Path) -> dict[str, Any]:
    """Texts of the messages in the data file, and the number of its samples."""
    import tables

    with tables.open_file(str(path)) as file:
        events = file.root.data_collection.events
        texts = [row["text"].decode() for row in events.experiment.MessageEvent]
        return {"texts": texts, "samples": len(events.eyetracker.BinocularEyeSampleEvent)}


def main(folder: Path) -> None:
    port = json.loads((folder / "choices.json").read_text("utf-8"))["udp_port"]
    root = folder / "root"
    (root / "experiment").mkdir(parents=True)
    export(root / "experiment", port)
    options = SimulatorOptions(participant=Participant(start=(-0.2, 0.2)))
    with SimulatedNeon(options) as simulator:
        assert simulator.scene is not None and simulator.scene.wait_until_drawn(30.0)
        os.environ["NEON_ADDRESS"] = f"{simulator.address}:{simulator.port}"
        seen = run(root)
        seen["recordings"] = [[each.action, each.id] for each in simulator.truth.recordings]
        seen["events"] = [[each.name, each.recording_id] for each in simulator.truth.events]
        from psychopy.iohub.client import ioHubConnection

        ioHubConnection.getActiveConnection().quit()
    seen["messages"] = messages_of(next(root.rglob("*.hdf5")))
    seen["left"] = sorted(path.name for path in root.rglob("*_neon_*"))
    (folder / "results.json").write_text(json.dumps(seen), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
