"""Neon Event: a moment, stamped with the flip that showed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.components import BaseComponent, getInitVals
from psychopy.localization import _translate

from .._base import BLANK, NeonElement, Timing, help_page
from .._numbers import NumberParam

_HERE = Path(__file__).parent
_UPDATES = ["constant", "set every repeat", "set every frame"]


class NeonEventComponent(NeonElement, BaseComponent):
    """Sends an event to the phone at a time or a condition, e.g. when a stimulus appears."""

    iconFile = _HERE / "neon_event.png"
    iconSVG = _HERE / "neon_event.svg"
    tooltip = _translate("Neon Event: mark a moment in the phone's recording, to the flip")

    def __init__(
        self,
        exp: Any,
        parentName: str,
        name: str = "neonEvent",
        startType: str = "time (s)",
        startVal: Any = 0.0,
        startEstim: Any = "",
        stopType: str = "duration (s)",
        stopVal: Any = "",
        durationEstim: Any = "",
        eventName: str = "stimulus on",
        offsetName: str = "",
        eventData: str = "",
        displayLag: Any = 0.0,
        saveStartStop: bool = True,
        syncScreenRefresh: bool = True,
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
        self.type = "NeonEvent"
        self.url = help_page(_HERE.name)
        self.require_runtime()
        self.order += ["eventName", "offsetName", "eventData", "displayLag"]
        self._describe_timing()
        self._add_names(eventName, offsetName)
        self._add_data(eventData)
        self._add_lag(displayLag)

    def _describe_timing(self) -> None:
        self.params["startVal"].hint = _translate("When should the event be sent?")
        self.params["stopVal"].hint = _translate(
            "When should the offset event be sent? Blank means when the Routine ends. Has no "
            "meaning without an offset event."
        )
        self.params["syncScreenRefresh"].hint = _translate(
            "Tick to send the event with the next screen refresh and stamp it with the time of "
            "that refresh; otherwise it is stamped with the time at which the code runs."
        )

    def _add_names(self, event_name: str, offset_name: str) -> None:
        self.params["eventName"] = Param(
            event_name,
            valType="str",
            inputType="single",
            categ="Basic",
            updates="constant",
            allowedUpdates=_UPDATES[:],
            canBePath=False,
            label=_translate("Event name"),
            hint=_translate(
                "Name under which the event appears in the recording. A variable needs a $ "
                "before it and 'set every repeat' beside it."
            ),
        )
        self.params["offsetName"] = Param(
            offset_name,
            valType="str",
            inputType="single",
            categ="Basic",
            updates="constant",
            allowedUpdates=_UPDATES[:],
            canBePath=False,
            label=_translate("Offset event name"),
            hint=_translate("Name of a second event, sent at the stop time; blank for none."),
        )

    def _add_data(self, event_data: str) -> None:
        self.params["eventData"] = Param(
            event_data,
            valType="code",
            inputType="single",
            categ="Data",
            updates="set every repeat",
            allowedUpdates=_UPDATES[:],
            canBePath=False,
            label=_translate("Attached data"),
            hint=_translate(
                "Texts and numbers that belong to the event, as a Python dict, e.g. "
                "{'trial': trials.thisN, 'word': word}. They are kept in the file of events beside "
                "the data; the phone gets the name only. Blank for none."
            ),
        )

    def _add_lag(self, display_lag: Any) -> None:
        self.params["displayLag"] = NumberParam(
            display_lag,
            valType="num",
            inputType="single",
            categ="Data",
            updates="constant",
            allowedUpdates=_UPDATES[:2],
            canBePath=False,
            label=_translate("Display lag (s)"),
            hint=_translate(
                "How much later than the screen refresh the display shows the stimulus, in "
                "seconds, as measured with a photodiode. It is added to the time of events that "
                "are sent with a refresh. For what a Neon Display Lag Routine has measured: "
                "neonDisplayLag.lag (its name before the dot) and 'set every repeat' beside it."
            ),
        )

    @property
    def has_offset(self) -> bool:
        """Whether a second event marks the end."""
        return str(self.params["offsetName"].val).strip() not in BLANK

    def getStartAndDuration(self, params: dict[str, Any] | None = None) -> Timing:
        """Start and duration; a single event is a moment and lasts no time."""
        if self.has_offset:
            return super().getStartAndDuration(params)
        start, is_fixed = self.getStart()
        return start, 0.0, bool(is_fixed)

    def ends_at_once(self) -> bool:
        """Whether the event itself is all there is to wait for."""
        return not self.has_offset or self.lasts_with_routine

    def writeInitCode(self, buff: Any) -> None:
        """Create the object of `psychopy_neon.runtime`."""
        code = (
            "%(name)s = neon_runtime.NeonEvent(\n"
            "    win, eyetracker, exp=thisExp, name='%(name)s',\n"
            "    eventName=%(eventName)s, offsetName=%(offsetName)s,\n"
            "    eventData=%(eventData)s, displayLag=%(displayLag)s\n"
            ")\n"
        )
        inits = getInitVals(self.params)
        if self._has_no_data or self.params["eventData"].updates != "constant":
            inits["eventData"] = "None"
        if self.params["displayLag"].updates != "constant":
            inits["displayLag"] = "0.0"
        buff.writeIndentedLines(code % inits)

    def writeParamUpdate(
        self, buff: Any, compName: str, paramName: str, *args: Any, **kwargs: Any
    ) -> None:
        """Write nothing for data that are blank: nothing is no value in Python."""
        if paramName != "eventData" or not self._has_no_data:
            super().writeParamUpdate(buff, compName, paramName, *args, **kwargs)

    @property
    def _has_no_data(self) -> bool:
        return str(self.params["eventData"].val).strip() in BLANK

    def writeFrameCode(self, buff: Any) -> None:
        """Send the event; without an offset event there is no stop to test for."""
        if self.has_offset:
            super().writeFrameCode(buff)
            return
        self._write(buff, "\n# *%(name)s* updates\n")
        self._write_start(buff)

    def start_code(self) -> str:
        """Statements for the frame in which the event is sent."""
        return f"%(name)s.send{self._when()}\n"

    def stop_code(self) -> str:
        """Statements for the frame in which the offset event is sent."""
        return f"%(name)s.send_offset{self._when()}\n"

    def writeRoutineEndCode(self, buff: Any) -> None:
        """Send the offset event if the Routine ended before its time."""
        if self.has_offset:
            self._write_updates_of_offset(buff)
            self._write(buff, f"%(name)s.send_offset{self._when()}  # unless it was sent\n")
        self._write(buff, "%(name)s.end_routine()\n")
        super().writeRoutineEndCode(buff)

    def _write_updates_of_offset(self, buff: Any) -> None:
        """Only if it is to be sent: what belongs to an event that never was may not exist."""
        if self.checkNeedToUpdate("set every frame"):
            self._write(buff, "if %(name)s.owes_offset:\n")
            buff.setIndentLevel(1, relative=True)
            self.write_updates(buff)
            buff.setIndentLevel(-1, relative=True)

    def _when(self) -> str:
        return "_on_flip()" if self.params["syncScreenRefresh"] else "()"
