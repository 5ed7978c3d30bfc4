"""Code that calls the makers' plugin; it is found, not rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psychopy_neon.migrate.experiment import Experiment
from psychopy_neon.migrate.xml_spans import Element

CALLS = {
    re.compile(r"\.send_event\s*\("): "send_event(name) is eyetracker.sendMessage(name) here",
    re.compile(r"\.register_surface\s*\("): "register_surface() is done by Neon Markers itself",
    re.compile(r"psychopy_eyetracker_pupil_labs|real_time_screen_gaze"): (
        "it imports the makers' plugin, which has to stay installed for that"
    ),
}
THEIR_MEMBERS = (
    "trigger|event_name|setEvent_name|timestamp_ns|setTimestamp_ns|"
    "marker_ids?|marker_verts|marker_size|h_count|v_count"
)


def note_code(experiment: Experiment, replaced: set[str], removed: set[str]) -> None:
    """Name each parameter with code that needs a hand.

    `replaced` are names of components that are ours now, `removed` of those that are no more.
    """
    searches = dict(CALLS)
    if replaced:
        names = "|".join(map(re.escape, sorted(replaced)))
        text = "our component has no such member"
        searches[re.compile(rf"\b(?:{names})\.(?:{THEIR_MEMBERS})\b")] = text
    if removed:
        names = "|".join(map(re.escape, sorted(removed)))
        searches[re.compile(rf"\b(?:{names})\.\w+")] = "this component is no more"
    for where, text in _texts(experiment, replaced | removed):
        for pattern, advice in searches.items():
            found = pattern.search(text)
            if found:
                experiment.notes.by_hand.append(f"{where}: {found.group()!r}: {advice}")


def _texts(experiment: Experiment, left_out: set[str]) -> Iterator[tuple[str, str]]:
    for routine in experiment.routines:
        yield from _values(routine, routine.name)
        for component in routine.children:
            if component.name not in left_out:
                yield from _values(component, f"{routine.name}.{component.name}")


def _values(owner: Element, where: str) -> Iterator[tuple[str, str]]:
    for param in owner.children:
        if param.tag == "Param":
            yield f"{where}, {param.name!r}", param.attributes.get("val", "")
