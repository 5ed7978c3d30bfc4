"""Events that go to the phone through ioHub."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from psychopy import clock

from psychopy_neon.client.events import EventCounts, EventReceipt, EventState
from psychopy_neon.clock.experiment_clock import pair
from psychopy_neon.exceptions import ClosedError
from psychopy_neon.runtime.hub_tracker import NeonTracker
from psychopy_neon.runtime.sent_events import Outcome

ASK_EVERY_S = 0.02
KEPT = 100_000
NOT_ACCEPTED = "neither a file nor ioHub took it"


class HubReceipt(EventReceipt):
    """Asks ioHub what became of the event, whenever somebody wants to know.

    `recording_id`, `tries` and `perhaps_twice` are in the ledger only.
    """

    __slots__ = ("_ask",)
    _ask: Callable[[], None]

    @property
    def state(self) -> EventState:
        """What became of it so far; a round trip, below 1 ms, 50 times a second at most."""
        if self._state is EventState.PENDING:
            self._ask()
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
        until_s = time.perf_counter() + timeout_s
        while self.state is EventState.PENDING and time.perf_counter() < until_s:
            time.sleep(ASK_EVERY_S)
        return self.state

    def take(self, outcome: Outcome) -> None:
        """Note what ioHub told."""
        self.device_ns, self.bound_ns = outcome.device_ns, outcome.bound_ns
        if outcome.is_final:
            self.settle(EventState(outcome.state))


class HubDelivery:
    """Hands events over to ioHub, and keeps their receipts.

    Parameters
    ----------
    tracker : NeonTracker
    """

    def __init__(self, tracker: NeonTracker) -> None:
        self._tracker = tracker
        self._receipts: deque[HubReceipt] = deque(maxlen=KEPT)
        self._asked_s = float("-inf")
        self._counts = EventCounts(0, 0, 0, 0, 0, 0, 0)

    @property
    def events(self) -> HubDelivery:
        """This: it keeps the receipts as well."""
        return self

    def queue(
        self,
        name: str,
        host_ns: int,
        experiment_s: float,
        data: dict[str, Any] | None = None,
        handed_over: int | None = None,
    ) -> EventReceipt:
        """Hand an event over; takes microseconds.

        Raises
        ------
        UsageError
            If the name or the data cannot be used.
        ClosedError
            If the device was closed.
        """
        if self._tracker.closed:
            raise ClosedError("the device was closed")
        raw_s = pair(time.perf_counter_ns, clock.getTime).experiment_from_host(host_ns)
        receipt = HubReceipt(0, name, host_ns, experiment_s, data)
        receipt._ask = self._ask
        receipt.number = self._tracker.send_event(name, raw_s, data, receipt.take, host_ns)
        self._receipts.append(receipt)
        if not receipt.number:
            receipt.error = NOT_ACCEPTED
            receipt.settle(EventState.UNCONFIRMED)
        return receipt

    def all(self) -> list[EventReceipt]:
        """The receipts of this script, oldest first."""
        return list(self._receipts)

    def counts(self) -> EventCounts:
        """Events by state, also those that others sent through this ioHub."""
        if not self._tracker.closed:
            told = self._tracker.ask("neon_events", dict) or {}
            names = EventCounts.__dataclass_fields__
            if told:
                self._counts = EventCounts(**{name: int(told.get(name, 0)) for name in names})
        return self._counts

    def _ask(self) -> None:
        now_s = time.perf_counter()
        if now_s - self._asked_s >= ASK_EVERY_S and not self._tracker.closed:
            self._asked_s = now_s
            self._tracker.collect_outcomes(now=True)
