"""How long Routines last: the makers' components hold them open where ours do not."""

from __future__ import annotations

import math

from psychopy_neon.migrate import events, markers
from psychopy_neon.migrate.experiment import Experiment
from psychopy_neon.migrate.recordings import RECORD
from psychopy_neon.migrate.values import is_true, number
from psychopy_neon.migrate.xml_spans import Element

UNKNOWN = math.nan
BLANK = ("", "None", "-1")


def note_durations(experiment: Experiment) -> None:
    """Point out Routines that were held open by a component of the makers' plugin."""
    for routine in experiment.routines:
        timed = [c for c in routine.children if c.param("startType") and _is_enabled(c)]
        holding = [c for c in timed if c.tag == events.THEIRS or _is_open(c, markers.THEIRS)]
        others = [_end(c) for c in timed if c not in holding]
        if holding and math.inf not in others:
            _note(experiment, routine, holding, others)


def _note(
    experiment: Experiment, routine: Element, holding: list[Element], others: list[float]
) -> None:
    now = UNKNOWN if any(map(math.isnan, others)) else max(others, default=0.0)
    before = [_end(component) for component in holding]
    if all(end <= now for end in before):  # never, if one is unknown
        return
    names = ", ".join(component.name for component in holding)
    ends = "when its other components do" if math.isnan(now) else f"after {now:g} s"
    experiment.notes.by_hand.append(
        f"{routine.name}: {names} held this Routine open and will not; by itself it now ends {ends}"
    )


def _is_enabled(component: Element) -> bool:
    return not is_true(component.value("disabled"))


def _is_open(component: Element, tags: tuple[str, ...]) -> bool:
    return component.tag in tags and component.value("stopVal").strip() in BLANK


def _end(component: Element) -> float:
    """When a component ends in its Routine, seconds; infinity if it has no end."""
    start, stop = number(component.value("startVal")), number(component.value("stopVal"))
    if component.value("startType") != "time (s)":
        start = None
    if component.tag == RECORD and component.value("actionType") == "Start Only":
        return UNKNOWN if start is None else start
    if component.value("stopVal").strip() in BLANK:
        return math.inf
    if component.value("stopType") == "time (s)" and stop is not None:
        return stop
    if component.value("stopType") != "duration (s)" or start is None or stop is None:
        return UNKNOWN
    return start + stop
