"""What the timing certificate is judged by, as fields of the experiment settings."""

from __future__ import annotations

import ast
from textwrap import indent
from typing import Any

from psychopy.experiment import Param
from psychopy.localization import _translate

from ._numbers import NumberParam

_PREFIX = "neonRtLimit"
_OLD = "neonRtTimingLimits"

# Name of the field -> name of the limit and its default, as in psychopy_neon.certificate.Limits,
# which this module must not import: a test compares them.
_LIMITS: dict[str, tuple[str, float]] = {
    "neonRtLimitEventBound": ("max_event_bound_ms", 1.0),
    "neonRtLimitConfirmed": ("min_confirmed_share", 1.0),
    "neonRtLimitClockSteps": ("max_clock_steps", 0),
    "neonRtLimitGazeLoss": ("max_gaze_loss_share", 0.001),
    "neonRtLimitGazeAge": ("max_gaze_age_p95_ms", 60.0),
    "neonRtLimitLateFlips": ("max_late_flip_share", 0.01),
    "neonRtLimitDisplayLag": ("max_display_lag_uncertainty_ms", 5.0),
}


def limits_params() -> dict[str, Any]:
    """One parameter for each limit, and an invisible one for files that had them all in one."""
    params = {name: _limit(name, default) for name, (_, default) in _LIMITS.items()}
    return {**params, _OLD: _OldLimits(params)}


def limits_code(inits: dict[str, Any], margin: str) -> str:
    """Source of the dict that the device gets, one entry a line; `margin` is what it stands in.

    It checks the values at the start of the run, when they may still come from a variable.
    """
    entries = [f"'{limit}': {inits[name]},\n" for name, (limit, _) in _LIMITS.items()]
    old = str(inits[_OLD]).strip()
    if old not in ("", "None"):
        entries.append(f"**{old},\n")
    return f"{{\n{indent('    ' + '    '.join(entries), margin)}{margin}}}"


def _limit(name: str, default: float) -> Any:
    label, hint = _words()[name]
    return NumberParam(
        default,
        valType="num",
        inputType="single",
        categ="Eyetracking",
        label=label,
        hint=hint + " " + _translate("Blank for no limit."),
    )


class _OldLimits(Param):
    """The dict of files written before each limit had its field.

    Its values go to the fields when such a file is opened. What is no plain dict stays here, and
    the script lets it win over the fields.
    """

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields
        self._val: Any = ""
        Param.__init__(
            self,
            "",
            valType="code",
            inputType="inv",
            categ="Eyetracking",
            label=_translate("Timing limits (old)"),
            hint=_translate("All limits as one dict, from a file of an earlier version."),
        )

    @property
    def val(self) -> Any:
        """What is left here."""
        return self._val

    @val.setter
    def val(self, value: Any) -> None:
        self._val = "" if self._hand_over(value) else value

    def _hand_over(self, value: Any) -> bool:
        try:
            limits = ast.literal_eval(str(value).strip())
        except (ValueError, SyntaxError):
            return False
        names = {limit: name for name, (limit, _) in _LIMITS.items()}
        if not isinstance(limits, dict) or not set(limits) <= set(names):
            return False
        for limit, bound in limits.items():
            self._fields[names[limit]].val = "" if bound is None else bound
        return True


def _words() -> dict[str, tuple[str, str]]:
    return {
        "neonRtLimitEventBound": (
            _translate("Limit: error of event times (ms)"),
            _translate(
                "The timing certificate, written at the end of each run, fails if the time of an "
                "event can be further off than this. 1 suits a cable or an own access point, 5 a "
                "shared Wi-Fi in which some round trips take less than 8 ms."
            ),
        ),
        "neonRtLimitConfirmed": (
            _translate("Limit: events confirmed (share)"),
            _translate("Smallest share of events that the phone must confirm, 0 to 1; 1 is all."),
        ),
        "neonRtLimitClockSteps": (
            _translate("Limit: steps of the phone's clock"),
            _translate(
                "How often the phone's clock may be set during a run. 0 if its automatic time is "
                "turned off, 1 otherwise."
            ),
        ),
        "neonRtLimitGazeLoss": (
            _translate("Limit: gaze lost (share)"),
            _translate(
                "Greatest share of gaze samples that may be lost, 0 to 1: 0.001 on a cable, 0.01 "
                "in a shared Wi-Fi."
            ),
        ),
        "neonRtLimitGazeAge": (
            _translate("Limit: gaze age (ms)"),
            _translate(
                "95 % of the flips that show gaze must show gaze younger than this: 60 ms on a "
                "cable, 100 ms in a shared Wi-Fi."
            ),
        ),
        "neonRtLimitLateFlips": (
            _translate("Limit: late flips (share)"),
            _translate("Greatest share of flips that may come more than half a refresh late."),
        ),
        "neonRtLimitDisplayLag": (
            _translate("Limit: uncertainty of the display's lag (ms)"),
            _translate(
                "If a Neon Display Lag Routine measures the lag, it must be known as well as this, "
                "and the clocks must agree. 10 suits a shared Wi-Fi."
            ),
        ),
    }
