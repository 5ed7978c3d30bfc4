"""A Builder experiment that validates gaze, before a participant who looks beside the targets.

python hub_validate.py FOLDER
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from builder_script import (
    add_routine,
    add_standalone,
    main,
    new_experiment,
    rows_and_journal,
    run_script,
    write_script,
)

from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions

ASIDE = (0.05, -0.06)  # norm units by which gaze is beside each target
PLACES = [(0.0, 0.0), (-0.7, 0.7), (0.7, 0.7), (-0.7, -0.7), (0.7, -0.7)]


def export(folder: Path) -> Path:
    """Write the script of an experiment: the validation, a trial with gaze, and a gate."""
    exp = new_experiment(**{"Save hdf5 file": True})
    from psychopy_neon.builder_components.neon_gate import NeonGateRoutine
    from psychopy_neon.builder_components.neon_validate import NeonValidateRoutine

    choices = {"correct": "always", "limit": 1.0, "show": 0.5, "sendEvents": True}
    add_standalone(exp, NeonValidateRoutine(exp, name="look", **choices))
    kinds = {"markers": "NeonMarkers", "gaze": "NeonGaze", "back": "NeonEvent", "text": "Text"}
    trial = add_routine(exp, "trial", kinds)
    for component in trial.values():
        component.params["stopVal"].val = 1.0
    trial["back"].params["eventName"].val = "look target 0 0"
    add_standalone(
        exp, NeonGateRoutine(exp, name="gate", radius=1.0, giveUp=5.0, correctDrift=True)
    )
    return write_script(exp, folder, "validate")


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
        tracker.ask("setRecordingState", bool, True)  # as PsychoPy's Eyetracker Record does
        seen["refused"] = [
            tracker.ask("neon_look_at", bool, "left", 0.0),
            tracker.ask("neon_look_at", bool, float("nan"), 0.0),
            tracker.ask("neon_set_correction", bool, "{}"),
            tracker.ask("neon_aimed_gaze", list) or False,
        ]
        return validate(win, tracker, **choices)

    validate, validation_routine.validate_gaze = validation_routine.validate_gaze, validating
    validation.ValidationPicture, gaze.NeonGaze.watch = Photographed, watching
    run_script(script, phone)
    return seen


def results(folder: Path) -> dict[str, Any]:
    """What the experiment left: rows of its data, and lines of its journal."""
    rows, lines = rows_and_journal(folder)
    return {"rows": rows, "journal": lines}


def participant() -> Participant:
    """Looks a little beside each target, whenever an event tells where it is."""
    on_event = {f"look target {x:g} {y:g}": (x + ASIDE[0], y + ASIDE[1]) for x, y in PLACES}
    return Participant(start=(-0.2, 0.2), on_event=on_event)


if __name__ == "__main__":
    main(export, run, results, SimulatorOptions(participant=participant(), noise_px=1.0))
