"""Values of options from their text, or a sentence about what is wrong with it."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TypeVar

Number = TypeVar("Number", int, float)


def seconds(text: str) -> float:
    """A time, seconds."""
    found = _number(text, float)
    if found is None or not 0 < found < math.inf:
        raise ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return found


def count(text: str) -> int:
    """How many."""
    found = _number(text, int)
    if found is None or found < 1:
        raise ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return found


def metres(text: str) -> tuple[float, float]:
    """Width and height."""
    return _size(text, float, "0.53x0.30")


def pixels(text: str) -> tuple[int, int]:
    """Width and height."""
    return _size(text, int, "1920x1080")


def millimetres(text: str) -> tuple[float, float]:
    """Width and height."""
    return _size(text, float, "531x299")


def _size(text: str, kind: Callable[[str], Number], example: str) -> tuple[Number, Number]:
    parts = [_number(part, kind) for part in text.lower().split("x")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        raise ArgumentTypeError(f"{text!r} is not like {example}")
    return parts[0], parts[1]


def _number(text: str, kind: Callable[[str], Number]) -> Number | None:
    try:
        return kind(text)
    except ValueError:
        return None
