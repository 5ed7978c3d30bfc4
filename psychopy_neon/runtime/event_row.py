"""The part of a row of the data file that belongs to one event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psychopy_neon.client.events import EventState
from psychopy_neon.runtime.row import announce
from psychopy_neon.runtime.sent_events import Outcome

PENDING = EventState.PENDING.value
NOT_ACCEPTED = "not accepted"


class EventColumns:
    """Names of the columns, put together once.

    Parameters
    ----------
    start : str
        What all of them begin with.
    exp : psychopy.data.ExperimentHandler or None
        Whose columns they are.
    """

    def __init__(self, start: str, exp: Any | None) -> None:
        self.exp = exp
        self.announced: set[str] = set()
        self.event = f"{start}event"
        self.flip_raw_s = f"{start}flip_raw_s"
        self.raw_s = f"{start}raw_s"
        self.time_s = f"{start}time_s"
        self.number = f"{start}number"
        self.state = f"{start}state"
        self.device_ns = f"{start}device_ns"
        self.bound_ms = f"{start}bound_ms"

    def announce(self, columns: Iterable[str]) -> None:
        """Have the data file know new columns.

        PsychoPy keeps them in a list, and searching that for each value takes longer than all the
        rest of sending an event.
        """
        new = [column for column in columns if column not in self.announced]
        self.announced.update(new)
        if self.exp is not None:
            announce(self.exp, new)


class EventRow:
    """Where an event is noted: the row that was being filled when this object was made."""

    __slots__ = ("_entry", "columns")

    def __init__(self, columns: EventColumns) -> None:
        exp = columns.exp
        self.columns = columns
        self._entry: dict[str, Any] = {} if exp is None else exp.thisEntry

    def note_sent(
        self, text: str, stamp_column: str, stamp_s: float, time_s: float, number: int
    ) -> None:
        """Write down an event that was just handed over, or not if its number is 0."""
        columns = self.columns
        known = {
            columns.event: text,
            stamp_column: stamp_s,
            columns.time_s: time_s,
            columns.number: number,
            columns.state: PENDING if number else NOT_ACCEPTED,
        }
        self._entry.update(known)
        if not columns.announced.issuperset(known):
            columns.announce(known)

    def note_outcome(self, outcome: Outcome) -> None:
        """Write down what became of it."""
        columns = self.columns
        known: dict[str, Any] = {columns.state: outcome.state}
        if outcome.device_ns is not None:
            known[columns.device_ns] = outcome.device_ns
        if outcome.bound_ns is not None:
            known[columns.bound_ms] = outcome.bound_ns / 1e6
        self._entry.update(known)
        columns.announce(known)
