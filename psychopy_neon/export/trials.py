"""PsychoPy's rows of trials, and which trial something was in."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psychopy_neon.exceptions import UsageError
from psychopy_neon.export.columns import Columns, from_records

LONGEST_FIELD = 100_000_000  # a mouse that is noted in each frame, all of it in one field
ROW_TIME = "thisRow.t"
DELIMITERS = (",", ";", "\t")  # that Builder offers for this file
STARTED, STOPPED = ".started", ".stopped"
Floats = NDArray[np.float64]


def read_trials(path: Path | None) -> Columns:
    """The rows of PsychoPy's CSV file, with ``trial``, ``start_s`` and ``end_s`` before them.

    A trial starts when PsychoPy began its row (``thisRow.t``) or with the first thing that
    started in it, and ends where the next one starts; the last one with what stopped last.
    Columns of the file that have one of these three names get ``psychopy_`` before it.

    Parameters
    ----------
    path : Path or None
        None gives no trials.

    Raises
    ------
    UsageError
        If the file cannot be read.
    """
    if path is None:
        return {}
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            rows = list(csv.DictReader(file, delimiter=max(DELIMITERS, key=header.count)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as PsychoPy's CSV file: {error}") from error
    if not rows:
        return {}
    names = [name for name in rows[0] if name]
    starts_s = [_start(row) for row in rows]
    ends_s = [*starts_s[1:], _end(rows[-1])]
    columns = from_records(names, [[row[name] or "" for name in names] for row in rows])
    own = {
        "trial": np.arange(1, len(rows) + 1),
        "start_s": np.array(starts_s),
        "end_s": np.array(ends_s),
    }
    return {**own, **{f"psychopy_{n}" if n in own else n: columns[n] for n in names}}


def trial_of(times_s: Floats, trials: Columns) -> NDArray[np.int64]:
    """Number of the trial that each time lies in; 0 before the first and after the last."""
    numbers = np.zeros(len(times_s), np.int64)
    for number, start_s, end_s in zip(
        *(trials.get(name, ()) for name in ("trial", "start_s", "end_s")), strict=True
    ):
        end_s = math.inf if math.isnan(end_s) else end_s
        numbers[(times_s >= start_s) & (times_s < end_s)] = number
    return numbers


def _start(row: dict[str, str]) -> float:
    begun_s = _number(row.get(ROW_TIME))
    return min(_numbers(row, STARTED), default=math.nan) if math.isnan(begun_s) else begun_s


def _end(row: dict[str, str]) -> float:
    return max(_numbers(row, STOPPED), default=math.nan)


def _numbers(row: dict[str, str], ending: str) -> list[float]:
    found = [_number(text) for name, text in row.items() if name and name.endswith(ending)]
    return [number for number in found if not math.isnan(number)]


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
