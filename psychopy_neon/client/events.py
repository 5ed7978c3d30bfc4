"""Events and what became of them."""

from __future__ import annotations

import enum
import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)


class EventState(enum.Enum):
    """What became of an event."""

    PENDING = "pending"
    """In the journal, not yet confirmed by the phone."""
    CONFIRMED = "confirmed"
    """The phone answered with the id of the recording that took it."""
    DISCARDED = "discarded"
    """The phone answered that no recording was running: it threw the event away."""
    REFUSED = "refused"
    """The phone answered with an error."""
    UNCONFIRMED = "unconfirmed"
    """The device was closed before the phone answered; the journal still has the event."""


class EventReceipt:
    """Follows one event to its end; read-only for users, safe from any thread.

    Events are dated on the phone's clock by this computer (reference, 2.4).

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
    device_ns : int or None
        The same on the phone's Unix clock, ns; None until it was first sent.
    bound_ns : int or None
        Greatest possible error of `device_ns`, ns.
    recording_id : str or None
        The recording that took it.
    tries : int
        How often it was sent.
    error : str
        The latest reason why it could not be delivered.
    """

    def __init__(self, number: int, name: str, host_ns: int, experiment_s: float) -> None:
        self.number = number
        self.name = name
        self.host_ns = host_ns
        self.experiment_s = experiment_s
        self.device_ns: int | None = None
        self.bound_ns: int | None = None
        self.recording_id: str | None = None
        self.tries = 0
        self.error = ""
        self._state = EventState.PENDING
        self._settled = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: tuple[Callable[[], object], ...] = ()

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
        self._settled.wait(timeout_s)
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
            with self._lock:
                self._callbacks = tuple(c for c in self._callbacks if c is not callback)

        with self._lock:
            is_pending = self._state is EventState.PENDING
            if is_pending:
                self._callbacks = (*self._callbacks, callback)
        if not is_pending:
            callback()
        return take_back

    def settle(self, state: EventState) -> None:
        """Set the final state; called by the device's own thread."""
        with self._lock:
            self._state = state
            callbacks, self._callbacks = self._callbacks, ()
        self._settled.set()
        for callback in callbacks:
            try:
                callback()
            except Exception:  # the delivery of events must not end by what a user wrote
                logger.exception("a callback of event %d failed", self.number)


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How many events there are, and in which state.

    Attributes
    ----------
    sent : int
        All of them.
    confirmed : int
        Taken by a recording.
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
    discarded: int
    refused: int
    pending: int
    unconfirmed: int


class EventList:
    """All receipts of one device; the oldest settled ones are forgotten after `capacity`."""

    def __init__(self, capacity: int = 100_000) -> None:
        self._receipts: deque[EventReceipt] = deque(maxlen=capacity)
        self._lock = threading.Lock()
        self._made = 0

    def add(self, name: str, host_ns: int, experiment_s: float) -> EventReceipt:
        """Make the receipt of a new event."""
        with self._lock:
            self._made += 1
            receipt = EventReceipt(self._made, name, host_ns, experiment_s)
            self._receipts.append(receipt)
        return receipt

    def all(self) -> list[EventReceipt]:
        """The receipts, oldest first."""
        with self._lock:
            return list(self._receipts)

    def counts(self) -> EventCounts:
        """Count by state."""
        by_state = Counter(receipt.state.value for receipt in self.all())
        return EventCounts(self._made, **{s.value: by_state[s.value] for s in EventState})
