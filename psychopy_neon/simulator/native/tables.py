"""Reads the tables of a native recording folder."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.native.layout import Fields, Table, Times

MAX_DTYPE_BYTES = 10_000


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """Rows of a table in order of time.

    Attributes
    ----------
    times_ns : ndarray of int64, shape (n,)
        Phone's Unix clock when it was recorded, ns.
    rows : ndarray, shape (n,)
        Structured, little endian.
    """

    times_ns: Times
    rows: npt.NDArray[np.void]

    def __len__(self) -> int:
        return len(self.times_ns)


def read_table(folder: Path, table: Table) -> Series:
    """All parts of a table; empty if the recording does not have it.

    Raises
    ------
    UsageError
        If its fields are others than those known.
    OSError
        If a file cannot be read.
    """
    row_type = _row_type(folder, table)
    times, rows = [np.empty(0, np.int64)], [np.empty(0, row_type)]
    for raw in part_files(folder, table.name, ".raw"):
        part_times = read_times(time_file(raw, table.timed_by))
        part_rows = _read_whole(raw, row_type)
        count = min(len(part_times), len(part_rows))  # a crash may have cut one of them short
        times.append(part_times[:count])
        rows.append(part_rows[:count])
    return _in_order(np.concatenate(times), np.concatenate(rows))


def part_files(folder: Path, name: str, ending: str) -> list[Path]:
    """Files ``NAME psN.ending`` in the order of N."""
    pattern = re.compile(re.escape(name) + r" ps(\d{1,6})" + re.escape(ending))
    found = [(match, path) for path in folder.iterdir() if (match := pattern.fullmatch(path.name))]
    return [path for match, path in sorted(found, key=lambda one: int(one[0][1]))]


def time_file(raw: Path, timed_by: str = "") -> Path:
    """The times that belong to a part."""
    stem = timed_by + raw.stem[raw.stem.rindex(" ps") :] if timed_by else raw.stem
    return raw.with_name(f"{stem}.time")


def read_times(path: Path) -> Times:
    """Times of rows or pictures, ns; none if there is no such file."""
    if not path.exists():
        return np.empty(0, np.int64)
    return _read_whole(path, np.dtype("<i8")).astype(np.int64)


def _read_whole(path: Path, row_type: np.dtype[Any]) -> npt.NDArray[Any]:
    data = path.read_bytes()
    whole = len(data) // row_type.itemsize * row_type.itemsize
    return np.frombuffer(data[:whole], row_type)


def _in_order(times: Times, rows: npt.NDArray[np.void]) -> Series:
    order = np.argsort(times, kind="stable")
    return Series(times[order], rows[order])


def _row_type(folder: Path, table: Table) -> np.dtype[np.void]:
    path = folder / f"{table.name}.dtype"
    if not path.exists():
        return table.dtype(_count_by_size(folder, table))
    fields = _read_fields(path)
    count = min(len(fields), len(table.fields))
    if count < table.fewest or fields[:count] != table.fields[:count]:
        raise UsageError(f"{path.name} lists other fields than the apps that are known.")
    return np.dtype([(name, np.dtype(kind).newbyteorder("<")) for name, kind in fields])


def _count_by_size(folder: Path, table: Table) -> int:
    """Number of fields of a table that does not list them."""
    fewer = table.dtype(table.fewest).itemsize
    for raw in part_files(folder, table.name, ".raw"):
        if raw.stat().st_size == fewer * len(read_times(time_file(raw, table.timed_by))):
            return table.fewest
    return len(table.fields)


def _read_fields(path: Path) -> Fields:
    try:
        text = path.read_bytes()[:MAX_DTYPE_BYTES].decode()
        fields = tuple((str(name), str(np.dtype(kind))) for name, kind in ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise UsageError(f"{path.name} is no list of fields: {error}.") from error
    return fields
