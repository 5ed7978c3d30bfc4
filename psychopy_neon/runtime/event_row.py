"""The part of a row of the data file that belongs to one event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psychopy_neon.client.events import EventState
from psychopy_neon.runtime.row import announce
from psychopy_neon.runtime.sent_events import Outcome

PENDING = EventState.PENDING.value
NOT_ACCEPTED = "not accepted"

Row = dict[str, Any]


class EventColumns:
    """Columns of an event, and what is written into them while the experiment waits.

    Parameters
    ----------
    start : str
        What the names of all of them begin with.
    exp : psychopy.data.ExperimentHandler or None
        Whose columns they are.
    """

    def __init__(self, start: str, exp: Any | None) -> None:
        self._exp = exp
        self._announced: set[str] = set()
        self.event = f"{start}event"
        self.flip_raw_s = f"{start}flip_raw_s"
        self.raw_s = f"{start}raw_s"
        self.time_s = f"{start}time_s"
        self.number = f"{start}number"
        self.state = f"{start}state"
        self.device_ns = f"{start}device_ns"
        self.bound_ms = f"{start}bound_ms"

    def note_sent(
        self, row: Row, text: str, stamp_column: str, stamp_s: float, time_s: float, number: int
    ) -> None:
        """Write down an event that was just handed over, or not if its number is 0."""
        row[self.event] = text
        row[stamp_column] = stamp_s
        row[self.time_s] = time_s
        row[self.number] = number
        row[self.state] = PENDING if number else NOT_ACCEPTED
        if stamp_column not in self._announced:
            self._announce([self.event, stamp_column, self.time_s, self.number, self.state])

    def note_outcome(self, row: Row, outcome: Outcome) -> None:
        """Write down what became of it."""
        known: Row = {self.state: outcome.state}
        if outcome.device_ns is not None:
            known[self.device_ns] = outcome.device_ns
        if outcome.bound_ns is not None:
            known[self.bound_ms] = outcome.bound_ns / 1e6
        row.update(known)
        self._announce(known)

    def _announce(self, columns: Iterable[str]) -> None:
        """Have the data file know new columns.

        PsychoPy keeps them in a list, and searching that for each value takes longer than all the
        rest of sending an event.
        """
        new = [column for column in columns if column not in self._announced]
        self._announced.update(new)
        if self._exp is not None:
            announce(self._exp, new)
