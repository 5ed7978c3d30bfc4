"""Neon Markers: the frame of tags by which the glasses find the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.components import BaseVisualComponent
from psychopy.localization import _translate

from .._base import BLANK, NeonElement, help_page
from .._numbers import NeededNumber
from .._surfaces import surface_code, surface_param, window_code, window_param

_HERE = Path(__file__).parent
_NOT_FOR_MARKERS = (
    "units",
    "color",
    "fillColor",
    "borderColor",
    "colorSpace",
    "opacity",
    "contrast",
    "pos",
    "size",
    "ori",
    "validator",
)
SURFACE_HINT = _translate(
    "Only if the glasses have several windows or surfaces in view: a name of your own for the one "
    "with these markers, and a First marker so that no number is used twice. Blank means the "
    "window whose gaze is in the data file."
)


class NeonMarkersComponent(NeonElement, BaseVisualComponent):
    """Shows AprilTags along the border of the window; without them there is no screen gaze."""

    iconFile = _HERE / "neon_markers.png"
    iconSVG = _HERE / "neon_markers.svg"
    tooltip = _translate("Neon Markers: frame of tags by which the glasses find the window")

    def __init__(
        self,
        exp: Any,
        parentName: str,
        name: str = "neonMarkers",
        startType: str = "time (s)",
        startVal: Any = 0.0,
        startEstim: Any = "",
        stopType: str = "duration (s)",
        stopVal: Any = "",
        durationEstim: Any = "",
        tagSize: float = 0.08,
        columns: int = 3,
        rows: int = 3,
        firstId: int = 0,
        shown: bool = True,
        printed: str = "",
        dimmed: Any = False,
        surface: str = "",
        window: Any = "",
        saveStartStop: bool = True,
        syncScreenRefresh: bool = True,
        disabled: bool = False,
    ) -> None:
        BaseVisualComponent.__init__(
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
        self.type = "NeonMarkers"
        self.url = help_page(_HERE.name)
        self.require_runtime()
        for name_ in _NOT_FOR_MARKERS:
            self.params.pop(name_, None)
        self.order = [name_ for name_ in self.order if name_ not in _NOT_FOR_MARKERS]
        self.params["stopVal"].hint = _translate(
            "When should the markers disappear? Blank means at the end of the Routine, which "
            "does not wait for them."
        )
        self._add_layout(tagSize, columns, rows, firstId)
        self._add_ways_to_show(shown, printed, dimmed)
        self.order += ["surface", "window"]
        self.params["surface"] = surface_param(surface, SURFACE_HINT)
        self.params["window"] = window_param(window)

    def _add_layout(self, tag_size: float, columns: int, rows: int, first_id: int) -> None:
        self.order += ["tagSize", "columns", "rows", "firstId"]
        self.params["tagSize"] = NeededNumber(
            tag_size,
            valType="num",
            inputType="single",
            categ="Layout",
            updates="constant",
            label=_translate("Size of a marker"),
            hint=_translate(
                "Side of a marker's black square, as a fraction of the window's height. Larger "
                "ones are found from further away."
            ),
        )
        counts = {
            "columns": (columns, _translate("Columns"), _translate("horizontal")),
            "rows": (rows, _translate("Rows"), _translate("vertical")),
        }
        for key, (value, label, direction) in counts.items():
            self.params[key] = NeededNumber(
                value,
                valType="int",
                inputType="single",
                categ="Layout",
                updates="constant",
                label=label,
                hint=_translate("Markers along each {} edge, the corners included.").format(
                    direction
                ),
            )
        self.params["firstId"] = NeededNumber(
            first_id,
            valType="int",
            inputType="single",
            categ="Layout",
            updates="constant",
            label=_translate("First marker"),
            hint=_translate(
                "Number of the first marker (family 36h11); the others count up from it. "
                "Different windows in view of one participant need different numbers, such as 0 "
                "and 100."
            ),
        )

    def _add_ways_to_show(self, shown: bool, printed: str, dimmed: Any) -> None:
        self.order += ["shown", "printed", "dimmed"]
        self.params["shown"] = Param(
            shown,
            valType="bool",
            inputType="bool",
            categ="Layout",
            updates="constant",
            label=_translate("Show on the window"),
            hint=_translate("Untick it if the printed markers alone are enough."),
        )
        self.params["printed"] = Param(
            printed,
            valType="str",
            inputType="single",
            categ="Layout",
            updates="constant",
            label=_translate("Printed markers (file)"),
            hint=_translate(
                "Where the printed markers around the screen are, as `psychopy-neon markers "
                "--layout` has written it and you have measured it. The window has to fill the "
                "screen, unless they are a Surface of their own. Blank means there are none."
            ),
        )
        self.params["dimmed"] = Param(
            dimmed,
            valType="code",
            inputType="single",
            categ="Layout",
            updates="constant",
            allowedUpdates=["constant", "set every repeat", "set every frame"],
            label=_translate("Dimmed"),
            hint=_translate(
                "True for a third of their light, such as between trials, or code that tells when. "
                "In ordinary light they are still found; where they are not, gaze is not valid."
            ),
        )

    def writeInitCode(self, buff: Any) -> None:
        """Create the stimulus, which tells the glasses where it draws."""
        self._write(
            buff,
            "%(name)s = neon_runtime.NeonMarkers(\n"
            f"    {window_code(self)}, eyetracker, name='%(name)s'{surface_code(self)},\n"
            "    tag_size=%(tagSize)s, columns=%(columns)s, rows=%(rows)s, first_id=%(firstId)s,\n"
            "    printed=%(printed)s, shown=%(shown)s\n"
            ")\n",
        )
        if self._may_dim and self.params["dimmed"].updates == "constant":
            self._write(buff, "%(name)s.dimmed = %(dimmed)s\n")

    def writeParamUpdate(
        self, buff: Any, compName: str, paramName: str, *args: Any, **kwargs: Any
    ) -> None:
        """Write nothing for a blank field: nothing is no value in Python."""
        if paramName != "dimmed" or self._may_dim:
            super().writeParamUpdate(buff, compName, paramName, *args, **kwargs)

    @property
    def _may_dim(self) -> bool:
        return str(self.params["dimmed"].val).strip() not in BLANK

    def write_each_frame(self, buff: Any) -> None:
        """Dim them or not, if that is asked in every frame."""
        if self._may_dim and self.params["dimmed"].updates == "set every frame":
            self._write(buff, "%(name)s.setDimmed(%(dimmed)s, log=False)\n")

    def start_code(self) -> str:
        """Statements for the frame in which the markers appear."""
        return "%(name)s.setAutoDraw(True)\n"

    def stop_code(self) -> str:
        """Statements for the frame in which the markers disappear."""
        return "%(name)s.setAutoDraw(False)\n"
