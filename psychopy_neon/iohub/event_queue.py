"""The experiment's events on their way to the glasses, also before there are any."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from psychopy_neon.client.events import EventState
from psychopy_neon.client.journal import Journal
from psychopy_neon.client.neon import Neon
from psychopy_neon.exceptions import NeonError, UsageError
from psychopy_neon.iohub.handed_over import HandedOverEvents
from psychopy_neon.protocol.event_check import check_event
from psychopy_neon.protocol.spooled_event import SpooledEvent

logger = logging.getLogger(__name__)

MAX_EARLY_EVENTS = 10_000
MAX_NAMES = 100
LATEST_S = 1e12


class EventQueue:
    """Keeps events until there are glasses, and hands them on.

    Parameters
    ----------
    clock : callable
        Raw PsychoPy seconds.
    journal : str
        File that records all events; empty for none.

    Attributes
    ----------
    handed_over : HandedOverEvents
        Those that came through the experiment's file.
    """

    def __init__(self, clock: Callable[[], float], journal: str) -> None:
        self.handed_over = HandedOverEvents(self.take, journal)
        self._clock = clock
        self._journal = journal
        self._neon: Neon | None = None
        self._early: list[SpooledEvent] = []
        self._lock = threading.Lock()  # guards the hand-over of what came before the connection

    def send(
        self, name: str, raw_s: float, data: dict[str, Any] | None = None, handed_over: int = 0
    ) -> int:
        """Queue an event; returns its number, counted from 1, or 0 if there is no place for it.

        Raises
        ------
        UsageError
            If the name, the time or the data cannot be used.
        """
        check_event(name, data)
        if not abs(raw_s) < LATEST_S:
            raise UsageError(f"{raw_s!r} is not a time; expected raw PsychoPy seconds")
        host_ns = time.perf_counter_ns() - round((self._clock() - raw_s) * 1e9)
        return self._add(SpooledEvent(handed_over, name, raw_s, host_ns, data))

    def take(self, event: SpooledEvent) -> bool:
        """Queue an event of the experiment's file; False if there is no place for it."""
        try:
            return bool(self._add(event))
        except NeonError as error:  # the experiment has checked it
            logger.error("event %d, %r, cannot be sent: %s", event.number, event.name, error)
            return True

    def connect(self, neon: Neon) -> None:
        """Send to these glasses from now on, and first what has come so far."""
        with self._lock:
            for event in self._early:
                self._send(neon, event)
            self._early.clear()
            self._neon = neon

    def counts(self) -> dict[str, Any]:
        """How many events are in which state, and the names of those not confirmed."""
        self.handed_over.take_new()
        taken = {"handed_over": self.handed_over.last_number}
        if self._neon is None:
            names = [event.name for event in self._early]
            states = (state.value for state in EventState)
            counts = {**dict.fromkeys(states, 0), "sent": len(names), "pending": len(names)}
        else:
            counts = dataclasses.asdict(self._neon.event_counts)
            receipts = self._neon.events
            names = [each.name for each in receipts if each.state is not EventState.CONFIRMED]
        return {**counts, **taken, "unconfirmed_names": names[:MAX_NAMES]}

    def close(self, error: str) -> None:
        """Without glasses the journal is the only place that events reach, with this error."""
        self.handed_over.close()
        if not self._early or not self._journal:
            return
        with contextlib.closing(Journal(self._journal)) as journal:
            for number, event in enumerate(self._early, start=1):
                handed_over = event.number or None
                journal.write_event(
                    number, event.name, event.host_ns, event.raw_s, event.data, handed_over
                )
                journal.write("unconfirmed", number=number, error=error)

    def _add(self, event: SpooledEvent) -> int:
        with self._lock:
            if self._neon is not None:
                return self._send(self._neon, event)
            if len(self._early) >= MAX_EARLY_EVENTS:
                return 0
            self._early.append(event)
            return len(self._early)

    def _send(self, neon: Neon, event: SpooledEvent) -> int:
        receipt = neon.send_event(
            event.name,
            at=event.raw_s,
            data=event.data,
            host_ns=event.host_ns,
            handed_over=event.number or None,
        )
        if event.number:
            self.handed_over.note(event.number, receipt)
        return receipt.number
