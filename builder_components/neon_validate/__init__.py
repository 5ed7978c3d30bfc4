"""Neon Validate: a Routine that tells how accurate gaze is, and corrects it if wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.routines import BaseStandaloneRoutine
from psychopy.localization import _translate

from .._numbers import NeededNumber, NumberParam
from .._routine import NeonRoutine

_HERE = Path(__file__).parent


class NeonValidateRoutine(NeonRoutine, BaseStandaloneRoutine):
    """Shows targets to be looked at, and then how far gaze was from them.

    Puts accuracy, precision and data loss into the data file, and on the screen. A correction
    holds for the Neon Gaze Components of the Routines after it.
    """

    iconFile = _HERE / "neon_validate.png"
    iconSVG = _HERE / "neon_validate.svg"
    tooltip = _translate("Neon Validate: measure how accurate gaze is, and correct it if wanted")

    def __init__(
        self,
        exp: Any,
        name: str = "neonValidate",
        points: str = "5",
        limit: Any = 1.5,
        correct: str = "on request",
        show: Any = "",
        spread: Any = 0.7,
        sendEvents: bool = False,
        disabled: bool = False,
    ) -> None:
        BaseStandaloneRoutine.__init__(self, exp, name=name, disabled=disabled)
        self.become(
            "NeonValidate",
            "neon_validate",
            ["name", "points", "limit", "correct", "show", "spread", "sendEvents"],
        )
        self._add_targets(points, spread)
        self._add_outcome(limit, correct, show)
        self._add_events(sendEvents)

    def _add_targets(self, points: str, spread: Any) -> None:
        self.params["points"] = Param(
            points,
            valType="code",
            inputType="choice",
            categ="Basic",
            updates="constant",
            allowedVals=["1", "5", "9", "13"],
            label=_translate("Number of targets"),
            hint=_translate(
                "One in the middle; four more in the corners; four more at the edges; four more "
                "between. Each takes 1.6 seconds."
            ),
        )
        self.params["spread"] = NeededNumber(
            spread,
            valType="num",
            inputType="single",
            categ="Layout",
            updates="constant",
            label=_translate("Spread of the targets"),
            hint=_translate(
                "How far from the middle the outer ones are, in norm units, 0.1 to 0.95. 0.7 keeps "
                "clear of the markers; choose the area that your stimuli cover."
            ),
        )

    def _add_outcome(self, limit: Any, correct: str, show: Any) -> None:
        self.params["limit"] = NeededNumber(
            limit,
            valType="num",
            inputType="single",
            categ="Basic",
            updates="constant",
            label=_translate("Pass limit (deg)"),
            hint=_translate(
                "Mean error over the targets, in degrees, up to which the validation is passed. "
                "neonValidate.passed says whether it was."
            ),
        )
        self.params["correct"] = Param(
            correct,
            valType="str",
            inputType="choice",
            categ="Basic",
            updates="constant",
            allowedVals=["never", "on request", "if needed", "always"],
            allowedLabels=[
                _translate("Never"),
                _translate("When C is pressed"),
                _translate("If it is not passed"),
                _translate("Always"),
            ],
            label=_translate("Correct gaze"),
            hint=_translate(
                "Correct what Neon Gaze gives from then on by what was measured, and measure "
                "again. The data file has the correction and its version; U undoes it."
            ),
        )
        self.params["show"] = NumberParam(
            show,
            valType="num",
            inputType="single",
            categ="Basic",
            updates="constant",
            label=_translate("Show the result for (s)"),
            hint=_translate(
                "Seconds until the experiment goes on by itself; 0 shows no result. Blank waits "
                "for a key: space goes on, R measures again."
            ),
        )

    def _add_events(self, send_events: bool) -> None:
        self.params["sendEvents"] = Param(
            send_events,
            valType="bool",
            inputType="bool",
            categ="Data",
            updates="constant",
            label=_translate("Send events"),
            hint=_translate(
                "Put an event into the phone's recording for each target, with its place in norm "
                "units, such as 'neonValidate target 0.7 -0.7'. It has to be recording."
            ),
        )

    def writeInitCode(self, buff: Any) -> None:
        """Create the object of `psychopy_neon.runtime`: it can be asked from the start."""
        code = (
            "%(name)s = neon_runtime.NeonValidate(\n"
            "    win, eyetracker, exp=thisExp, name='%(name)s',\n"
            "    points=%(points)s, spread=%(spread)s, limit=%(limit)s,\n"
            "    correct=%(correct)s, show=%(show)s, send_events=%(sendEvents)s\n"
            ")\n"
        )
        self.write(buff, code)

    def writeMainCode(self, buff: Any) -> None:
        """Validate, and keep the keys that were pressed meanwhile from the experiment."""
        code = "\n# validate gaze; Escape ends it\n%(name)s.run()\ndefaultKeyboard.clearEvents()\n"
        self.write(buff, code)
