"""Numbers as experiments give them: what was typed into a dialog at the start is a text."""

from __future__ import annotations

from typing import Any

from psychopy_neon.exceptions import UsageError


def number(value: Any, field: str, owner: str) -> float:
    """The number that this is, or that this text says.

    Parameters
    ----------
    value : object
    field : str
        Which number it is, in the words of Builder.
    owner : str
        Name of the object that needs it.

    Raises
    ------
    UsageError
        If it is none.
    """
    found = _read(value)
    if found is None:
        raise _refusal(value, field, owner, "a number")
    return found


def whole_number(value: Any, field: str, owner: str) -> int:
    """As `number`, but without a fraction."""
    found = _read(value)
    if found is None or not found.is_integer():
        raise _refusal(value, field, owner, "a whole number")
    return int(found)


def number_or_none(value: Any, field: str, owner: str) -> float | None:
    """As `number`, but None if it was left blank."""
    return None if _is_blank(value) else number(value, field, owner)


def _read(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _refusal(value: Any, field: str, owner: str, expected: str) -> UsageError:
    what = "blank" if _is_blank(value) else repr(value)
    return UsageError(
        f"'{field}' of {owner} is {what}; expected {expected}: type one, or correct what it comes "
        "from"
    )
