"""PLEvent, labelled Neon Event in the makers' manual, becomes Neon Event."""

from __future__ import annotations

from psychopy_neon.migrate.carrying_over import carry_over, place
from psychopy_neon.migrate.experiment import Experiment
from psychopy_neon.migrate.values import is_true, short
from psychopy_neon.migrate.xml_spans import Element

THEIRS = "PLEventComponent"
OURS = "NeonEventComponent"
NAME = "event_name"
DEFAULT_NAME = "Event 1"
DEFAULTS = {"timestamp_ns": "0"}


def migrate_events(experiment: Experiment) -> None:
    """Rewrite all events."""
    for routine, component in experiment.components(THEIRS):
        where = place(routine, component)
        _params(experiment, routine, component)
        experiment.edits.rename(component, OURS)
        experiment.notes.changed.append(
            f"{where}: PLEvent -> Neon Event {short(component.value('event_name'))}, stamped with "
            "the next screen refresh"
        )


def _params(experiment: Experiment, routine: Element, component: Element) -> None:
    edits, name = experiment.edits, component.param(NAME)
    stamping = component.param("syncScreenRefresh")
    if name is not None:
        edits.change_param(name, name="eventName")
    else:
        edits.set_param(component, "eventName", DEFAULT_NAME, "str", "constant")
    if stamping is not None and not is_true(stamping.attributes.get("val", "")):
        edits.change_param(stamping, val="True")
    carry_over(experiment, routine, component, DEFAULTS, rewritten=(NAME,))
