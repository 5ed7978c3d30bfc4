"""A Builder experiment as far as the migration needs to know it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from psychopy_neon.exceptions import UsageError
from psychopy_neon.migrate.edits import Edits
from psychopy_neon.migrate.xml_spans import Element, parse

ROOT = "PsychoPy2experiment"
ABOUT_ROUTINE = "RoutineSettingsComponent"
NEWLINE = "&#10;"  # PsychoPy saves it as these five characters, which XML then quotes
NEON_KEYS = (
    "eyetracker.hw.pupil_labs.neon.EyeTracker",
    "eyetracker.neon.EyeTracker",
    # PsychoPy before 2024.2 saved labels.
    "Pupil Labs (Neon)",
    "Pupil Labs Neon (iohub)",
)


@dataclass
class Notes:
    """What is told to the user, one sentence each."""

    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    without_counterpart: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)


class Experiment:
    """A parsed experiment, the changes to make in it, and what to tell about them.

    Parameters
    ----------
    source : bytes
        A ``.psyexp`` file.

    Raises
    ------
    UsageError
        If it is not one.
    """

    def __init__(self, source: bytes) -> None:
        root = parse(source)
        parts = {child.tag: child for child in root.children}
        if root.tag != ROOT or not {"Settings", "Routines"} <= set(parts):
            raise UsageError(
                f"it is not a PsychoPy experiment: expected <{ROOT}> with settings and routines, "
                f"found <{root.tag}>"
            )
        self.settings = parts["Settings"]
        self.routines = parts["Routines"].children
        self.edits = Edits(source)
        self.notes = Notes()
        self._lost: dict[int, tuple[Element, list[str]]] = {}
        self._words = set(re.findall(r"\w+", source.decode("utf-8-sig")))

    @property
    def uses_makers_neon(self) -> bool:
        """Whether the makers' Neon is the eye tracker of the experiment."""
        return self.settings.value("eyetracker") in NEON_KEYS

    def components(self, *tags: str) -> Iterator[tuple[Element, Element]]:
        """All components of these kinds, each with its Routine, in the order of the file."""
        for routine in self.routines:
            for component in routine.children:
                if component.tag in tags:
                    yield routine, component

    def note_lost(self, routine: Element, sentence: str) -> None:
        """Tell of something that we do not have, here and in the Routine's description.

        Comments in the file are gone when Builder saves it; descriptions stay.
        """
        self.notes.without_counterpart.append(sentence)
        self._lost.setdefault(routine.start, (routine, []))[1].append(f"makers' plugin: {sentence}")

    def write_descriptions(self) -> None:
        """Add what was noted to the descriptions of Routines that have one (since 2023.2)."""
        for routine, sentences in self._lost.values():
            about = next((c for c in routine.children if c.tag == ABOUT_ROUTINE), None)
            param = about.param("desc") if about is not None else None
            if param is not None:
                before = [param.attributes["val"]] if param.attributes.get("val") else []
                self.edits.change_param(param, val=NEWLINE.join([*before, *sentences]))

    def new_name(self, base: str) -> str:
        """A name that occurs nowhere in the file."""
        number, name = 1, base
        while name in self._words:
            number += 1
            name = f"{base}_{number}"
        self._words.add(name)
        return name
