"""Events on their way to the phone: journal first, send after, confirm last."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from typing import Any

from psychopy_neon.client.clock_sync import ClockSync
from psychopy_neon.client.events import EventList, EventReceipt, EventState
from psychopy_neon.client.journal import Journal
from psychopy_neon.client.outbox import CALL_TIMEOUT_S, Outbox
from psychopy_neon.client.recording_control import RecordingControl
from psychopy_neon.exceptions import (
    ClosedError,
    DeviceError,
    NeonConnectionError,
    NeonError,
)
from psychopy_neon.protocol import rest
from psychopy_neon.protocol.event_check import check_event
from psychopy_neon.protocol.status import Component, StoredEvent
from psychopy_neon.transport.backoff import Backoff

logger = logging.getLogger(__name__)

REFUSED_TRIES = 3
CLOCK_TIMEOUT_S = 2.0
SERVER_ERROR = 500
MAX_QUEUED = 100_000
MAX_TOLD = 1_000
TOLD_WITHIN_S, TOLD_POLL_S = 0.3, 0.01  # the phone tells of a stored event on its status connection


class EventDelivery:
    """Takes events from the experiment, and follows each until the phone has confirmed it.

    Parameters
    ----------
    outbox : Outbox
    journal : Journal
    clock : ClockSync
        Dates the events.
    recording : RecordingControl
        Knows which recording is ours.

    Attributes
    ----------
    events : EventList
    """

    def __init__(
        self, outbox: Outbox, journal: Journal, clock: ClockSync, recording: RecordingControl
    ) -> None:
        self.events = EventList()
        self._outbox = outbox
        self._hurry = outbox.hurry
        self._put_event = journal.put_event
        self._journal = journal
        self._clock = clock
        self._recording = recording
        self._complaint = ""
        self._told: OrderedDict[tuple[str | None, int], str | None] = OrderedDict()

    def queue(
        self,
        name: str,
        host_ns: int,
        experiment_s: float,
        data: dict[str, Any] | None = None,
        handed_over: int | None = None,
    ) -> EventReceipt:
        """Journal an event, put it in the queue, and return at once.

        `handed_over` is its number in the process that made it, if that is another one.

        Raises
        ------
        UsageError
            If the name or the data cannot be used.
        ClosedError
            If the device was closed.
        """
        # As a rule a glance tells that a name is good; each call of a function takes longer.
        if data is not None or type(name) is not str or not "!" < name < "~" or len(name) > 200:
            data_json = check_event(name, data)
        else:
            data_json = ""
        if self._outbox.is_closing:
            raise ClosedError("the device was closed")
        events = self.events
        number = events.next_number()
        receipt = EventReceipt(number, name, host_ns, experiment_s, data, self._hurry)
        if (
            data_json
            or handed_over is not None
            or not self._put_event(number, name, host_ns, experiment_s)
        ):
            self._journal.write_event(
                number, name, host_ns, experiment_s, None, handed_over, data_json=data_json
            )
        events.add(receipt)
        if number - events.settled <= MAX_QUEUED:
            self._outbox.put((self._deliver, receipt))
        else:  # in the journal it is safe
            receipt.error = f"{MAX_QUEUED} events already wait for the phone"
            self._settle(receipt, EventState.UNCONFIRMED)
        return receipt

    def queue_again(self, receipt: EventReceipt) -> None:
        """Put an event in the queue that the journal has already, and that is dated."""
        self.events.add(receipt)
        self._outbox.put((self._deliver, receipt))

    def take_status(self, component: Component) -> None:
        """Note that the phone tells of an event that it has stored; called in another thread."""
        if isinstance(component, StoredEvent):
            self._told[component.name, component.timestamp] = component.recording_id
            while len(self._told) > MAX_TOLD:
                self._told.popitem(last=False)

    def settle_rest(self) -> None:
        """At the end: what has no answer stays unconfirmed."""
        for receipt in self.events.all():
            if receipt.state is EventState.PENDING:
                self._settle(receipt, EventState.UNCONFIRMED)

    # -- in the outbox's thread ---------------------------------------------------------------

    def _deliver(self, receipt: EventReceipt) -> None:
        backoff = Backoff()
        while not self._outbox.may_give_up:
            self._journal.write_events()
            try:
                reply = self._post(receipt)
            except NeonError as error:
                receipt.error = str(error)
                state = self._after_failure(receipt, error)
            else:
                self._outbox.note_link("")
                state = self._judge(receipt, reply.recording_id)
            if state is not None:
                return self._settle(receipt, state)
            self._outbox.pause(backoff.next_delay_s())
        self._settle(receipt, EventState.UNCONFIRMED)

    def _after_failure(self, receipt: EventReceipt, error: NeonError) -> EventState | None:
        """What became of it in spite of the failure; None if it is to be sent again."""
        status = error.status if isinstance(error, DeviceError) else None
        # It may have been stored, unless it was not sent yet, or the phone refused it.
        if receipt.tries and self._outbox.has_left and (status is None or status >= SERVER_ERROR):
            if self._is_told(receipt):
                self._outbox.note_link("")
                return self._judge(receipt, self._told[receipt.name, receipt.device_ns or 0])
            receipt.perhaps_twice = True
        if status is None:
            self._outbox.note_link(receipt.error)
        is_final = status is not None and receipt.tries >= REFUSED_TRIES
        return EventState.REFUSED if is_final else None

    def _post(self, receipt: EventReceipt) -> rest.EventReply:
        if receipt.device_ns is None and self._clock.port is not None:
            self._read_clock(receipt)
        if receipt.perhaps_twice and receipt.device_ns is not None:
            # Not another one into the void: when the link is back, the earlier one may arrive.
            self._outbox.call(rest.GET_STATUS)
            if self._is_told(receipt):
                return rest.EventReply(
                    receipt.device_ns, self._told[receipt.name, receipt.device_ns]
                )
        self._outbox.forget_call()
        receipt.tries += 1
        reply = rest.parse_event_reply(
            self._outbox.call(rest.post_event(receipt.name, receipt.device_ns))
        )
        if receipt.device_ns is None:  # no time echo on this phone: it stamped on arrival
            receipt.device_ns = reply.device_ns
        return reply

    def _read_clock(self, receipt: EventReceipt) -> None:
        """Date the event by a reading of the phone's clock after it: it may have been set."""
        self._clock.wait(CALL_TIMEOUT_S)
        if not self._clock.wait_past(receipt.host_ns, CLOCK_TIMEOUT_S):
            self._outbox.call(rest.GET_STATUS)  # raises if the phone does not answer at all
            if not self._clock.wait_past(receipt.host_ns, CLOCK_TIMEOUT_S):
                logger.warning("event %r is dated by an earlier clock reading", receipt.name)
        self._date(receipt)
        if receipt.device_ns is None:
            raise NeonConnectionError("the phone's clock could not be read yet")

    def _date(self, receipt: EventReceipt) -> None:
        """Done once, so that an event that is sent again is the same event."""
        if receipt.device_ns is not None:
            return
        dated = self._clock.date(receipt.host_ns)
        if dated is not None:
            receipt.device_ns, receipt.bound_ns = dated
            self._journal.write(
                "dated",
                number=receipt.number,
                device_ns=receipt.device_ns,
                bound_ns=receipt.bound_ns,
            )

    def _is_told(self, receipt: EventReceipt) -> bool:
        """Whether the phone tells of this event although its answer was lost or an error."""
        if receipt.device_ns is None:
            return False
        key = receipt.name, receipt.device_ns
        give_up_s = time.perf_counter() + TOLD_WITHIN_S
        while key not in self._told and time.perf_counter() < give_up_s:
            self._outbox.pause(TOLD_POLL_S)
        return key in self._told

    def _judge(self, receipt: EventReceipt, recording_id: str | None) -> EventState:
        receipt.recording_id = recording_id
        if recording_id is None:
            receipt.error = "no recording is running on the phone"
            return EventState.DISCARDED
        ours = self._recording.ours
        if ours and recording_id != ours:
            receipt.error = f"in recording {recording_id}, which is not ours"
            return EventState.MISPLACED
        receipt.error = ""
        return EventState.CONFIRMED

    def _settle(self, receipt: EventReceipt, state: EventState) -> None:
        self._date(receipt)
        if state is EventState.UNCONFIRMED:
            receipt.error = receipt.error or self._outbox.link_error or "closed before it was sent"
        self._journal.write(
            state.value,
            number=receipt.number,
            device_ns=receipt.device_ns,
            bound_ns=receipt.bound_ns,
            recording_id=receipt.recording_id,
            tries=receipt.tries,
            perhaps_twice=receipt.perhaps_twice,
            error=receipt.error,
        )
        self._complain(receipt, state)
        self.events.count(state)
        receipt.settle(state)  # last: who waits for it may look at the rest

    def _complain(self, receipt: EventReceipt, state: EventState) -> None:
        """Log the first of several events that end in the same way; the journal has them all."""
        complaint = "" if state is EventState.CONFIRMED else f"{state.value}: {receipt.error}"
        if complaint and complaint != self._complaint:
            logger.warning("event %r is %s", receipt.name, complaint)
        self._complaint = complaint
