"""Neon Display Lag: a Routine that measures how much later than its flip a picture is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.routines import BaseStandaloneRoutine
from psychopy.localization import _translate

from .._numbers import NeededNumber, NumberParam
from .._routine import NeonRoutine

_HERE = Path(__file__).parent


class NeonDisplayLagRoutine(NeonRoutine, BaseStandaloneRoutine):
    """Blinks before the scene camera, and finds the lag of the display in its video.

    Somebody wears the glasses and looks at the screen for half a minute. Neon Events of the
    Routines after it can take what was found, ``neonDisplayLag.lag``.
    """

    iconFile = _HERE / "neon_display_lag.png"
    iconSVG = _HERE / "neon_display_lag.svg"
    tooltip = _translate("Neon Display Lag: measure, with the scene camera, how late light comes")

    def __init__(
        self,
        exp: Any,
        name: str = "neonDisplayLag",
        mode: str = "patch",
        changes: int = 60,
        exposure: Any = "",
        otherwise: Any = 0.0,
        disabled: bool = False,
    ) -> None:
        BaseStandaloneRoutine.__init__(self, exp, name=name, disabled=disabled)
        self.become(
            "NeonDisplayLag",
            "neon_display_lag",
            ["name", "mode", "changes", "exposure", "otherwise"],
        )
        self._add_mode(mode)
        self._add_numbers(changes, exposure, otherwise)

    def _add_mode(self, mode: str) -> None:
        self.params["mode"] = Param(
            mode,
            valType="str",
            inputType="choice",
            categ="Basic",
            updates="constant",
            allowedVals=["patch", "frame"],
            allowedLabels=[
                _translate("A patch between the markers"),
                _translate("A marker, by inverting it"),
            ],
            label=_translate("What blinks"),
            hint=_translate(
                "A black and white patch between the first two markers, or the markers within "
                "the top row themselves, which needs no room between them."
            ),
        )

    def _add_numbers(self, changes: int, exposure: Any, otherwise: Any) -> None:
        self.params["changes"] = NeededNumber(
            changes,
            valType="int",
            inputType="single",
            categ="Basic",
            updates="constant",
            label=_translate("Number of changes"),
            hint=_translate(
                "How often it changes between dark and bright, 12 to 600. 60 changes take about "
                "25 s; more make the result sharper."
            ),
        )
        self.params["exposure"] = NumberParam(
            exposure,
            valType="num",
            inputType="single",
            categ="Basic",
            updates="constant",
            label=_translate("Exposure of the camera (s)"),
            hint=_translate(
                "Exposure time of the scene camera in seconds, if it is fixed and known, e.g. "
                "0.005. Blank finds it."
            ),
        )
        self.params["otherwise"] = NumberParam(
            otherwise,
            valType="num",
            inputType="single",
            categ="Data",
            updates="constant",
            label=_translate("Lag if none is found (s)"),
            hint=_translate(
                "What neonDisplayLag.lag is as long as nothing was measured, and if no lag could "
                "be found, in seconds."
            ),
        )

    def writeInitCode(self, buff: Any) -> None:
        """Create the object of `psychopy_neon.runtime`: its lag can be asked for from the start."""
        code = (
            "%(name)s = neon_runtime.NeonDisplayLag(\n"
            "    win, eyetracker, exp=thisExp, name='%(name)s',\n"
            "    changes=%(changes)s, mode=%(mode)s,\n"
            "    exposure=%(exposure)s, otherwise=%(otherwise)s\n"
            ")\n"
        )
        self.write(buff, code)

    def writeMainCode(self, buff: Any) -> None:
        """Measure, and keep the keys that were pressed meanwhile from the experiment."""
        code = (
            "\n"
            "# measure the lag of the display; Escape ends it\n"
            "%(name)s.run()\n"
            "defaultKeyboard.clearEvents()\n"
        )
        self.write(buff, code)
