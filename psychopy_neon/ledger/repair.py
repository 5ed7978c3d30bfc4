"""Adding to an exported recording the events that never reached the phone."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from psychopy_neon.clock.clock_history import ClockHistory
from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.export import (
    NAME,
    RECORDING_ID,
    TYPE,
    ExportedEvent,
    ExportedEvents,
    read_exports,
)
from psychopy_neon.ledger.reader import read_sessions
from psychopy_neon.ledger.session import LedgerEvent, Session
from psychopy_neon.ledger.tables import TIMESTAMP, Row, refuse_to_overwrite, write_table
from psychopy_neon.ledger.timeline import refit_session

REPAIRED_FILE = "events.repaired.csv"
MARK = "ledger"
# Programs that round to microseconds have not changed the event.
LEAST_TOLERANCE_NS = 1_000


@dataclass(frozen=True, slots=True)
class RepairResult:
    """What `repair_export` did to one recording.

    Attributes
    ----------
    path : Path
        The repaired copy.
    recording_id : str
        Of the recording.
    present : tuple of LedgerEvent
        Events of the ledger that the export had already.
    added : tuple of LedgerEvent
        Those that were missing.
    stored_twice : int
        Rows that repeat an event, name and time alike, more often than it happened.
    left_out : int
        Those of them that are not in the copy: the ledger marks their events as perhaps stored
        twice.
    undated : tuple of LedgerEvent
        Events that the ledger cannot date on the phone's clock, as after a run whose phone never
        told its time. Nobody knows to which recording they belong: they are in no copy, and told
        with each of the export.
    """

    path: Path
    recording_id: str
    present: tuple[LedgerEvent, ...]
    added: tuple[LedgerEvent, ...]
    stored_twice: int
    left_out: int
    undated: tuple[LedgerEvent, ...] = ()


def repair_export(
    ledger: str | Path, export_folder: str | Path, *, overwrite: bool = False
) -> list[RepairResult]:
    """Add what is missing to the ``events.csv`` of an export, in a copy; blocks while it works.

    The copy, ``events.repaired.csv``, is written beside the original. An event of the ledger
    belongs to the recording that took it; one that none took, or a wrong one, to the recording
    that ran when it happened. It is in the export already if a row has its name, and its time
    within its bound. Added rows have the type "ledger", and the time that the phone was or
    would have been sent. A row that repeats another one, to the nanosecond, is left out of the copy
    if the ledger says that this event may have been stored twice, as when an answer was lost.
    Events without any time on the phone's clock are not added, but told.

    Parameters
    ----------
    ledger : path-like
        The journal file that the experiment wrote.
    export_folder : path-like
        Unpacked export of a recording, or a folder with several.
    overwrite : bool
        Whether the copy of an earlier repair may be replaced.

    Returns
    -------
    list of RepairResult
        One for each recording of the export.

    Raises
    ------
    UsageError
        If a file cannot be read or written, or exists already; or if no event of the ledger
        belongs to the export.
    """
    exports = read_exports(Path(export_folder))
    for export in exports:
        refuse_to_overwrite(export.path.with_name(REPAIRED_FILE), overwrite)
    found = [event for session in read_sessions(ledger) for event in _dated(session)]
    events = [event for event in found if event.device_ns is not None]
    undated = tuple(event for event in found if event.device_ns is None)
    shares = [[event for event in events if _belongs(event, export)] for export in exports]
    if events and not any(shares):
        raise UsageError(
            f"none of the {len(events)} events of {ledger} belongs to {export_folder}; give the "
            "export of a recording of the same run"
        )
    results = (_repair(export, share) for export, share in zip(exports, shares, strict=True))
    return [replace(result, undated=undated) for result in results]


def _dated(session: Session) -> list[LedgerEvent]:
    """Events of a session; those that were never sent are dated by all its probes, if there are."""
    undated = any(event.device_ns is None for event in session.events)
    history = refit_session(session) if undated else None
    return [_date(event, history) for event in session.events]


def _date(event: LedgerEvent, history: ClockHistory | None) -> LedgerEvent:
    if event.device_ns is not None or history is None:
        return event
    device_ns, bound_ns = history.device_from_host(event.host_ns), history.bound_ns(event.host_ns)
    return replace(event, device_ns=device_ns, bound_ns=bound_ns)


def _belongs(event: LedgerEvent, export: ExportedEvents) -> bool:
    took_it = event.recording_id is not None and event.recording_id == export.recording_id
    if took_it or export.span_ns is None or event.state == "confirmed":
        return took_it
    begin_ns, end_ns = export.span_ns
    reach_ns = event.bound_ns or 0
    return begin_ns - reach_ns <= (event.device_ns or 0) <= end_ns + reach_ns


def _repair(export: ExportedEvents, events: Sequence[LedgerEvent]) -> RepairResult:
    matches = _Matches(export.events)
    exact = {index for index, event in enumerate(events) if matches.take(event, 0)}
    present = exact | {
        index
        for index, event in enumerate(events)
        if index not in exact and matches.take(event, _tolerance_ns(event))
    }
    added = [event for index, event in enumerate(events) if index not in present]
    repeated = matches.repeated()
    marked = {_Key(event.device_ns or 0, event.name) for event in events if event.perhaps_twice}
    surplus = Counter({key: count for key, count in repeated.items() if key in marked})
    left_out = surplus.total()
    path = export.path.with_name(REPAIRED_FILE)
    _write(path, export, added, surplus)
    return RepairResult(
        path=path,
        recording_id=export.recording_id,
        present=tuple(events[index] for index in sorted(present)),
        added=tuple(added),
        stored_twice=repeated.total(),
        left_out=left_out,
    )


def _tolerance_ns(event: LedgerEvent) -> int:
    return max(event.bound_ns or 0, LEAST_TOLERANCE_NS)


class _Key(NamedTuple):
    device_ns: int
    name: str


class _Matches:
    """Rows of an export by name; each is taken by one event of the ledger at most."""

    def __init__(self, events: Sequence[ExportedEvent]) -> None:
        self._free: dict[str, list[int]] = {}  # in order
        self._taken: set[_Key] = set()
        for event in events:
            insort(self._free.setdefault(event.name, []), event.device_ns)

    def take(self, event: LedgerEvent, tolerance_ns: int) -> bool:
        """Take the nearest row of this name; False if there is none within the tolerance."""
        times, device_ns = self._free.get(event.name), event.device_ns
        if not times or device_ns is None:
            return False
        after = bisect_left(times, device_ns)
        around = range(max(0, after - 1), min(len(times), after + 1))
        nearest = min(around, key=lambda index: abs(times[index] - device_ns))
        if abs(times[nearest] - device_ns) > tolerance_ns:
            return False
        self._taken.add(_Key(times.pop(nearest), event.name))
        return True

    def repeated(self) -> Counter[_Key]:
        """How many rows nobody took that equal one that was taken."""
        free = (_Key(time_ns, name) for name, times in self._free.items() for time_ns in times)
        return Counter(key for key in free if key in self._taken)


def _write(
    path: Path, export: ExportedEvents, added: Sequence[LedgerEvent], surplus: Counter[_Key]
) -> None:
    columns = export.columns if TYPE in export.columns else [*export.columns, TYPE]
    rows = [(event.device_ns, event.row) for event in _without(surplus, export.events)]
    rows += [(event.device_ns or 0, _row(event, export, columns)) for event in added]
    rows.sort(key=lambda timed: timed[0])
    write_table(path, columns, (_padded(row, len(columns)) for _, row in rows))


def _without(surplus: Counter[_Key], events: Sequence[ExportedEvent]) -> Iterator[ExportedEvent]:
    """Leave out the first rows of those that are there too often."""
    for event in events:
        key = _Key(event.device_ns, event.name)
        if surplus[key]:
            surplus[key] -= 1
        else:
            yield event


def _row(event: LedgerEvent, export: ExportedEvents, columns: Row) -> Row:
    fields = {
        RECORDING_ID: export.recording_id,
        TIMESTAMP: str(event.device_ns),
        NAME: event.name,
        TYPE: MARK,
    }
    return [fields.get(name, "") for name in columns]


def _padded(row: Row, width: int) -> Row:
    return [*row, *[""] * (width - len(row))]
