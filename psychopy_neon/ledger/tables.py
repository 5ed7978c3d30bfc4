"""Reading and writing CSV files without ever losing one."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from psychopy_neon.exceptions import UsageError

TIMESTAMP = "timestamp [ns]"
LONGEST_FIELD = 1_000_000
_WHOLE = re.compile("-?[0-9]+")

Row = list[str]


@contextmanager
def open_table(path: Path) -> Iterator[tuple[Row, Iterator[Row]]]:
    """Open a CSV file of an export; gives the names of its columns and the rows.

    Raises
    ------
    UsageError
        If it cannot be read as one.
    """
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            columns = next(rows, [])
            yield columns, (row for row in rows if row)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}); give a CSV file of a Neon export"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{path} is not a CSV file ({error}); give one of a Neon export"
        ) from error


def column(columns: Sequence[str], name: str, path: Path) -> int:
    """Return the index of a column.

    Raises
    ------
    UsageError
        If the file has none of that name.
    """
    if name not in columns:
        raise UsageError(
            f"{path} has no column '{name}' but {', '.join(columns[:8]) or 'nothing'}; give a CSV "
            "file of a Neon export"
        )
    return columns.index(name)


def timestamp(row: Row, index: int, path: Path) -> int:
    """Return the time of a row, ns.

    Raises
    ------
    UsageError
        If there is none, or one that has been through a program which rounds.
    """
    text = row[index] if index < len(row) else ""
    if not _WHOLE.fullmatch(text.strip()):
        raise UsageError(
            f"{path} has {text!r} as {TIMESTAMP}, which must be a whole number; use the file as it "
            "was exported, not as a spreadsheet saved it"
        )
    if len(text.strip()) > 19 or abs(int(text)) >= 2**62:
        raise UsageError(f"{path} has {text!r} as {TIMESTAMP}, which is no time in nanoseconds")
    return int(text)


def refuse_to_overwrite(path: Path, overwrite: bool) -> None:
    """Raise `UsageError` if there is such a file that may not be replaced."""
    if path.exists() and not overwrite:
        raise UsageError(
            f"{path} exists already; move it away, name another folder for the results, or allow "
            "it to be overwritten"
        )


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file; it has its name only when it is complete.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    unfinished = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        unfinished.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}); choose a folder that can"
        ) from error
    finally:
        with suppress(OSError):  # as a rule it is not there any more
            unfinished.unlink()
