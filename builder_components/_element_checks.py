"""What can be known to be wrong with a Component or Routine before the experiment runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psychopy.localization import _translate

from psychopy_neon.screen.surface_names import WINDOW

from ._numbers import NeededNumber
from ._readiness_checks import problems_of_check
from ._settings_checks import constant, unknown_fields
from ._surface_checks import (
    problems_of_gaze,
    problems_of_markers,
    problems_of_name,
    surface_of,
)

KEY = "eyetracker.neon_realtime.EyeTracker"
MARKERS = "NeonMarkersComponent"
LABEL = "Pupil Labs Neon (psychopy-neon)"


def problems_of(element: Any) -> Iterator[str]:
    """Sentences about one of ours, which is about to be written into a script."""
    settings = element.exp.settings.params
    yield from unknown_fields(_own(element), settings.get("Experiment info"))
    yield from _blank_numbers(element)
    chosen = str(settings["eyetracker"].val)
    if chosen not in (KEY, "None"):
        yield _translate(
            "{name} needs the glasses, but the eye tracker of the experiment is another one: "
            "choose '{label}' in Experiment settings > Eyetracking."
        ).format(name=element.name, label=LABEL)
    elif chosen == KEY:
        check = CHECKS.get(type(element).__name__)
        yield from check(element, settings) if check else ()


def _own(element: Any) -> dict[str, Any]:
    return {name: param for name, param in element.params.items() if name != "name"}


def _blank_numbers(element: Any) -> Iterator[str]:
    unused = getattr(element, "unused", ())
    for name, param in element.params.items():
        is_needed = isinstance(param, NeededNumber) and name not in unused
        if is_needed and constant(param) in ("", "None"):
            yield _translate(
                "'{label}' of {name} is blank, and would stop the experiment: type a number."
            ).format(label=param.label, name=element.name)


def _event(element: Any, settings: dict[str, Any]) -> Iterator[str]:
    if constant(element.params["eventName"]) in ("", "None"):
        yield _translate("{name} has no event name, and would stop the experiment.").format(
            name=element.name
        )
    exp: Any = element.exp
    is_first = _all(exp, "NeonEventComponent")[:1] == [element]
    by_routines = settings["neonRtRecordWith"].val == "routine"
    if is_first and by_routines and not _all(exp, "NeonRecordingComponent"):
        yield _translate(
            "Events are sent, but nothing makes the phone record, and it keeps events in "
            "recordings only: add a Neon Recording component, or set 'Phone records with' to 'The "
            "whole experiment', or start the recording on the phone by hand."
        )


def _recording(element: Any, settings: dict[str, Any]) -> Iterator[str]:
    record_with = settings["neonRtRecordWith"]
    if record_with.val != "routine":
        labels = dict(zip(record_with.allowedVals, record_with.allowedLabels, strict=False))
        yield _translate(
            "{name} does not start a recording: 'Phone records with' in the experiment settings is "
            "'{choice}'."
        ).format(name=element.name, choice=labels.get(record_with.val, record_with.val))
    exp: Any = element.exp
    is_first = _all(exp, "NeonRecordingComponent")[:1] == [element]
    if is_first and _all(exp, "NeonMarkersComponent") and not settings["Save hdf5 file"]:
        yield _translate(
            "Where the participant looks on the screen is not saved: tick 'Save hdf5 file' in "
            "Experiment settings > Data, unless the recording on the phone is all you want."
        )


def _gaze(element: Any, settings: dict[str, Any]) -> Iterator[str]:
    yield from problems_of_name(element)
    yield from problems_of_gaze(element, _all(element.exp, MARKERS))
    routine = element.exp.routines.get(element.parentName)
    if settings["neonRtMarkers"].val == "always" or surface_of(element) != WINDOW:
        return
    if any(surface_of(markers) in (None, WINDOW) for markers in _in(routine, MARKERS)):
        return
    yield _translate(
        "{name} needs markers on the screen, and its Routine '{routine}' shows none: add Neon "
        "Markers to it, or set 'Frame of markers' in the experiment settings to 'On every screen'."
    ).format(name=element.name, routine=element.parentName)


def _markers(element: Any, settings: dict[str, Any]) -> Iterator[str]:
    yield from problems_of_name(element)
    everywhere = _all(element.exp, MARKERS)
    if element in everywhere:
        before = everywhere[: everywhere.index(element)]
        yield from problems_of_markers(element, before, settings)


CHECKS = {
    "NeonCheckRoutine": problems_of_check,
    "NeonEventComponent": _event,
    "NeonRecordingComponent": _recording,
    "NeonGazeComponent": _gaze,
    MARKERS: _markers,
}


def _all(exp: Any, kind: str) -> list[Any]:
    return [each for routine in exp.routines.values() for each in _in(routine, kind)]


def _in(routine: Any, kind: str) -> list[Any]:
    components = routine if isinstance(routine, list) else []
    return [
        each
        for each in components
        if type(each).__name__ == kind and not each.params["disabled"].val
    ]
