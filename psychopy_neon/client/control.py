"""The ordered queue of everything that we tell the phone: recordings and events.

Callers put commands in and go on; one thread carries them out, in order, over one connection.
An event waits for the start of its recording, and a stop waits for the events before it. What
cannot be delivered is tried again until it is answered or the device is closed.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from psychopy_neon.client.clock_sync import ClockSync
from psychopy_neon.client.events import EventList, EventReceipt, EventState
from psychopy_neon.client.journal import Journal
from psychopy_neon.client.recording import RecordingInfo, RecordingState
from psychopy_neon.exceptions import (
    ClosedError,
    DeviceError,
    NeonConnectionError,
    NeonError,
    UsageError,
)
from psychopy_neon.protocol import rest
from psychopy_neon.protocol.status import parse_status
from psychopy_neon.transport.backoff import Backoff
from psychopy_neon.transport.http import RestConnection
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

CALL_TIMEOUT_S = 3.0
START_TIMEOUT_S = 8.0
ATTACH_TIMEOUT_S = 3.0  # 0.4 to 0.9 s were seen (reference, 2.3)
ATTACH_POLL_S = 0.1
REFUSED_TRIES = 3
MAX_QUEUED = 100_000


@dataclass(eq=False)
class Command:
    """Something to do on the phone, and how it went."""

    run: Callable[[Command], None]
    receipt: EventReceipt | None = None
    error: NeonError | None = None
    _done: threading.Event = field(default_factory=threading.Event)

    def finish(self, error: NeonError | None = None) -> None:
        """Mark as done."""
        self.error = error
        self._done.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until it is done; False if it is not by then."""
        return self._done.wait(timeout_s)


