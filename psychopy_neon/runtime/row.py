"""A row of the experiment's data file, held on to until a late value is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class DataRow:
    """The row that was being filled when this object was made.

    A recording's id or the time of a flip can become known after PsychoPy has moved on to the
    next row; `ExperimentHandler.addData` would then write into the wrong one.

    Parameters
    ----------
    exp : psychopy.data.ExperimentHandler or None
        None in scripts without a data file; values then go nowhere.
    """

    def __init__(self, exp: Any | None) -> None:
        self._exp = exp
        self._entry: dict[str, Any] = {} if exp is None else exp.thisEntry

    def write(self, column: str, value: Any) -> None:
        """Set `column` of this row."""
        if self._exp is not None:
            announce(self._exp, [column])
        self._entry[column] = value


def write_in_all_rows(exp: Any, column: str, value: Any) -> None:
    """Set a column that says something about the whole experiment, as those of ``expInfo``."""
    announce(exp, [column])
    for entry in exp.entries or [exp.thisEntry]:
        entry[column] = value
    if exp.thisEntry:
        exp.thisEntry[column] = value


def announce(exp: Any, columns: Iterable[str]) -> None:
    """Have the data file show these columns."""
    exp.dataNames.extend(column for column in columns if column not in exp.dataNames)
