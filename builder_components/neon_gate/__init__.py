"""Neon Gate: a Routine that waits until a point is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.routines import BaseStandaloneRoutine
from psychopy.localization import _translate

from .._numbers import NeededNumber, NumberParam
from .._routine import NeonRoutine

_HERE = Path(__file__).parent


class NeonGateRoutine(NeonRoutine, BaseStandaloneRoutine):
    """Shows a point, and goes on when gaze has stayed near it for a while.

    Put it before a trial, in the same loop. The data file tells how long it took, and how far
    gaze was off: a check of its drift.
    """

    iconFile = _HERE / "neon_gate.png"
    iconSVG = _HERE / "neon_gate.svg"
    tooltip = _translate("Neon Gate: go on when gaze has stayed near a point for a while")

    def __init__(
        self,
        exp: Any,
        name: str = "neonGate",
        place: Any = (0, 0),
        radius: Any = 2.0,
        hold: Any = 0.3,
        giveUp: Any = 10.0,
        correctDrift: bool = False,
        disabled: bool = False,
    ) -> None:
        BaseStandaloneRoutine.__init__(self, exp, name=name, disabled=disabled)
        self.become(
            "NeonGate", "neon_gate", ["name", "place", "radius", "hold", "giveUp", "correctDrift"]
        )
        self._add_place(place, radius)
        self._add_times(hold, giveUp)
        self._add_correction(correctDrift)

    def _add_place(self, place: Any, radius: Any) -> None:
        self.params["place"] = Param(
            place,
            valType="list",
            inputType="single",
            categ="Basic",
            updates="constant",
            label=_translate("Position [x,y] (norm)"),
            hint=_translate(
                "Where the point is, in norm units whatever the window's are: (0, 0) is the "
                "middle, (1, 1) the top right corner. May be a variable of a loop."
            ),
        )
        self.params["radius"] = NeededNumber(
            radius,
            valType="num",
            inputType="single",
            categ="Basic",
            updates="constant",
            label=_translate("Radius (deg)"),
            hint=_translate(
                "How far from the point gaze may be, in true degrees. Allow for the accuracy of "
                "the glasses: 1.5 or more without a correction."
            ),
        )

    def _add_times(self, hold: Any, give_up: Any) -> None:
        self.params["hold"] = NeededNumber(
            hold,
            valType="num",
            inputType="single",
            categ="Basic",
            updates="constant",
            label=_translate("Hold (s)"),
            hint=_translate("How long gaze has to stay there without leaving, in seconds."),
        )
        self.params["giveUp"] = NumberParam(
            give_up,
            valType="num",
            inputType="single",
            categ="Basic",
            updates="constant",
            label=_translate("Give up after (s)"),
            hint=_translate(
                "The experiment goes on then in any case, and the data file says that it did not "
                "open. Blank waits until the point is looked at, or Escape is pressed."
            ),
        )

    def _add_correction(self, correct_drift: bool) -> None:
        self.params["correctDrift"] = Param(
            correct_drift,
            valType="bool",
            inputType="bool",
            categ="Data",
            updates="constant",
            label=_translate("Correct drift"),
            hint=_translate(
                "Take half of the offset that was found away from gaze from then on, on top of "
                "what Neon Validate corrects. The data file and the journal have each step."
            ),
        )

    def writeInitCode(self, buff: Any) -> None:
        """Create the object of `psychopy_neon.runtime`."""
        code = (
            "%(name)s = neon_runtime.NeonGate(\n"
            "    win, eyetracker, exp=thisExp, name='%(name)s',\n"
            "    radius=%(radius)s, hold=%(hold)s, give_up=%(giveUp)s,\n"
            "    correct_drift=%(correctDrift)s\n"
            ")\n"
        )
        self.write(buff, code)

    def writeMainCode(self, buff: Any) -> None:
        """Wait, and keep the keys that were pressed meanwhile from the experiment."""
        code = (
            "\n"
            "# wait until the point is looked at; Escape ends it\n"
            "%(name)s.run(place=%(place)s)\n"
            "defaultKeyboard.clearEvents()\n"
        )
        self.write(buff, code)
