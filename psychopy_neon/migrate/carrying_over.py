"""What all components of the makers' plugin have in common when they become ours."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from psychopy_neon.migrate.experiment import Experiment
from psychopy_neon.migrate.values import is_same
from psychopy_neon.migrate.xml_spans import Element

# Ours have these under the same names, with the same meaning.
SHARED = (
    *("name", "disabled", "saveStartStop", "syncScreenRefresh"),
    *("startType", "startVal", "startEstim", "stopType", "stopVal", "durationEstim"),
)


def carry_over(
    experiment: Experiment,
    routine: Element,
    component: Element,
    defaults: Mapping[str, str],
    *,
    consumed: Collection[str] = (),
    rewritten: Collection[str] = (),
) -> None:
    """Keep shared parameters and those that are `rewritten`; the others become comments.

    These are also named to the user, unless they are `consumed`, which is to say that what they
    mean is in a parameter of ours, or hold what they do if nobody has changed them.
    """
    for param in component.children:
        if param.tag != "Param" or param.name in (*SHARED, *rewritten):
            continue
        experiment.edits.comment_out(param)
        value = param.attributes.get("val", "")
        is_default = param.name in defaults and is_same(value, defaults[param.name])
        if param.name not in consumed and not is_default:
            where = place(routine, component)
            experiment.note_lost(routine, f"{where}: {param.name} = {value!r}")


def place(routine: Element, component: Element) -> str:
    """How a component is called in a sentence."""
    return f"{routine.name}.{component.name}"
