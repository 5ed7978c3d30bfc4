"""Recordings on their way to the phone: started, waited for, and ended in their turn."""

from __future__ import annotations

import contextlib
import functools
import logging
import operator
import threading
import time
from collections.abc import Callable

from psychopy_neon.client.journal import Journal
from psychopy_neon.client.outbox import Outbox
from psychopy_neon.client.recording import RecordingInfo, RecordingState
from psychopy_neon.exceptions import ClosedError, DeviceError, NeonError
from psychopy_neon.protocol import rest
from psychopy_neon.protocol.status import Component, Recording, parse_status
from psychopy_neon.transport.backoff import Backoff
from psychopy_neon.transport.deadline import clipped_s

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 8.0
ATTACH_TIMEOUT_S = 3.0  # 0.4 to 0.9 s were seen (reference, 2.3)
ATTACH_POLL_S = 0.1


class Command:
    """Something to do on the phone, and how it went."""

    def __init__(self) -> None:
        self.error: NeonError | None = None
        self._done = threading.Event()

    def run(self, action: Callable[[], None]) -> None:
        """Do it, in the outbox's thread."""
        try:
            action()
        except NeonError as error:
            self.error = error
        self._done.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until it is done; False if it is not by then."""
        return self._done.wait(clipped_s(timeout_s))


class RecordingControl:
    """Queues starts and ends of the phone's recording.

    Parameters
    ----------
    outbox : Outbox
    journal : Journal

    Attributes
    ----------
    info : RecordingInfo
        What our recording is doing.
    ours : str
        Id of the recording that we started and have not ended; empty if there is none.
    """

    def __init__(self, outbox: Outbox, journal: Journal) -> None:
        self.info = RecordingInfo()
        self.ours = ""
        self._ended = self.info
        self._outbox = outbox
        self._journal = journal

    def queue_start(self) -> Command:
        """Put the start of a recording in the queue."""
        return self._queue(RecordingInfo(RecordingState.STARTING), self._start)

    def queue_stop(self, *, save: bool) -> Command:
        """Put the end of the recording in the queue."""
        call = rest.STOP_AND_SAVE_RECORDING if save else rest.CANCEL_RECORDING
        stopping = RecordingInfo(RecordingState.STOPPING, self.info.id)
        return self._queue(stopping, functools.partial(self._end, call))

    def take_status(self, component: Component) -> None:
        """Note that somebody else ended our recording; called in another thread."""
        if not isinstance(component, Recording) or component.id != self.ours:
            return
        if not component.is_running:
            error = "it was ended on the phone, or by another program"
            told = f"; the phone says: {component.message}" if component.message else ""
            self._ended = RecordingInfo(RecordingState.FAILED, component.id, error + told)
            self._note_end()

    def _note_end(self) -> None:
        """Also if it came while the recording was still starting."""
        if self.info.state is RecordingState.RECORDING and self.info.id == self._ended.id:
            self._set(self._ended)

    def save_if_running(self) -> None:
        """Put the end of a recording that we started in the queue, if it has none yet."""
        if self.info.state in (RecordingState.STARTING, RecordingState.RECORDING):
            self.queue_stop(save=True)

    def _queue(self, info: RecordingInfo, action: Callable[[], None]) -> Command:
        if self._outbox.is_closing:
            raise ClosedError("the device was closed")
        self.info = info
        command = Command()
        self._outbox.put((command.run, action))
        self._outbox.hurry()
        return command

    # -- in the outbox's thread ---------------------------------------------------------------

    def _start(self) -> None:
        try:
            self.ours = recording_id = self._start_on_phone()
            self._wait_until_attached(recording_id)
        except NeonError as error:
            # Asked twice, the phone refuses the second time; the first recording still runs.
            runs = self.ours not in ("", self._ended.id)
            state = RecordingState.RECORDING if runs else RecordingState.FAILED
            self._set(RecordingInfo(state, self.ours, str(error)))
            raise
        self._set(RecordingInfo(RecordingState.RECORDING, recording_id))
        self._note_end()

    def _start_on_phone(self) -> str:
        """Start, also over a link that loses replies: what was not there before is ours."""
        give_up_s = time.perf_counter() + START_TIMEOUT_S
        backoff, before, asked = Backoff(), "", 0
        while True:
            try:
                running = self._running_id()
                if asked and running not in ("", before):
                    return running
                before, asked = running, asked + 1
                result = self._outbox.call(rest.START_RECORDING)
                return rest.parse_recording_id(result)
            except DeviceError:
                # Perhaps because it has started one already, and only the reply was lost.
                is_new = functools.partial(operator.ne, before)
                started = self._wait_for(is_new) if asked > 1 else ""
                if not started:
                    raise
                return started
            except NeonError:
                if time.perf_counter() >= give_up_s or self._outbox.is_closing:
                    raise
                self._outbox.pause(backoff.next_delay_s())

    def _running_id(self) -> str:
        """Id of the recording that runs on the phone, empty if there is none."""
        status = parse_status(self._outbox.call(rest.GET_STATUS))
        running = status.recording
        return running.id if running is not None and running.is_running else ""

    def _wait_until_attached(self, recording_id: str) -> None:
        if not self._wait_for(functools.partial(operator.eq, recording_id)):
            logger.warning("the phone does not list the recording that it started; going on")

    def _wait_for(self, fits: Callable[[str], bool]) -> str:
        """Id of the recording that runs, as soon as it fits; empty if none does for long.

        The phone answers a start before the recording is open (reference, 2.3).
        """
        give_up_s = time.perf_counter() + ATTACH_TIMEOUT_S
        while time.perf_counter() < give_up_s and not self._outbox.may_give_up:
            with contextlib.suppress(NeonError):  # the next poll may get through
                running = self._running_id()
                if running and fits(running):
                    return running
            self._outbox.pause(ATTACH_POLL_S)
        return ""

    def _end(self, call: rest.Call) -> None:
        recording_id = self.info.id
        self._set(RecordingInfo(RecordingState.STOPPING, recording_id))
        backoff, asked = Backoff(), False
        while True:
            try:
                if not (asked and self._is_over(recording_id)):
                    self._outbox.call(call)
            except DeviceError as error:
                self._outbox.note_link("")
                self.ours = ""  # whatever the reason, it is out of our hands
                self._set(RecordingInfo(RecordingState.FAILED, recording_id, str(error)))
                raise
            except NeonError as error:
                self._outbox.note_link(str(error))
                asked = asked or self._outbox.has_left  # its answer may be what was lost
                if self._outbox.may_give_up:
                    self._set(RecordingInfo(RecordingState.FAILED, recording_id, str(error)))
                    raise
                self._outbox.pause(backoff.next_delay_s())
            else:
                self._outbox.note_link("")
                self.ours = ""
                return self._set(RecordingInfo(RecordingState.IDLE, recording_id))

    def _is_over(self, recording_id: str) -> bool:
        """Whether the phone runs it no more; without an id, whether it runs none at all."""
        running = self._running_id()
        return not running or running != (recording_id or running)

    def _set(self, info: RecordingInfo) -> None:
        self.info = info
        self._journal.write(
            "recording",
            state=info.state.value,
            id=info.id,
            error=info.error,
            host_ns=time.perf_counter_ns(),
        )
        if info.error:
            logger.error("recording: %s", info.error)