class Control:
    """Queue, thread and connection.

    Parameters
    ----------
    connection : RestConnection
        Used by the thread only.
    journal : Journal
    clock : ClockSync
        Dates the events.
    """

    def __init__(self, connection: RestConnection, journal: Journal, clock: ClockSync) -> None:
        self.recording = RecordingInfo()
        self.events = EventList()
        self.link_error = ""
        self._complaint = ""
        self._connection = connection
        self._journal = journal
        self._clock = clock
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._give_up_s = float("inf")
        self._ours = ""  # id of the recording that we started and have not ended
        self._worker = Worker("neon-control", self._run)

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def queue_event(self, name: str, host_ns: int, experiment_s: float) -> EventReceipt:
        """Journal an event, put it in the queue, and return at once."""
        self._check_open()
        _check_name(name)
        receipt = self.events.add(name, host_ns, experiment_s)
        self._journal.write(
            "event",
            number=receipt.number,
            name=name,
            host_ns=host_ns,
            experiment_s=experiment_s,
        )
        if self._commands.qsize() < MAX_QUEUED:
            self._commands.put(Command(self._deliver, receipt))
        else:  # in the journal it is safe
            receipt.error = f"{MAX_QUEUED} events already wait for the phone"
            receipt.settle(EventState.UNCONFIRMED)
        return receipt

    def queue_start(self) -> Command:
        """Put the start of a recording in the queue."""
        self._check_open()
        self.recording = RecordingInfo(RecordingState.STARTING)
        command = Command(self._start_recording)
        self._commands.put(command)
        return command

    def queue_stop(self, *, save: bool) -> Command:
        """Put the end of the recording in the queue."""
        self._check_open()
        self.recording = RecordingInfo(RecordingState.STOPPING, self.recording.id)
        command = Command(self._save_recording if save else self._cancel_recording)
        self._commands.put(command)
        return command

    def close(self, timeout_s: float) -> None:
        """Deliver what is left, end our recording, stop the thread; at most `timeout_s`."""
        if self._closing.is_set():
            return
        if self.recording.state in (RecordingState.STARTING, RecordingState.RECORDING):
            self._commands.put(Command(self._save_recording))
        self._give_up_s = time.perf_counter() + timeout_s
        self._closing.set()
        self._commands.put(None)
        self._worker.join(timeout_s + CALL_TIMEOUT_S)
        self._settle_rest()
        self._connection.close()

    # -- the thread ---------------------------------------------------------------------------

    def _run(self, stopping: threading.Event) -> None:
        while (command := self._commands.get()) is not None:
            try:
                command.run(command)
                command.finish()
            except NeonError as error:
                command.finish(error)

    def _deliver(self, command: Command) -> None:
        receipt = command.receipt
        assert receipt is not None
        backoff = Backoff()
        while not self._may_give_up:
            try:
                reply = self._post(receipt)
            except DeviceError as error:
                receipt.error = str(error)
                if receipt.tries >= REFUSED_TRIES:
                    return self._settle(receipt, EventState.REFUSED)
            except NeonError as error:
                receipt.error = str(error)
                self._note_link(receipt.error)
            else:
                self._note_link("")
                return self._settle(receipt, self._judge(receipt, reply))
            self._pause(backoff.next_delay_s())
        self._settle(receipt, EventState.UNCONFIRMED)

    def _post(self, receipt: EventReceipt) -> rest.EventReply:
        self._date(receipt, CALL_TIMEOUT_S)
        if receipt.device_ns is None and self._clock.port is not None:
            raise NeonConnectionError("the phone's clock could not be read yet")
        receipt.tries += 1
        call = rest.post_event(receipt.name, receipt.device_ns)
        reply = rest.parse_event_reply(self._connection.call(call, self._call_timeout_s))
        if receipt.device_ns is None:  # no time echo on this phone: it stamped on arrival
            receipt.device_ns = reply.device_ns
        return reply

    def _date(self, receipt: EventReceipt, wait_s: float) -> None:
        """Dated once, so that an event that is sent again is the same event."""
        clock_map = self._clock.wait(wait_s) if receipt.device_ns is None else None
        if clock_map is not None:
            receipt.device_ns = clock_map.device_from_host(receipt.host_ns)
            receipt.bound_ns = clock_map.bound_ns(receipt.host_ns)

    def _judge(self, receipt: EventReceipt, reply: rest.EventReply) -> EventState:
        receipt.recording_id = reply.recording_id
        if reply.recording_id is None:
            receipt.error = "no recording is running on the phone"
            return EventState.DISCARDED
        receipt.error = ""
        if self._ours and reply.recording_id != self._ours:
            receipt.error = f"in recording {reply.recording_id}, which is not ours"
            logger.warning("event %r is %s", receipt.name, receipt.error)
        return EventState.CONFIRMED

    def _settle(self, receipt: EventReceipt, state: EventState) -> None:
        self._date(receipt, 0.0)
        if state is EventState.UNCONFIRMED:
            receipt.error = receipt.error or self.link_error or "closed before it was sent"
        self._journal.write(
            state.value,
            number=receipt.number,
            device_ns=receipt.device_ns,
            bound_ns=receipt.bound_ns,
            recording_id=receipt.recording_id,
            tries=receipt.tries,
            error=receipt.error,
        )
        self._complain(receipt, state)
        receipt.settle(state)  # last: who waits for it may look at the rest

    def _complain(self, receipt: EventReceipt, state: EventState) -> None:
        """Log the first of several events that end in the same way; the journal has them all."""
        complaint = "" if state is EventState.CONFIRMED else f"{state.value}: {receipt.error}"
        if complaint and complaint != self._complaint:
            logger.warning("event %r is %s", receipt.name, complaint)
        self._complaint = complaint

    def _start_recording(self, command: Command) -> None:
        del command
        try:
            self._ours = recording_id = self._start_on_phone()
            self._wait_until_attached(recording_id)
        except NeonError as error:
            # Asked twice, the phone refuses the second time; the first recording still runs.
            state = RecordingState.RECORDING if self._ours else RecordingState.FAILED
            self._set_recording(RecordingInfo(state, self._ours, str(error)))
            raise
        self._set_recording(RecordingInfo(RecordingState.RECORDING, recording_id))

    def _start_on_phone(self) -> str:
        """Start, also over a link that loses replies: what was not there before is ours."""
        give_up_s = time.perf_counter() + START_TIMEOUT_S
        backoff, before, asked = Backoff(), "", False
        while True:
            try:
                running = self._running_id()
                if asked and running not in ("", before):
                    return running
                before, asked = running, True
                result = self._connection.call(rest.START_RECORDING, self._call_timeout_s)
                return rest.parse_recording_id(result)
            except DeviceError:
                raise
            except NeonError:
                if time.perf_counter() >= give_up_s or self._closing.is_set():
                    raise
                self._pause(backoff.next_delay_s())

    def _running_id(self) -> str:
        """Id of the recording that runs on the phone, empty if there is none."""
        status = parse_status(self._connection.call(rest.GET_STATUS, self._call_timeout_s))
        running = status.recording
        return running.id if running is not None and running.is_running else ""

    def _wait_until_attached(self, recording_id: str) -> None:
        """The phone answers a start before the recording is open (reference, 2.3)."""
        give_up_s = time.perf_counter() + ATTACH_TIMEOUT_S
        while time.perf_counter() < give_up_s and not self._may_give_up:
            if self._lists_as_running(recording_id):
                return
            time.sleep(ATTACH_POLL_S)
        logger.warning("the phone does not list the recording that it started; going on")

    def _lists_as_running(self, recording_id: str) -> bool:
        try:
            return self._running_id() == recording_id
        except NeonError:
            return False  # the recording has started all the same; the next poll may get through

    def _save_recording(self, command: Command) -> None:
        self._end_recording(rest.STOP_AND_SAVE_RECORDING)

    def _cancel_recording(self, command: Command) -> None:
        self._end_recording(rest.CANCEL_RECORDING)

    def _end_recording(self, call: rest.Call) -> None:
        recording_id = self.recording.id
        self._set_recording(RecordingInfo(RecordingState.STOPPING, recording_id))
        backoff = Backoff()
        while True:
            try:
                self._connection.call(call, self._call_timeout_s)
            except DeviceError as error:
                self._ours = ""  # whatever the reason, it is out of our hands
                self._set_recording(RecordingInfo(RecordingState.FAILED, recording_id, str(error)))
                raise
            except NeonError as error:
                self._note_link(str(error))
                if self._may_give_up:
                    self._set_recording(
                        RecordingInfo(RecordingState.FAILED, recording_id, str(error))
                    )
                    raise
                self._pause(backoff.next_delay_s())
            else:
                self._ours = ""
                return self._set_recording(RecordingInfo(RecordingState.IDLE, recording_id))

    def _set_recording(self, info: RecordingInfo) -> None:
        self.recording = info
        self._journal.write("recording", state=info.state.value, id=info.id, error=info.error)
        if info.error:
            logger.error("recording: %s", info.error)

    # -- waiting ------------------------------------------------------------------------------

    @property
    def _may_give_up(self) -> bool:
        return self._closing.is_set() and time.perf_counter() >= self._give_up_s

    @property
    def _call_timeout_s(self) -> float:
        left_s = self._give_up_s - time.perf_counter()
        return max(0.2, min(CALL_TIMEOUT_S, left_s))

    def _pause(self, delay_s: float) -> None:
        """Sleep between tries; while closing only briefly, since little time is left."""
        if self._closing.is_set():
            time.sleep(min(delay_s, 0.1))
        else:
            self._closing.wait(delay_s)

    def _note_link(self, error: str) -> None:
        if error and not self.link_error:
            logger.warning("events are being kept, the phone does not answer: %s", error)
        elif self.link_error and not error:
            logger.warning("the phone answers again; events are being delivered")
        self.link_error = error

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise ClosedError("the device was closed")

    def _settle_rest(self) -> None:
        for receipt in self.events.all():
            if receipt.state is EventState.PENDING:
                self._settle(receipt, EventState.UNCONFIRMED)


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.strip():
        raise UsageError(f"an event needs a name, a text that is not empty; got {name!r}")
    if len(name) > rest.MAX_EVENT_NAME_CHARACTERS:
        raise UsageError(
            f"an event name has at most {rest.MAX_EVENT_NAME_CHARACTERS} characters; "
            f"this one has {len(name)}"
        )
