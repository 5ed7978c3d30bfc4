"""Tables as named columns of equal length, in the order in which they are written."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]
CHUNK = 10_000  # rows at a time, so that an hour of gaze needs little memory


class _Commas(csv.excel):
    lineterminator = "\n"


class _Tabs(csv.excel_tab):
    lineterminator = "\n"
    quotechar = None
    quoting = csv.QUOTE_NONE  # BIDS knows no quotes; white space within a field becomes a blank


def length(columns: Columns) -> int:
    """Number of rows."""
    return min((len(column) for column in columns.values()), default=0)


def sorted_by(columns: Columns, name: str) -> Columns:
    """The same rows in the order of a column."""
    order = np.argsort(columns[name], kind="stable")
    return {each: column[order] for each, column in columns.items()}


def from_records(names: Sequence[str], records: Iterable[Sequence[Any]]) -> Columns:
    """Columns of rows; whole numbers, floats, and everything else as text."""
    rows = list(records)
    return {name: _column([row[place] for row in rows]) for place, name in enumerate(names)}


def write_rows(columns: Columns, file: TextIO, *, delimiter: str, missing: str) -> None:
    """Write the rows, without a header.

    Parameters
    ----------
    columns : Columns
    file : text file
        Opened with ``newline=""``.
    delimiter, missing : str
        Between fields; in place of NaN, None and empty text.
    """
    is_tsv = delimiter == "\t"
    writer = csv.writer(file, _Tabs if is_tsv else _Commas)
    for start in range(0, length(columns), CHUNK):
        parts = [
            _texts(column[start : start + CHUNK], missing, is_tsv) for column in columns.values()
        ]
        writer.writerows(zip(*parts, strict=True))


def _column(values: list[Any]) -> NDArray[Any]:
    if values and all(isinstance(value, (int, np.integer)) for value in values):
        return np.array(values, np.int64)
    if values and all(isinstance(value, (int, float, np.number)) for value in values):
        return np.array(values, np.float64)
    return np.array(values, object)


def _texts(column: NDArray[Any], missing: str, is_tsv: bool) -> Iterator[str]:
    of_float = "{:.7g}".format if column.dtype == np.float32 else repr
    for value in column.tolist():
        text = _text(value, missing, of_float)
        yield " ".join(text.split()) or missing if is_tsv else text


def _text(value: Any, missing: str, of_float: Callable[[float], str]) -> str:
    if value is None or value == "" or value == b"":
        return missing
    if isinstance(value, float):
        return missing if math.isnan(value) else of_float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
