"""Events and what became of them."""

from __future__ import annotations

import enum
import itertools
import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psychopy_neon.transport.deadline import clipped_s

logger = logging.getLogger(__name__)

THREADS = 64  # that may send an event at the same time


class EventState(enum.Enum):
    """What became of an event."""

    PENDING = "pending"
    """In the journal, not yet confirmed by the phone."""
    CONFIRMED = "confirmed"
    """The phone answered with the id of the recording that took it."""
    MISPLACED = "misplaced"
    """The phone answered with the id of another recording than ours: it is in that one."""
    DISCARDED = "discarded"
    """The phone answered that no recording was running: it threw the event away."""
    REFUSED = "refused"
    """The phone answered with an error."""
    UNCONFIRMED = "unconfirmed"
    """The device was closed before the phone answered; the journal still has the event."""


class EventReceipt:
    """Follows one event to its end; read-only for users, safe from any thread.

    Events are dated on the phone's clock by this computer (reference, 2.4).

    Parameters
    ----------
    number, name, host_ns, experiment_s, data
        As below.
    hurry : callable, optional
        Called when somebody begins to wait: deliveries then do not wait for the next round.

    Attributes
    ----------
    number : int
        Counts the events of this device from 1 on; the same number as in the journal.
    name : str
        As it was sent.
    host_ns : int
        When it happened, ``time.perf_counter_ns()``.
    experiment_s : float
        When it happened, experiment's clock in seconds.
    data : dict or None
        What was attached to it; it stays in the journal and does not go to the phone.
    device_ns : int or None
        When it happened on the phone's Unix clock, ns; None until it was first sent.
    bound_ns : int or None
        Greatest possible error of `device_ns`, ns.
    recording_id : str or None
        The recording that took it.
    tries : int
        How often it was sent.
    perhaps_twice : bool
        Whether the phone may have stored a try whose answer was lost. If it was sent again, it may
        be there twice, with the same name and time.
    error : str
        The latest reason why it could not be delivered.
    """

    # What is set later has its first value here: a receipt is made while the experiment waits.
    device_ns: int | None = None
    bound_ns: int | None = None
    recording_id: str | None = None
    tries = 0
    perhaps_twice = False
    error = ""
    _state = EventState.PENDING
    _callbacks: tuple[Callable[[], object], ...] = ()
    _settling = threading.Condition()  # one for all: making one takes longer than all the rest

    def __init__(
        self,
        number: int,
        name: str,
        host_ns: int,
        experiment_s: float,
        data: dict[str, Any] | None = None,
        hurry: Callable[[], object] | None = None,
    ) -> None:
        self.number = number
        self.name = name
        self.host_ns = host_ns
        self.experiment_s = experiment_s
        self.data = data
        self._hurry = hurry

    def __repr__(self) -> str:
        return f"<event {self.number} {self.name!r}: {self._state.value}>"

    @property
    def state(self) -> EventState:
        """What became of it so far."""
        return self._state

    def wait(self, timeout_s: float) -> EventState:
        """Wait until the phone answered, at most `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        EventState
            What became of it by then; `EventState.PENDING` if there was no answer.
        """
        self._be_quick()
        with self._settling:
            self._settling.wait_for(
                lambda: self._state is not EventState.PENDING, clipped_s(timeout_s)
            )
        return self._state

    def add_done_callback(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have something called once when the state is final; at once if it is by now.

        Parameters
        ----------
        callback : callable
            Runs in the thread that delivers events: it must return at once.

        Returns
        -------
        callable
            Takes the callback back.
        """

        def take_back() -> None:
            with self._settling:
                self._callbacks = tuple(c for c in self._callbacks if c is not callback)

        with self._settling:
            is_pending = self._state is EventState.PENDING
            if is_pending:
                self._callbacks = (*self._callbacks, callback)
        if is_pending:
            self._be_quick()
        else:
            callback()
        return take_back

    def settle(self, state: EventState) -> None:
        """Set the final state; called by the device's own thread."""
        with self._settling:
            self._state = state
            callbacks, self._callbacks = self._callbacks, ()
            self._settling.notify_all()
        for callback in callbacks:
            try:
                callback()
            except Exception:  # the delivery of events must not end by what a user wrote
                logger.exception("a callback of event %d failed", self.number)

    def _be_quick(self) -> None:
        if self._hurry is not None and self._state is EventState.PENDING:
            self._hurry()


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How many events there are, and in which state.

    Attributes
    ----------
    sent : int
        All of them.
    confirmed : int
        Taken by a recording; by ours, if we started one.
    misplaced : int
        Taken by another recording than ours.
    discarded : int
        Thrown away by the phone, because no recording was running.
    refused : int
        Answered with an error.
    pending : int
        Without an answer so far.
    unconfirmed : int
        Without an answer when the device was closed.
    """

    sent: int
    confirmed: int
    misplaced: int
    discarded: int
    refused: int
    pending: int
    unconfirmed: int


class EventList:
    """All receipts of one device; the oldest are forgotten beyond `capacity`, but counted.

    Parameters
    ----------
    capacity : int
        Receipts kept.

    Attributes
    ----------
    next_number : callable
        Returns 1, 2, 3, ...; from any thread.
    add : callable
        Takes the newest one over; from any thread.
    settled : int
        How many have a final state.
    """

    def __init__(self, capacity: int = 100_000) -> None:
        self._receipts: deque[EventReceipt] = deque(maxlen=capacity)
        self._settled: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.settled = 0
        self.next_number = itertools.count(1).__next__
        self.add = self._receipts.append

    @property
    def made(self) -> int:
        """The greatest number so far; several threads may have added theirs in another order."""
        places = range(1, min(len(self._receipts), THREADS) + 1)
        return max((self._receipts[-place].number for place in places), default=0)

    def count(self, state: EventState) -> None:
        """Count one whose state is final."""
        with self._lock:
            self._settled[state.value] += 1
            self.settled += 1

    def all(self) -> list[EventReceipt]:
        """The receipts, oldest first."""
        return list(self._receipts)

    def counts(self) -> EventCounts:
        """Count by state."""
        settled = dict(self._settled)
        made = self.made
        pending = made - sum(settled.values())
        states = (state.value for state in EventState if state is not EventState.PENDING)
        by_state = {state: settled.get(state, 0) for state in states}
        return EventCounts(made, pending=pending, **by_state)
