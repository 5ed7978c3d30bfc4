"""What PsychoPy knows when the makers' plugin is installed beside ours; prints it as JSON."""

from __future__ import annotations

import json
import warnings
from typing import Any

warnings.simplefilter("ignore")

from psychopy import plugins  # noqa: E402 - warnings of its own come with it

plugins.activatePlugins()

from psychopy.experiment import Experiment, getAllElements  # noqa: E402
from psychopy.experiment.components.settings.eyetracking import (  # noqa: E402
    knownEyetrackerBackends,
)
from psychopy.iohub.devices import import_device  # noqa: E402

OURS = "eyetracker.neon_realtime.EyeTracker"
THEIRS = "eyetracker.hw.pupil_labs.neon.EyeTracker"
DEVICES = "psychopy.iohub.devices."


def module_of(key: str) -> str:
    """Which module ioHub takes the device from."""
    path, name = key.rsplit(".", 1)
    device, _, _ = import_device(DEVICES + path, name)
    return str(device.__module__)


def script_of(elements: dict[str, Any], key: str, kinds: dict[str, str]) -> str:
    experiment = Experiment()
    experiment.settings.params["eyetracker"].val = key
    routine = experiment.addRoutine("trial")
    experiment.flow.addRoutine(routine, 0)
    for kind, name in kinds.items():
        routine.addComponent(elements[f"{kind}Component"](experiment, "trial", name=name))
    text: str = experiment.writeScript(target="PsychoPy")
    compile(text, "trial.py", "exec")
    return text


def main() -> None:
    elements = dict(getAllElements(fetchIcons=False))
    params = {key: set(knownEyetrackerBackends[key].getParams()[0]) for key in (OURS, THEIRS)}
    tracker = Experiment().settings.params["eyetracker"]
    mixed = {"NeonMarkers": "ours", "AprilTagFrame": "theirs", "PLEvent": "event"}
    ours = script_of(elements, OURS, mixed)
    theirs = script_of(elements, THEIRS, mixed)
    told = {
        "loaded": list(plugins.listPlugins("loaded")),
        "failed": list(plugins.listPlugins("failed")),
        "elements": sorted(elements),
        "trackers": dict(zip(tracker.allowedVals, map(str, tracker.allowedLabels), strict=True)),
        "listed": list(tracker.allowedVals),
        "shared_params": sorted(params[OURS] & params[THEIRS]),
        "configures": [f"ioConfig['{OURS}']" in ours, f"ioConfig['{THEIRS}']" in theirs],
        "both": [f"ioConfig['{THEIRS}']" in ours, f"ioConfig['{OURS}']" in theirs],
        "modules": [module_of(OURS)],
    }
    print("answer:", json.dumps(told))


if __name__ == "__main__":
    main()
