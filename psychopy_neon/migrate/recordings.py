"""Eyetracker Record also ran the phone's recording; with us a component of its own does that."""

from __future__ import annotations

from psychopy_neon.migrate.carrying_over import SHARED, place
from psychopy_neon.migrate.experiment import Experiment
from psychopy_neon.migrate.xml_spans import Element

RECORD = "EyetrackerRecordComponent"
OURS = "NeonRecordingComponent"

Params = dict[str, dict[str, str]]


def migrate_recordings(experiment: Experiment) -> None:
    """Put a Neon Recording beside each Eyetracker Record of an experiment with Neon."""
    if not experiment.uses_makers_neon:
        return
    records = [*experiment.components(RECORD)]
    if any(experiment.components(OURS)):
        experiment.notes.kept.append("Neon Recording is there already; none was added")
        return
    for routine, record in records:
        _migrate(experiment, routine, record)
    if not records:
        experiment.notes.kept.append(
            "no Eyetracker Record: as before, the phone records what you start on it by hand; add "
            "Neon Recording to start it from the experiment"
        )


def _migrate(experiment: Experiment, routine: Element, record: Element) -> None:
    where = place(routine, record)
    action = record.value("actionType", "Start and Stop")
    if action == "Stop Only":
        experiment.note_lost(
            routine,
            f"{where}: stopping the phone's recording only; it now ends with the experiment, or "
            "with the stop time of the Neon Recording that started it",
        )
        return
    name = experiment.new_name("neonRecording")
    experiment.edits.add_component(record, OURS, _params(record, name, action))
    experiment.notes.changed.append(
        f"{where}: Neon Recording {name!r} added, because Eyetracker Record does not start the "
        "phone's recording any more"
    )


def _params(record: Element, name: str, action: str) -> Params:
    params = {
        param.name: {key: param.attributes[key] for key in param.attributes if key != "name"}
        for param in record.children
        if param.tag == "Param" and param.name in SHARED
    }
    params["name"] = _new(name, "code", "None")
    params["atEnd"] = _new("save", "str", "constant")
    stop_with_routine = record.value("stopWithRoutine", "False")
    if action == "Start Only":
        stop_with_routine = "False"
        params["stopType"] = _new("duration (s)", "str", "None")
        params["stopVal"] = _new("", "code", "constant")
    params["stopWithRoutine"] = _new(stop_with_routine, "bool", "constant")
    return params


def _new(value: str, val_type: str, updates: str) -> dict[str, str]:
    return {"val": value, "valType": val_type, "updates": updates}
