"""Experiments with the makers' components, written as PsychoPy saves them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from html import escape
from typing import Any

import pytest

TIMING = {
    "disabled": "False",
    "durationEstim": "",
    "saveStartStop": "True",
    "startEstim": "",
    "startType": "time (s)",
    "startVal": "0.0",
    "stopType": "duration (s)",
    "stopVal": "",
    "syncScreenRefresh": "False",
}
VAL_TYPES = {
    **{"event_name": "str", "marker_ids": "str", "marker_units": "str", "actionType": "str"},
    **{"units": "str", "anchor": "str", "startType": "str", "stopType": "str", "text": "str"},
    **{"desc": "str", "disabled": "bool", "saveStartStop": "bool", "stopWithRoutine": "bool"},
    **{"syncScreenRefresh": "bool", "timestamp_ns": "int", "h_count": "int", "v_count": "int"},
    **{"marker_size": "int", "marker_id": "int", "contrast": "num", "size": "list", "pos": "list"},
    **{"Each Frame": "extendedCode"},
}
UPDATES = {"event_name": "set every repeat"}
FRAME = {
    **TIMING,
    **{"anchor": "center", "contrast": "1", "h_count": "4", "v_count": "3", "marker_ids": ""},
    **{"marker_size": "0.125", "marker_units": "from exp settings", "pos": "(0, 0)"},
    **{"size": "[2, 2]", "units": "norm", "validator": ""},
}
TAG = {
    **TIMING,
    **{"anchor": "center", "contrast": "1", "marker_id": "0", "pos": "(0, 0)"},
    **{"size": "(0.2, 0.2)", "units": "from exp settings", "validator": ""},
}
EVENT = {**TIMING, "stopVal": "1.0", "event_name": "Event 1", "timestamp_ns": "0"}
RECORD = {**TIMING, "actionType": "Start and Stop", "stopVal": "1.0", "stopWithRoutine": "False"}
KINDS = {
    "AprilTagFrameComponent": FRAME,
    "AprilTagComponent": TAG,
    "PLEventComponent": EVENT,
    "EyetrackerRecordComponent": RECORD,
    "TextComponent": {**TIMING, "text": "hello", "stopVal": "2"},
    "CodeComponent": {"disabled": "False"},
    "RoutineSettingsComponent": {"desc": ""},
}
SETTINGS = {
    "Units": ("height", "str"),
    "Window size (pixels)": ("[1280, 800]", "list"),
    "expName": ("words", "str"),
    "eyetracker": ("eyetracker.hw.pupil_labs.neon.EyeTracker", "str"),
    "plCompanionAddress": ("neon.local", "str"),
    "plCompanionPort": ("8080", "str"),
    "plSurfaceName": ("psychopy_iohub_surface", "str"),
}
FLOW = """\
  <Flow>
    <LoopInitiator loopType="TrialHandler" name="trials">
      <Param name="nReps" updates="None" val="5" valType="num"/>
      <Param name="name" updates="None" val="trials" valType="code"/>
    </LoopInitiator>
{routines}    <LoopTerminator name="trials"/>
  </Flow>
"""


def line(name: str, value: str, val_type: str, updates: str, indent: int) -> str:
    quoted = escape(value.replace("\n", "&#10;"), quote=False).replace('"', "&quot;")
    attributes = f'val="{quoted}" valType="{val_type}" updates="{updates}" name="{name}"'
    return f"{' ' * indent}<Param {attributes}/>\n"


class Writer:
    """Writes what PsychoPy of one version would save.

    ``component(kind, name, **changed)`` gives the text of a component, ``experiment(routines)``
    that of a whole file; `routines` are lists of components by name.
    """

    def __init__(self, version: str = "2026.2.5") -> None:
        self.version = version
        self.settings = dict(SETTINGS)

    def component(self, kind: str, name: str, /, **changed: str) -> str:
        params = {**KINDS[kind], "name": name, **changed}
        params = {key.replace("Each_Frame", "Each Frame"): value for key, value in params.items()}
        lines = [
            line(key, params[key], VAL_TYPES.get(key, "code"), UPDATES.get(key, "constant"), 8)
            for key in sorted(params)
        ]
        plugin = "" if self.version.startswith("2023.1") else ' plugin="None"'
        return f'      <{kind} name="{name}"{plugin}>\n{"".join(lines)}      </{kind}>\n'

    def experiment(self, **routines: list[str]) -> bytes:
        settings = "".join(
            line(key, *self.settings[key], "None", 4) for key in sorted(self.settings)
        )
        parts = "".join(map(self._routine, routines, routines.values()))
        flow = FLOW.format(routines="".join(f'    <Routine name="{r}"/>\n' for r in routines))
        return (
            f'<?xml version="1.0" ?>\n<PsychoPy2experiment encoding="utf-8" '
            f'version="{self.version}">\n  <Settings>\n{settings}  </Settings>\n'
            f"  <Routines>\n{parts}  </Routines>\n{flow}</PsychoPy2experiment>\n"
        ).encode("utf-8-sig")

    def _routine(self, name: str, components: list[str]) -> str:
        about = self.component("RoutineSettingsComponent", name)
        about = "" if self.version.startswith("2023.1") else about
        return f'    <Routine name="{name}">\n{about}{"".join(components)}    </Routine>\n'


@pytest.fixture
def writer() -> Writer:
    """Writes files of PsychoPy 2026.2."""
    return Writer()


@pytest.fixture
def new_writer() -> Callable[[str], Writer]:
    """``new_writer("2023.1.3")``: writes files of that version, with the tracker's label."""

    def making(version: str) -> Writer:
        made = Writer(version)
        if version < "2024.3":
            made.settings["eyetracker"] = ("Pupil Labs (Neon)", "str")
            made.settings["plCompanionPort"] = ("8080", "num")
            made.settings["plCompanionRecordingEnabled"] = ("False", "bool")
        return made

    return making


@pytest.fixture(scope="session")
def psychopy_with_our_components() -> Any:
    """PsychoPy's class of experiments, with plugins activated as Builder does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from psychopy import plugins

        plugins.activatePlugins()
        from psychopy.experiment import Experiment

        return Experiment
