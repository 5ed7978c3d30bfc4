"""The device's run-time settings, checked by us: ioHub checks only the top level."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from psychopy_neon.certificate.limits import Limits
from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.address import check_serial, parse_address

RECORD_WITH = ("routine", "experiment", "never")
IF_MISSING = ("stop", "go on", "simulator")
STREAMS = ("eye movements", "motion")
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
    template_answers : dict
        Answers to questions of the phone's template, by their titles or ids, in their natural
        types or as texts. They are stored as soon as the phone is connected, before it records;
        simulated glasses of a pilot run do not get them.
    streams : list of str
        What is received and saved besides gaze, pupils and lids: some of "eye movements" and
        "motion".
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
    template_answers: dict[str, Any] = field(default_factory=dict)
    streams: list[str] = field(default_factory=lambda: list(STREAMS))

    @classmethod
    def from_config(cls, values: Mapping[str, Any] | None) -> Settings:
        """Check what came from YAML, Builder or a script.

        Raises
        ------
        UsageError
            If a name is unknown or a value is of no use.
        """
        given = dict(values or {})
        known = [each.name for each in fields(cls)]
        for name, value in given.items():
            if name not in known:
                raise UsageError(
                    f"runtime_settings has no {name!r}; expected some of {', '.join(known)}"
                )
            given[name] = CHECKS.get(name, _text)(name, value)
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


def _answers(name: str, value: object) -> dict[str, Any]:
    """Whether they fit is known when the phone has told its questions."""
    if not isinstance(value or {}, Mapping):
        raise UsageError(
            f"{name} is {value!r}; expected answers by the title of their question, such as "
            "{'Participant': 'P07'}"
        )
    return {str(title): answer for title, answer in dict(value or {}).items()}  # type: ignore[call-overload]


def _streams(name: str, value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise UsageError(f"{name} is {value!r}; expected a list with some of {', '.join(STREAMS)}")
    wanted = [str(each) for each in value]
    for each in wanted:
        _check_choice(name, each, STREAMS)
    return wanted


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(f"{name} is {value!r}; expected one of {', '.join(choices)}")


CHECKS: dict[str, Callable[[str, object], Any]] = {
    "max_gaze_age_s": _seconds,
    "max_pose_age_s": _seconds,
    "timing_limits": _limits,
    "template_answers": _answers,
    "streams": _streams,
}
