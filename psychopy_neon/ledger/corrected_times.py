"""A finished run's events and gaze, dated again with all that is known afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from psychopy_neon.clock.clock_history import ClockHistory
from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.reader import read_sessions
from psychopy_neon.ledger.session import LedgerEvent, Session
from psychopy_neon.ledger.tables import (
    TIMESTAMP,
    Row,
    column,
    open_table,
    refuse_to_overwrite,
    timestamp,
    write_table,
)
from psychopy_neon.ledger.timeline import Timeline, refit_session

EXPERIMENT_TIME = "experiment time [s]"
EXPERIMENT_BOUND = "experiment time bound [s]"
EVENT_COLUMNS = (
    *("session", "number", "name", "experiment_s", "device_ns", "bound_ns"),
    *("corrected_device_ns", "corrected_bound_ns", "state", "recording_id", "data"),
)
ROWS_AT_ONCE = 50_000
# A recording is started a little before the first probe at the earliest, or ends after the last.
NEAR_A_SESSION_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class RefitResult:
    """What `refit_run` found and wrote.

    Attributes
    ----------
    histories : tuple of (ClockHistory or None)
        The clocks of each session; None for one in which the phone answered no probe.
    events : int
        Events in the ledger.
    files : tuple of Path
        Written: the table of events, then one for each export.
    """

    histories: tuple[ClockHistory | None, ...]
    events: int
    files: tuple[Path, ...]


def refit_run(
    ledger: str | Path,
    exports: Iterable[str | Path] = (),
    folder: str | Path | None = None,
    *,
    overwrite: bool = False,
) -> RefitResult:
    """Date a finished run again with all its probes of the phone's clock; blocks while it works.

    Writes ``<ledger>.refit.csv`` with all events: their times as sent and as they are known now,
    both with the greatest possible error. Of each export, say ``gaze.csv``, it writes a copy
    ``gaze.refit.csv`` with two more columns, ``experiment time [s]`` and ``experiment time bound
    [s]``. Nothing that exists is changed.

    Parameters
    ----------
    ledger : path-like
        The journal file that the experiment wrote.
    exports : iterable of path-like
        CSV files of a Neon export with a column ``timestamp [ns]`` (phone's Unix clock).
    folder : path-like, optional
        Where to write; by default each file beside the one it is made from.
    overwrite : bool
        Whether results of an earlier call may be replaced.

    Returns
    -------
    RefitResult

    Raises
    ------
    UsageError
        If a file cannot be read or written, does not fit the ledger, or exists already.
    """
    ledger, sources = Path(ledger), [Path(export) for export in exports]
    target, *copies = (_target(path, folder) for path in (ledger, *sources))
    _refuse_twice((target, *copies))
    for path in (target, *copies):
        refuse_to_overwrite(path, overwrite)
    sessions = read_sessions(ledger)
    histories = [refit_session(session) for session in sessions]
    if not any(histories):
        raise UsageError(
            f"{ledger} holds no answers of the phone's clock, so there is nothing to work out "
            "again; it is too old, or the phone was never reached"
        )
    write_table(target, EVENT_COLUMNS, _event_rows(sessions, histories))
    timeline = Timeline(sessions, histories) if sources else None
    for source, copy in zip(sources, copies, strict=True):
        assert timeline is not None
        _write_copy(source, copy, timeline)
    events = sum(len(session.events) for session in sessions)
    return RefitResult(tuple(histories), events, (target, *copies))


def _target(path: Path, folder: str | Path | None) -> Path:
    place = path.parent if folder is None else Path(folder)
    return place / f"{path.stem}.refit.csv"


def _refuse_twice(paths: Sequence[Path]) -> None:
    twice = [path for path in paths if paths.count(path) > 1]
    if twice:
        raise UsageError(
            f"{twice[0]} would be written twice; give files of the same name one by one, with a "
            "folder for the results of each"
        )


def _event_rows(
    sessions: Sequence[Session], histories: Sequence[ClockHistory | None]
) -> Iterator[list[Any]]:
    for number, (session, history) in enumerate(zip(sessions, histories, strict=True), start=1):
        instants = [event.host_ns for event in session.events]
        corrected: Iterable[tuple[Any, Any]] = [("", "")] * len(instants)
        if history is not None and instants:
            device_ns, bound_ns = history.devices(instants)
            corrected = zip(device_ns.tolist(), bound_ns.tolist(), strict=True)
        for event, times in zip(session.events, corrected, strict=True):
            yield _event_row(number, event, times)


def _event_row(session: int, event: LedgerEvent, corrected: tuple[Any, Any]) -> list[Any]:
    data = json.dumps(event.data, ensure_ascii=False) if event.data else ""
    sent = (event.experiment_s, event.device_ns, event.bound_ns)
    end = (event.state, event.recording_id, data)
    return [session, event.number, event.name, *sent, *corrected, *end]


def _write_copy(source: Path, copy: Path, timeline: Timeline) -> None:
    with open_table(source) as (columns, rows):
        index = column(columns, TIMESTAMP, source)
        if EXPERIMENT_TIME in columns:
            raise UsageError(f"{source} has a column '{EXPERIMENT_TIME}' already; give the export")
        dated = _dated(rows, index, len(columns), source, timeline)
        write_table(copy, [*columns, EXPERIMENT_TIME, EXPERIMENT_BOUND], dated)


def _dated(
    rows: Iterator[Row], index: int, width: int, source: Path, timeline: Timeline
) -> Iterator[list[Any]]:
    """Rows with their experiment times; an error at the end if none fell into a session."""
    is_near, is_empty = False, True
    while part := list(islice(rows, ROWS_AT_ONCE)):
        times = np.array([timestamp(row, index, source) for row in part], np.int64)
        experiment_s, bound_s, outside_ns = timeline.experiment_times(times)
        is_near, is_empty = is_near or bool((outside_ns < NEAR_A_SESSION_NS).any()), False
        for row, time_s, error_s in zip(part, experiment_s, bound_s, strict=True):
            row += [""] * (width - len(row))
            yield [*row, f"{time_s:.9f}", f"{error_s:.9f}"]
    if not is_near and not is_empty:
        raise UsageError(
            f"no time in {source} falls into a session of the ledger; give the export of a "
            "recording of the same run"
        )
