"""The device's run-time settings, checked by us: ioHub checks only the top level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from psychopy_neon.certificate.limits import Limits
from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.address import check_serial, parse_address

RECORD_WITH = ("routine", "experiment", "never")
IF_MISSING = ("stop", "go on", "simulator")
SIMULATOR = "simulator"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach the glasses and what to do with them.

    Parameters
    ----------
    address : str
        As the Companion app shows it; empty to discover; "simulator" for simulated glasses.
    name, serial : str
        The phone's name and the serial number of the glasses; empty for any.
    journal : str
        File that records all events; empty for none.
    max_gaze_age_s, max_pose_age_s : float
        Older gaze, or gaze farther in time from the last sight of the markers, is not valid;
        seconds, at most 60.
    record_with : {"routine", "experiment", "never"}
        What makes the phone record: Neon Recording components, the whole experiment, or nothing.
    if_missing : {"stop", "go on", "simulator"}
        What an experiment does without glasses: end with a message, run without gaze, or run
        with simulated ones.
    timing_limits : dict
        Limits of the timing certificate that differ from the defaults of `Limits`.
    """

    address: str = ""
    name: str = ""
    serial: str = ""
    journal: str = ""
    max_gaze_age_s: float = 0.1
    max_pose_age_s: float = 0.5
    record_with: str = "routine"
    if_missing: str = "stop"
    timing_limits: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_config(cls, values: Mapping[str, Any] | None) -> Settings:
        """Check what came from YAML, Builder or a script.

        Raises
        ------
        UsageError
            If a name is unknown or a value is of no use.
        """
        given = dict(values or {})
        known = {each.name: each.type for each in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise UsageError(
                    f"runtime_settings has no {name!r}; expected some of {', '.join(known)}"
                )
            given[name] = CHECKS.get(str(known[name]), _text)(name, value)
        settings = cls(**given)
        if settings.address not in ("", SIMULATOR):
            parse_address(settings.address)
        if settings.serial:
            check_serial(settings.serial)
        _check_choice("record_with", settings.record_with, RECORD_WITH)
        _check_choice("if_missing", settings.if_missing, IF_MISSING)
        return settings


def _text(_name: str, value: object) -> str:
    return "" if value is None else str(value).strip()


def _seconds(name: str, value: object) -> float:
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        seconds = float("nan")
    if not 0 < seconds <= 60:
        raise UsageError(f"{name} is {value!r}; expected seconds, more than 0 and at most 60")
    return seconds


def _limits(name: str, value: object) -> dict[str, Any]:
    """Limits are needed at the end of the run; what is wrong with them must be said before it."""
    if not isinstance(value, Mapping):
        raise UsageError(f"{name} is {value!r}; expected names of limits with their values")
    Limits.from_values(value)
    return dict(value)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(f"{name} is {value!r}; expected one of {', '.join(choices)}")


CHECKS: dict[str, Callable[[str, object], Any]] = {"float": _seconds, "dict[str, Any]": _limits}
