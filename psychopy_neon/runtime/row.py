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
        self._announce([column])
        self._entry[column] = value

    def update(self, values: dict[str, Any], announced: set[str]) -> None:
        """Set several columns of this row.

        Parameters
        ----------
        values : dict
            By column.
        announced : set of str
            Columns that the data file knows by now; new ones are added. PsychoPy keeps them in
            a list, and searching it for each value takes longer than all the rest.
        """
        if not announced.issuperset(values):
            self._announce(values)
            announced.update(values)
        self._entry.update(values)

    def _announce(self, columns: Iterable[str]) -> None:
        if self._exp is not None:
            _announce(self._exp, columns)


def write_in_all_rows(exp: Any, column: str, value: Any) -> None:
    """Set a column that says something about the whole experiment, as those of ``expInfo``."""
    _announce(exp, [column])
    for entry in exp.entries or [exp.thisEntry]:
        entry[column] = value
    if exp.thisEntry:
        exp.thisEntry[column] = value


def _announce(exp: Any, columns: Iterable[str]) -> None:
    exp.dataNames.extend(column for column in columns if column not in exp.dataNames)
