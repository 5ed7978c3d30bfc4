"""Neon Markers: the frame of tags by which the glasses find the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.components import BaseVisualComponent
from psychopy.localization import _translate

from .._base import HELP, NeonElement

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
        tagSize: float = 0.1,
        columns: int = 3,
        rows: int = 3,
        firstId: int = 0,
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
        self.url = HELP
        self.require_runtime()
        for name_ in _NOT_FOR_MARKERS:
            self.params.pop(name_, None)
        self.order = [name_ for name_ in self.order if name_ not in _NOT_FOR_MARKERS]
        self.params["stopVal"].hint = _translate(
            "When should the markers disappear? Blank means at the end of the Routine, which "
            "does not wait for them."
        )
        self._add_layout(tagSize, columns, rows, firstId)

    def _add_layout(self, tag_size: float, columns: int, rows: int, first_id: int) -> None:
        self.order += ["tagSize", "columns", "rows", "firstId"]
        self.params["tagSize"] = Param(
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
            self.params[key] = Param(
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
        self.params["firstId"] = Param(
            first_id,
            valType="int",
            inputType="single",
            categ="Layout",
            updates="constant",
            label=_translate("First marker"),
            hint=_translate(
                "Number of the first marker (family 36h11); the others count up from it. "
                "Different windows in view of one participant need different numbers."
            ),
        )

    def writeInitCode(self, buff: Any) -> None:
        """Create the stimulus, which tells the glasses where it draws."""
        self._write(
            buff,
            "%(name)s = neon_runtime.NeonMarkers(\n"
            "    win, eyetracker, name='%(name)s',\n"
            "    tag_size=%(tagSize)s, columns=%(columns)s, rows=%(rows)s, first_id=%(firstId)s\n"
            ")\n",
        )

    def start_code(self) -> str:
        """Statements for the frame in which the markers appear."""
        return "%(name)s.setAutoDraw(True)\n"

    def stop_code(self) -> str:
        """Statements for the frame in which the markers disappear."""
        return "%(name)s.setAutoDraw(False)\n"
