"""Neon Gaze: where the participant looks, for other components to use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.components import BaseComponent
from psychopy.localization import _translate

from .._base import BLANK, NeonElement, help_page
from .._numbers import NeededNumber
from .._surfaces import surface_code, surface_param, window_code, window_param

_HERE = Path(__file__).parent
# As psychopy_neon.screen.gaze_smoothing has them; Builder should not load that.
SMOOTHING = ["none", "moving average", "within fixations", "one euro"]
HIDE, HOLD = "hide", "hold"
SURFACE_HINT = _translate(
    "Only if the glasses have several windows or surfaces in view: the same name as in the Neon "
    "Markers of the one that this gaze is on. .rests_here says whether it is looked at. Blank "
    "means the window whose gaze is in the data file."
)


class NeonGazeComponent(NeonElement, BaseComponent):
    """Offers live gaze as ``$neonGaze.pos``, for stimuli and code alike.

    Can smooth it, let something be chosen by looking at it, and summarise its quality in the data
    file.
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
        smoothing: str = "none",
        smoothingTime: Any = 0.1,
        whenInvalid: str = HIDE,
        holdTime: Any = 0.3,
        dwellOn: str = "",
        dwellTime: Any = 0.6,
        endOnDwell: bool = False,
        saveSummary: bool = True,
        surface: str = "",
        window: Any = "",
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
        self.url = help_page(_HERE.name)
        self.require_runtime()
        self.order += ["smoothing", "smoothingTime", "whenInvalid", "holdTime"]
        self.order += ["dwellOn", "dwellTime", "endOnDwell", "saveSummary"]
        self.params["startVal"].hint = _translate(
            "When should the summary start, and choosing by looking? The gaze itself can be used "
            "at any time."
        )
        self.params["stopVal"].hint = _translate(
            "When should they end? Blank means at the end of the Routine, which does not wait for "
            "them."
        )
        self._add_smoothing(smoothing, smoothingTime)
        self._add_holding(whenInvalid, holdTime)
        self._add_dwell(dwellOn, dwellTime, endOnDwell)
        self._add_summary(saveSummary)
        self.order += ["surface", "window"]
        self.params["surface"] = surface_param(surface, SURFACE_HINT)
        self.params["window"] = window_param(window)
        self._show_only("smoothingTime", "smoothing", f"in {SMOOTHING[1:]}")
        self._show_only("holdTime", "whenInvalid", f"== '{HOLD}'")

    def _show_only(self, param: str, depends_on: str, condition: str) -> None:
        self.depends.append(
            {
                "dependsOn": depends_on,
                "condition": condition,
                "param": param,
                "true": "show",
                "false": "hide",
            }
        )

    def _add_smoothing(self, smoothing: str, smoothing_time: Any) -> None:
        self.params["smoothing"] = Param(
            smoothing,
            valType="str",
            inputType="choice",
            categ="Following",
            updates="constant",
            allowedVals=SMOOTHING,
            allowedLabels=[
                _translate("None: no delay"),
                _translate("Moving average: delay of half the time below"),
                _translate("Average within fixations: the same, none after a saccade"),
                _translate("One Euro filter: the same at rest, less when the eye moves"),
            ],
            label=_translate("Smoothing"),
            hint=_translate(
                "What is done to .pos to calm stimuli that follow it. The delay counts for an eye "
                "that moves; .delay says how much it is at each moment, in seconds, and the "
                "summary has its median."
            ),
        )
        self.params["smoothingTime"] = self._number(
            smoothing_time,
            "Following",
            _translate("Smooth over (s)"),
            _translate("Seconds, at most 1. Has no meaning without smoothing."),
        )

    def _add_holding(self, when_invalid: str, hold_time: Any) -> None:
        self.params["whenInvalid"] = Param(
            when_invalid,
            valType="str",
            inputType="choice",
            categ="Following",
            updates="constant",
            allowedVals=[HIDE, HOLD],
            allowedLabels=[_translate("Hide at once"), _translate("Hold the last place")],
            label=_translate("When gaze is lost"),
            hint=_translate(
                "Where .pos is during a blink and the like: far outside the window, so that what "
                "follows it vanishes, or where it was. .shown says whether it is in the window, "
                "and .valid never lies."
            ),
        )
        self.params["holdTime"] = self._number(
            hold_time,
            "Following",
            _translate("Hold for (s)"),
            _translate("After so many seconds .pos goes away nevertheless. Only if held at all."),
        )

    def _add_dwell(self, dwell_on: str, dwell_time: Any, end_on_dwell: bool) -> None:
        self.params["dwellOn"] = Param(
            dwell_on,
            valType="code",
            inputType="single",
            categ="Dwell",
            updates="set every repeat",
            allowedUpdates=["set every repeat"],
            canBePath=False,
            label=_translate("Choose from"),
            hint=_translate(
                "Stimuli, one of which is chosen by looking at it, in brackets: [left, right]. "
                ".selected is the one that was chosen, .looked_at the one that is looked at, and "
                ".progress, from 0 to 1, tells for how long. Blank for none."
            ),
        )
        self.params["dwellTime"] = self._number(
            dwell_time,
            "Dwell",
            _translate("Dwell time (s)"),
            _translate(
                "How long a stimulus has to be looked at. Blinks and looks at nothing of up to "
                "0.15 s are forgiven, but do not count."
            ),
        )
        self.params["endOnDwell"] = Param(
            end_on_dwell,
            valType="bool",
            inputType="bool",
            categ="Dwell",
            updates="constant",
            label=_translate("End Routine when chosen"),
            hint=_translate("Tick to end the Routine as soon as something was chosen."),
        )

    @staticmethod
    def _number(value: Any, categ: str, label: str, hint: str) -> Param:
        return NeededNumber(
            value,
            valType="num",
            inputType="single",
            categ=categ,
            updates="constant",
            canBePath=False,
            label=label,
            hint=hint,
        )

    def _add_summary(self, save_summary: bool) -> None:
        self.params["saveSummary"] = Param(
            save_summary,
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

    @property
    def _chooses(self) -> bool:
        """Whether there is something to choose from."""
        return str(self.params["dwellOn"].val).strip() not in BLANK

    @property
    def _watches(self) -> bool:
        """Whether it has something to do in each frame by itself."""
        return self._chooses or bool(self.params["saveSummary"])

    @property
    def _smooths(self) -> bool:
        return str(self.params["smoothing"].val) != SMOOTHING[0]

    @property
    def _holds(self) -> bool:
        return str(self.params["whenInvalid"].val) == HOLD

    @property
    def unused(self) -> list[str]:
        """Numbers that are not asked for, as what they belong to is not wanted."""
        asked = {
            "smoothingTime": self._smooths,
            "holdTime": self._holds,
            "dwellTime": self._chooses,
        }
        return [name for name, is_asked in asked.items() if not is_asked]

    def writeInitCode(self, buff: Any) -> None:
        """Create the object of `psychopy_neon.runtime`, with what differs from its defaults."""
        code = "%(name)s = neon_runtime.NeonGaze(WIN, eyetracker, exp=thisExp, name='%(name)s')\n"
        options = [surface_code(self).lstrip(", ")] if surface_code(self) else []
        if self._smooths:
            options.append("smoothing=%(smoothing)s, smoothing_s=%(smoothingTime)s")
        if self._holds:
            options.append("hold_s=%(holdTime)s")
        if self._chooses:
            options.append("dwell_s=%(dwellTime)s")
        if options:
            code = code.replace("NeonGaze(WIN", "NeonGaze(\n    WIN")
            code = code.replace("')\n", f"',\n    {', '.join(options)}\n)\n")
        self._write(buff, code.replace("WIN", window_code(self)))

    def writeParamUpdate(
        self, buff: Any, compName: str, paramName: str, *args: Any, **kwargs: Any
    ) -> None:
        """Write nothing for blank choices: nothing is no value in Python."""
        if paramName != "dwellOn" or self._chooses:
            super().writeParamUpdate(buff, compName, paramName, *args, **kwargs)

    def start_code(self) -> str:
        """Statements for the frame in which the summary starts."""
        return "%(name)s.start()\n" if self._watches else ""

    def stop_code(self) -> str:
        """Statements for the frame in which the summary ends."""
        return "%(name)s.stop()\n" if self._watches else ""

    def write_each_frame(self, buff: Any) -> None:
        """Count the frame; without a summary nothing is read unless somebody asks."""
        if self._watches:
            self._write(buff, "%(name)s.watch()\n")
        if self._chooses and self.params["endOnDwell"]:
            self._write(
                buff,
                "if %(name)s.selected is not None:\n"
                "    continueRoutine = False  # something was chosen by looking at it\n",
            )

    def writeRoutineEndCode(self, buff: Any) -> None:
        """Write the summary into the data file."""
        if self._watches:
            self._write(buff, "%(name)s.stop()\n")
        super().writeRoutineEndCode(buff)
