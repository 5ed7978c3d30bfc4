"""Events and what became of them."""

from __future__ import annotations

import enum
import threading
from collections import Counter, deque
from dataclasses import dataclass


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

    Attributes
    ----------
    number : int
        Counts the events of this device from 1 on; the same number as in the journal.
    name : str
    host_ns : int
        When it happened, ``time.perf_counter_ns()``.
    experiment_s : float
        When it happened, experiment's clock in seconds.
    device_ns : int or None
        The same on the phone's Unix clock; None until it was first sent.
    bound_ns : int or None
        Greatest possible error of `device_ns`.
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

    def __repr__(self) -> str:
        return f"<event {self.number} {self.name!r}: {self._state.value}>"

    @property
    def state(self) -> EventState:
        """What became of it so far."""
        return self._state

    def wait(self, timeout_s: float) -> EventState:
        """Wait until the phone answered, at most `timeout_s`; returns the state by then."""
        self._settled.wait(timeout_s)
        return self._state

    def settle(self, state: EventState) -> None:
        """Set the final state; called by the device's own thread."""
        self._state = state
        self._settled.set()


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How many events there are, and in which state."""

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
