"""Fields of numbers."""

from __future__ import annotations

from typing import Any

from psychopy.experiment import Param


class NumberParam(Param):
    """A number, or code that gives one.

    PsychoPy leaves a $ before that code, and nothing in fields that are blank: neither is Python.
    It writes scripts from copies, so these are of this class as well.
    """

    def __str__(self) -> str:
        return str(Param.__str__(self)).lstrip("$ ") or "None"

    def copy(self) -> Any:
        """One with the same value and the same looks."""
        made = Param.copy(self)
        made.__class__ = type(self)
        return made


class NeededNumber(NumberParam):
    """One that the script cannot do without."""
