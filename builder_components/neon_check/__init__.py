"""Neon Check: a Routine that tells whether everything is ready for the session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.routines import BaseStandaloneRoutine
from psychopy.localization import _translate

from .._numbers import NumberParam
from .._routine import NeonRoutine

_HERE = Path(__file__).parent


class NeonCheckRoutine(NeonRoutine, BaseStandaloneRoutine):
    """Shows in plain words, green or red, whether glasses, phone and network are ready.

    Put it first. The live picture of the scene camera is beside the list; keys go on, check
    again, or end the experiment.
    """

    iconFile = _HERE / "neon_check.png"
    iconSVG = _HERE / "neon_check.svg"
    tooltip = _translate("Neon Check: see before the session whether everything is ready")

    def __init__(
        self,
        exp: Any,
        name: str = "neonCheck",
        minutes: Any = 60.0,
        byItself: bool = False,
        timeLimit: Any = "",
        atLimit: str = "stop",
        serial: Any = "",
        wearer: Any = "",
        clockBound: Any = 5.0,
        roundTrip: Any = 50.0,
        gazeRate: Any = 100.0,
        batteryRate: Any = 0.5,
        storageRate: Any = 100.0,
        disabled: bool = False,
    ) -> None:
        BaseStandaloneRoutine.__init__(self, exp, name=name, disabled=disabled)
        self.become(
            "NeonCheck",
            "neon_check",
            [
                *("name", "minutes", "serial", "wearer", "byItself", "timeLimit", "atLimit"),
                *("clockBound", "roundTrip", "gazeRate", "batteryRate", "storageRate"),
            ],
        )
        self._add_needs(minutes, serial, wearer)
        self._add_ending(byItself, timeLimit, atLimit)
        self._add_link_limits(clockBound, roundTrip, gazeRate)
        self._add_rates(batteryRate, storageRate)

    def _add_needs(self, minutes: Any, serial: Any, wearer: Any) -> None:
        self.params["minutes"] = _number(
            minutes,
            _translate("Session lasts (min)"),
            _translate(
                "How long the phone will record, in minutes: its battery and its storage have to "
                "last. What a minute takes is on the page Limits."
            ),
            "Basic",
        )
        self.params["serial"] = _text(
            serial,
            _translate("Right glasses"),
            _translate(
                "Module serial number of the glasses that the session is to use, such as 123456. "
                "Blank for any. May be a variable, such as $expInfo['glasses']."
            ),
        )
        self.params["wearer"] = _text(
            wearer,
            _translate("Right wearer"),
            _translate(
                "Whoever is to wear them, such as $expInfo['participant']. The phone does not tell "
                "which wearer is chosen in its app; the answers of its template are searched for "
                "this text. Blank to leave that out."
            ),
        )

    def _add_ending(self, by_itself: bool, time_limit: Any, at_limit: str) -> None:
        self.params["byItself"] = Param(
            by_itself,
            valType="bool",
            inputType="bool",
            categ="Basic",
            updates="constant",
            label=_translate("Go on by itself when all is green"),
            hint=_translate(
                "Go on without a key when everything has been green for a second. For runs that "
                "nobody attends; otherwise somebody should look at the picture first."
            ),
        )
        self.params["timeLimit"] = _number(
            time_limit,
            _translate("Time limit (s)"),
            _translate(
                "Longest wait, in seconds. Blank waits for a key. A pilot run goes on after 10 s "
                "at the latest, whatever was found."
            ),
            "Basic",
        )
        self.params["atLimit"] = Param(
            at_limit,
            valType="str",
            inputType="choice",
            categ="Basic",
            updates="constant",
            allowedVals=["stop", "go on"],
            allowedLabels=[_translate("End the experiment"), _translate("Go on all the same")],
            label=_translate("At the time limit"),
            hint=_translate(
                "What happens if nobody has pressed a key by then. The data file says what it was."
            ),
        )

    def _add_link_limits(self, clock_bound: Any, round_trip: Any, gaze_rate: Any) -> None:
        self.params["clockBound"] = _number(
            clock_bound,
            _translate("Clock known to (ms)"),
            _translate(
                "Greatest possible error of the phone's clock, and so of the times of events, in "
                "milliseconds. A cable reaches 0.5, a Wi-Fi of your own 1 to 5."
            ),
        )
        self.params["roundTrip"] = _number(
            round_trip,
            _translate("Network answers within (ms)"),
            _translate(
                "How long the phone's answers may take, in milliseconds (median). Gaze comes about "
                "half of it late."
            ),
        )
        self.params["gazeRate"] = _number(
            gaze_rate,
            _translate("Lowest gaze rate (Hz)"),
            _translate(
                "Gaze samples per second that have to arrive. Newer phones send 200, a OnePlus 8 "
                "about 120 after some minutes."
            ),
        )

    def _add_rates(self, battery_rate: Any, storage_rate: Any) -> None:
        self.params["batteryRate"] = _number(
            battery_rate,
            _translate("Battery per minute (%)"),
            _translate(
                "Percent of the phone's battery that a minute takes. The makers speak of 4 hours "
                "with a new phone, 0.42 %; 0.5 % is a guess, as streaming takes more. Measure "
                "yours once."
            ),
        )
        self.params["storageRate"] = _number(
            storage_rate,
            _translate("Storage per minute (MB)"),
            _translate(
                "Storage of the phone that a minute takes, in MB. Scene video takes 37.5; the rest "
                "is published nowhere, and 100 is generous. Measure yours once."
            ),
        )

    def writeInitCode(self, buff: Any) -> None:
        """Create the object of `psychopy_neon.runtime`."""
        code = (
            "%(name)s = neon_runtime.NeonCheck(\n"
            "    win, eyetracker, exp=thisExp, name='%(name)s',\n"
            "    minutes=%(minutes)s, serial=%(serial)s, wearer=%(wearer)s,\n"
            "    by_itself=%(byItself)s, limit=%(timeLimit)s, at_limit=%(atLimit)s,\n"
            "    clock_ms=%(clockBound)s, round_trip_ms=%(roundTrip)s, gaze_hz=%(gazeRate)s,\n"
            "    battery_per_minute=%(batteryRate)s, storage_per_minute=%(storageRate)s,\n"
            "    piloting=PILOTING\n"
            ")\n"
        )
        self.write(buff, code)

    def writeMainCode(self, buff: Any) -> None:
        """Check, keep the keys that were pressed meanwhile, and end if that was wanted."""
        code = (
            "\n"
            "# see whether everything is ready; Escape ends the experiment\n"
            "%(name)s.run()\n"
            "defaultKeyboard.clearEvents()\n"
            "if %(name)s.stopped:\n"
            "    thisExp.status = FINISHED\n"
            "    endExperiment(thisExp, win=win)\n"
            "    return\n"
        )
        self.write(buff, code)


def _number(value: Any, label: str, hint: str, page: str = "Limits") -> Any:
    return NumberParam(
        value,
        valType="num",
        inputType="single",
        categ=page,
        updates="constant",
        label=label,
        hint=hint,
    )


def _text(value: Any, label: str, hint: str) -> Any:
    return Param(
        value,
        valType="str",
        inputType="single",
        categ="Basic",
        updates="constant",
        canBePath=False,
        label=label,
        hint=hint,
    )
