"""Neon Recording: the phone records while a Routine runs, or until the experiment ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.components import BaseComponent
from psychopy.localization import _translate

from .._base import NeonElement, help_page

_HERE = Path(__file__).parent


class NeonRecordingComponent(NeonElement, BaseComponent):
    """Starts and stops the recording on the phone that the glasses are plugged into."""

    iconFile = _HERE / "neon_recording.png"
    iconSVG = _HERE / "neon_recording.svg"
    tooltip = _translate("Neon Recording: let the phone record, for a Routine or until the end")

    def __init__(
        self,
        exp: Any,
        parentName: str,
        name: str = "neonRecording",
        startType: str = "time (s)",
        startVal: Any = 0.0,
        startEstim: Any = "",
        stopType: str = "duration (s)",
        stopVal: Any = "",
        durationEstim: Any = "",
        stopWithRoutine: bool = True,
        atEnd: str = "save",
        saveStartStop: bool = True,
        syncScreenRefresh: bool = False,
        disabled: bool = False,
    ) -> None:
        BaseComponent.__init__(
            self,
            exp,
            parentName,
            name=name,
            startType=startType,
            startVal=startVal,
            startEstim=startEstim,
            stopType=stopType,
            stopVal=stopVal,
            durationEstim=durationEstim,
            saveStartStop=saveStartStop,
            syncScreenRefresh=syncScreenRefresh,
            disabled=disabled,
        )
        self.type = "NeonRecording"
        self.url = help_page(_HERE.name)
        self.require_runtime()
        self.order += ["stopWithRoutine", "atEnd"]
        self.params["stopVal"].hint = _translate(
            "When should the recording stop? Blank means at the end of the Routine (or of the "
            "experiment, see below); the Routine then does not wait for it."
        )
        self.params["stopWithRoutine"] = Param(
            stopWithRoutine,
            valType="bool",
            inputType="bool",
            categ="Basic",
            updates="constant",
            label=_translate("Stop with Routine?"),
            hint=_translate(
                "Tick to stop the recording when the Routine ends, if it still runs. Otherwise "
                "it goes on until its stop time or the end of the experiment."
            ),
        )
        self.params["atEnd"] = Param(
            atEnd,
            valType="str",
            inputType="choice",
            categ="Basic",
            updates="constant",
            allowedVals=["save", "discard"],
            allowedLabels=[_translate("Save"), _translate("Discard")],
            label=_translate("At the end"),
            hint=_translate(
                "What should the phone do with the recording when it stops? A discarded "
                "recording cannot be brought back."
            ),
        )

    def writeInitCode(self, buff: Any) -> None:
        """Create the object of `psychopy_neon.runtime`."""
        self._write(
            buff,
            "%(name)s = neon_runtime.NeonRecording(\n"
            "    eyetracker, exp=thisExp, name='%(name)s',\n"
            "    at_end=%(atEnd)s, stop_with_routine=%(stopWithRoutine)s, win=win\n"
            ")\n",
        )

    def start_code(self) -> str:
        """Statements for the frame in which the recording starts."""
        return "%(name)s.start()\n"

    def stop_code(self) -> str:
        """Statements for the frame in which the recording stops."""
        return "%(name)s.stop()\n"

    def writeRoutineEndCode(self, buff: Any) -> None:
        """Stop if so wished, and write the recording's id into the data file."""
        self._write(buff, "%(name)s.end_routine()\n")
        super().writeRoutineEndCode(buff)
