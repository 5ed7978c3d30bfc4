"""The ``events.csv`` of an exported Neon recording."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.tables import TIMESTAMP, Row, column, open_table, timestamp

EVENTS_FILE = "events.csv"
RECORDING_ID = "recording id"
NAME = "name"
TYPE = "type"
# The phone adds both by itself.
BEGIN = "recording.begin"
END = "recording.end"


@dataclass(frozen=True, slots=True)
class ExportedEvent:
    """One row of an export.

    Attributes
    ----------
    device_ns : int
        Phone's Unix clock, ns.
    name : str
    row : list of str
        All its fields.
    """

    device_ns: int
    name: str
    row: Row


@dataclass(frozen=True, slots=True)
class ExportedEvents:
    """All rows of an export.

    Attributes
    ----------
    path : Path
    columns : list of str
        Names of the columns.
    events : tuple of ExportedEvent
        In the order of the file.
    recording_id : str
        Of the recording; empty if the file has no such column.
    """

    path: Path
    columns: Row
    events: tuple[ExportedEvent, ...]
    recording_id: str

    @property
    def span_ns(self) -> tuple[int, int] | None:
        """Begin and end of the recording, phone's Unix clock; None if the file lacks one."""
        times = {event.name: event.device_ns for event in self.events}
        return (times[BEGIN], times[END]) if BEGIN in times and END in times else None


def read_exports(folder: Path) -> list[ExportedEvents]:
    """Read the events of an exported recording, or of several in folders of their own.

    Raises
    ------
    UsageError
        If there are none, or the file is not one of an export.
    """
    paths = [folder / EVENTS_FILE] if (folder / EVENTS_FILE).is_file() else []
    paths = paths or sorted(folder.glob(f"*/{EVENTS_FILE}"))
    if not paths:
        raise UsageError(
            f"{folder} has no {EVENTS_FILE}, and no folder in it has one; give the unpacked folder "
            "of a Neon recording, as Pupil Cloud or Neon Player exports it"
        )
    return [_read_export(path) for path in paths]


def _read_export(path: Path) -> ExportedEvents:
    with open_table(path) as (columns, rows):
        time_index, name_index = column(columns, TIMESTAMP, path), column(columns, NAME, path)
        events = [_exported_event(row, time_index, name_index, path) for row in rows]
    ids: Counter[str] = Counter()
    if RECORDING_ID in columns:
        index = columns.index(RECORDING_ID)
        ids.update(event.row[index] for event in events if len(event.row) > index)
    ((recording_id, _),) = ids.most_common(1) or [("", 0)]
    return ExportedEvents(path, columns, tuple(events), recording_id)


def _exported_event(row: Row, time_index: int, name_index: int, path: Path) -> ExportedEvent:
    name = row[name_index] if name_index < len(row) else ""
    return ExportedEvent(timestamp(row, time_index, path), name, row)
