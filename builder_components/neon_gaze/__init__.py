"""Neon Gaze: where the participant looks, for other components to use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.components import BaseComponent
from psychopy.localization import _translate

from .._base import HELP, NeonElement

_HERE = Path(__file__).parent


class NeonGazeComponent(NeonElement, BaseComponent):
    """Offers live gaze as ``$neonGaze.pos``, for stimuli and code alike.

    Can summarise its quality in the data file.
    """

    iconFile = _HERE / "neon_gaze.png"
    iconSVG = _HERE / "neon_gaze.svg"
    tooltip = _translate("Neon Gaze: live gaze, e.g. $neonGaze.pos as position of a stimulus")

    def __init__(
        self,
        exp: Any,
        parentName: str,
        name: str = "neonGaze",
        startType: str = "time (s)",
        startVal: Any = 0.0,
        startEstim: Any = "",
        stopType: str = "duration (s)",
        stopVal: Any = "",
        durationEstim: Any = "",
        saveSummary: bool = True,
        saveStartStop: bool = False,
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
        self.type = "NeonGaze"
        self.url = HELP
        self.require_runtime()
        self.order += ["saveSummary"]
        self.params["startVal"].hint = _translate(
            "When should the summary start? The gaze itself can be used at any time."
        )
        self.params["stopVal"].hint = _translate(
            "When should the summary end? Blank means at the end of the Routine, which does not "
            "wait for it."
        )
        self.params["saveSummary"] = Param(
            saveSummary,
            valType="bool",
            inputType="bool",
            categ="Data",
            updates="constant",
            label=_translate("Save summary"),
            hint=_translate(
                "Save, for each repeat of the Routine, the number of frames, the fraction of "
                "them with valid gaze and the median age of the gaze. Reads gaze on every frame."
            ),
        )

    def writeInitCode(self, buff: Any) -> None:
        """Create the object of `psychopy_neon.runtime`."""
        self._write(
            buff,
            "%(name)s = neon_runtime.NeonGaze(win, eyetracker, exp=thisExp, name='%(name)s')\n",
        )

    def start_code(self) -> str:
        """Statements for the frame in which the summary starts."""
        return "%(name)s.start()\n" if self.params["saveSummary"] else "pass\n"

    def stop_code(self) -> str:
        """Statements for the frame in which the summary ends."""
        return "%(name)s.stop()\n" if self.params["saveSummary"] else "pass\n"

    def write_each_frame(self, buff: Any) -> None:
        """Count the frame; without a summary nothing is read unless somebody asks."""
        if self.params["saveSummary"]:
            self._write(buff, "%(name)s.watch()\n")

    def writeRoutineEndCode(self, buff: Any) -> None:
        """Write the summary into the data file."""
        if self.params["saveSummary"]:
            self._write(buff, "%(name)s.stop()\n")
        super().writeRoutineEndCode(buff)
