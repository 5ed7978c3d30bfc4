"""Values of parameters, which PsychoPy saves as text: literal, or code that is not run here."""

from __future__ import annotations

import math
import re

_BRACKETS = re.compile(r"[\[\]()\s]")


def number(text: str) -> float | None:
    """A finite number, or None if the text is none (code, say)."""
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def whole(text: str) -> int | None:
    """A whole number that is not negative, or None."""
    value = number(text)
    return int(value) if value is not None and value >= 0 and value == int(value) else None


def numbers(text: str) -> tuple[float, ...] | None:
    """Numbers in any brackets, such as ``(0.2, 0.2)``; None if one of them is none."""
    values = [number(part) for part in _BRACKETS.sub("", text).split(",") if part]
    found = tuple(value for value in values if value is not None)
    return found if found and len(found) == len(values) else None


def is_same(text: str, other: str) -> bool:
    """Whether two values mean the same, however PsychoPy wrote them."""
    ours = numbers(text)
    return text.strip() == other.strip() or (ours is not None and ours == numbers(other))


def is_true(text: str) -> bool:
    """Of a check box."""
    return text.strip() == "True"


def short(text: str) -> str:
    """For a sentence."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
