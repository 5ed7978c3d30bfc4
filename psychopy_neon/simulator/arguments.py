"""What the functions that can be called from outside take, read from their own signatures.

A limit stands in the annotation (``Annotated[float, Between(0, 1)]``), so that what a function
says of itself, what a scenario is checked against and what the control endpoint lists are one.
"""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from reprlib import Repr
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.status import Hardware
from psychopy_neon.simulator.model import NEON

LONGEST_S = 3600.0
MAX_COUNT = 1_000_000
MAX_TEXT = 100_000
_HARDWARE_FIELDS = tuple(field.name for field in fields(Hardware))
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


@dataclass(frozen=True, slots=True)
class Between:
    """A number from `low` to `high`, both allowed."""

    low: float
    high: float

    def allows(self, value: Any) -> bool:
        """Whether the value is one."""
        return bool(self.low <= value <= self.high)

    def __str__(self) -> str:
        return f" from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words."""

    words: tuple[str, ...]

    def allows(self, value: Any) -> bool:
        """Whether the value is one."""
        return value in self.words

    def __str__(self) -> str:
        return f": {', '.join(self.words)}"


Share = Annotated[float, Between(0, 1)]
Seconds = Annotated[float, Between(0, LONGEST_S)]
ClockShift = Annotated[float, Between(-1e9, 1e9)]
Norm = Annotated[float, Between(-10, 10)]
Count = Annotated[int, Between(0, MAX_COUNT)]
Percent = Annotated[int, Between(0, 100)]
GazeLength = Annotated[int, Between(9, 1000)]
HttpStatus = Annotated[int, Between(200, 599)]
SensorName = Annotated[str, OneOf(NEON.sensors)]
StreamName = Annotated[str, OneOf((*NEON.sensors, "audio"))]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function.

    Attributes
    ----------
    kind : object
        Type that it takes, without limit and None.
    limit : Between, OneOf or None
    may_be_none, is_needed : bool
    """

    kind: Any
    limit: Between | OneOf | None
    may_be_none: bool
    is_needed: bool

    @property
    def wanted(self) -> str:
        """What it must be, in words."""
        limit = "" if self.limit is None else str(self.limit)
        return f"{_KINDS[self.kind][0]}{limit}{' or null' if self.may_be_none else ''}"

    def read(self, value: Any) -> Any:
        """What the function gets for a decoded JSON value; ValueError if that cannot be."""
        if value is None and self.may_be_none:
            return None
        found = _KINDS[self.kind][1](value)
        if self.limit is not None and not self.limit.allows(found):
            raise ValueError
        return found


def arguments_of(function: Callable[..., Any]) -> dict[str, Argument]:
    """Arguments of a function or method by name, but for self."""
    hints = get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters.values()
    return {
        parameter.name: _argument(hints[parameter.name], parameter.default is parameter.empty)
        for parameter in parameters
        if parameter.name != "self"
    }


def read_arguments(
    name: str, expected: Mapping[str, Argument], given: Mapping[str, Any]
) -> dict[str, Any]:
    """What `name` is called with, from decoded JSON.

    Raises
    ------
    UsageError
        If an argument is unknown, missing, of the wrong type or out of its limits.
    """
    unknown = [key for key in given if key not in expected]
    if unknown:
        takes = ", ".join(expected) or "nothing"
        raise UsageError(f"{name} takes {takes}; there is no {_SHORT.repr(unknown[0])}.")
    missing = [key for key, argument in expected.items() if argument.is_needed and key not in given]
    if missing:
        raise UsageError(f"{name} needs {' and '.join(missing)}.")
    return {key: _read(name, key, expected[key], value) for key, value in given.items()}


def _read(name: str, key: str, argument: Argument, value: Any) -> Any:
    try:
        return argument.read(value)
    except (ValueError, TypeError, OverflowError, RecursionError):
        wrong = _SHORT.repr(value)
        raise UsageError(f"{key} of {name} must be {argument.wanted}, not {wrong}.") from None


def _argument(hint: Any, is_needed: bool) -> Argument:
    limit: Between | OneOf | None = None
    may_be_none = False
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
        may_be_none = True
    if get_origin(hint) is Annotated:
        hint, limit = get_args(hint)
    if get_origin(hint) is Literal:
        hint, limit = str, OneOf(get_args(hint))
    return Argument(hint, limit, may_be_none, is_needed)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError
    return value


def _encoded(value: Any) -> bytes:
    return _text(value).encode()


def _anything(value: Any) -> Any:
    if len(json.dumps(value)) > MAX_TEXT:
        raise ValueError
    return value


def _hardware(value: Any) -> Hardware:
    if not isinstance(value, dict) or not set(value) <= set(_HARDWARE_FIELDS):
        raise ValueError
    return Hardware(**{key: None if text is None else _text(text) for key, text in value.items()})


_KINDS: Mapping[Any, tuple[str, Callable[[Any], Any]]] = {
    float: ("a number", _number),
    int: ("a whole number", _whole),
    bool: ("true or false", _truth),
    str: ("a text", _text),
    bytes: ("a text", _encoded),
    Any: ("any JSON", _anything),
    Hardware: (f"an object with texts for {', '.join(_HARDWARE_FIELDS)}", _hardware),
}
