"""What the simulated phone knows: its battery, recording, events and answers."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from psychopy_neon.protocol.status import Hardware, Phone, Recording, Sensor, StoredEvent
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.recorder.recorder import NoRecorder
from psychopy_neon.simulator.refusal import RefusalError
from psychopy_neon.simulator.status_board import Listener, Message, StatusBoard
from psychopy_neon.simulator.template import (
    Answers,
    check_answers,
    default_template,
    no_answers,
    unanswered,
)
from psychopy_neon.simulator.truth import TrueEvent, TrueRecording, TruthLog

Operation = Literal["recording:start", "recording:stop_and_save", "recording:cancel", "event"]
EventListener = Callable[[TrueEvent], None]
MAX_EVENT_NAME = 10_000


@dataclass
class _RunningRecording:
    id: str
    opening: threading.Timer
    opened_ns: int | None = None


class PhoneState:
    """Thread-safe state of the phone; every change is told to the listeners.

    Parameters
    ----------
    clock : SimulatedClock
    truth : TruthLog
    phone, hardware, sensors
        The components that the status starts with.
    start_lag_s : float
        From the reply to a recording start until the recording is open.
    recorder : Recorder, optional
        Stores recordings; without one they are only talked about.

    Attributes
    ----------
    early_events_go_back : bool
        Whether events that come within that time are attached to the recording before, as has
        been seen on real phones, instead of to none.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        truth: TruthLog,
        *,
        phone: Phone,
        hardware: Hardware,
        sensors: Iterable[Sensor],
        start_lag_s: float = 0.5,
        recorder: NoRecorder | None = None,
    ) -> None:
        self._board = StatusBoard(phone, hardware, sensors)
        self._lock = self._board.lock
        self._clock = clock
        self._truth = truth
        self._start_lag_s = start_lag_s
        self._recorder = recorder or NoRecorder()
        self._recording: _RunningRecording | None = None
        self._previous_id: str | None = None
        self.early_events_go_back = False
        self._refusals: dict[str, RefusalError] = {}
        self._event_listeners: list[EventListener] = []
        self._template = default_template()
        self._answers = no_answers(self._template)

    @property
    def board(self) -> StatusBoard:
        """Phone, hardware and sensors."""
        return self._board

    @property
    def is_plugged_in(self) -> bool:
        """Whether the phone has glasses."""
        return self._board.is_plugged_in

    def components(self) -> list[Message]:
        """The whole status, in the order that the phone uses."""
        with self._lock:
            return self._board.listing(self._recording_component("START"))

    def subscribe(self, listener: Listener) -> list[Message]:
        """Call `listener` with every component that changes from now on.

        Returns the state so far, in the order in which the phone pushes it. The listener runs
        in the thread of whoever caused the change and must return at once.
        """
        with self._lock:
            return self._board.subscribe(listener, self._recording_component("START"))

    def unsubscribe(self, listener: Listener) -> None:
        """Stop calling `listener`."""
        self._board.unsubscribe(listener)

    def on_event(self, listener: EventListener) -> None:
        """Call `listener` for every event that arrives, stored or not."""
        with self._lock:
            self._event_listeners.append(listener)

    def refuse(self, operation: Operation, message: str, status: int = 500) -> None:
        """From now on answer `operation` with an error."""
        with self._lock:
            self._refusals[operation] = RefusalError(status, message)

    def allow(self, operation: Operation) -> None:
        """Undo `refuse`."""
        with self._lock:
            self._refusals.pop(operation, None)

    def set_battery(self, percent: int) -> None:
        """Change the battery level; below 10 % it is LOW, below 5 % CRITICAL."""
        level = "CRITICAL" if percent < 5 else "LOW" if percent < 10 else "OK"
        self._board.change_phone(battery_level=percent, battery_state=level)

    def set_sensor(self, sensor: Sensor) -> None:
        """Replace the sensor of the same name and connection, or add it."""
        self._board.set_sensor(sensor)

    def start_recording(self) -> str:
        """Begin a recording; return its id. It is open only after the start lag."""
        with self._lock:
            self._check_refusal("recording:start")
            if self._recording is not None:
                raise RefusalError(500, "Recording is already running")
            if not self.is_plugged_in:
                raise RefusalError(500, "No glasses are plugged in")
            missing = unanswered(self._template, self._answers)
            if missing:
                raise RefusalError(500, f"Required questions unanswered: {', '.join(missing)}")
            recording_id = str(uuid.uuid4())
            self._recorder.begin(recording_id, self._clock.now_ns())
            opening = threading.Timer(self._start_lag_s, self._open, [recording_id])
            opening.name = "neon-sim-recorder"
            self._recording = _RunningRecording(recording_id, opening)
            self._note_recording("start", recording_id)
            opening.start()
            return recording_id

    def stop_and_save_recording(self) -> None:
        """End the recording and keep it."""
        with self._lock:
            self._end_recording("recording:stop_and_save", "stop_and_save", ("STOP", "SAVE"))
            self._recorder.end(self._clock.now_ns(), self._template, self._answers)

    def cancel_recording(self) -> None:
        """End the recording and throw it away."""
        with self._lock:
            self._end_recording("recording:cancel", "cancel", ("STOP", "DISCARD"))
            self._recorder.discard()

    def store_event(self, name: object, timestamp_ns: object = None) -> StoredEvent:
        """Take an event; without a time it is stamped with its arrival, in whole ms."""
        arrived_ns = self._clock.now_ns()
        if not isinstance(name, str) or len(name) > MAX_EVENT_NAME:
            raise RefusalError(400, "Event needs a name")
        if timestamp_ns is not None and not _is_ns(timestamp_ns):
            raise RefusalError(400, "Event timestamp must be an integer of nanoseconds")
        given = isinstance(timestamp_ns, int)
        stored_ns = timestamp_ns if isinstance(timestamp_ns, int) else _whole_ms(arrived_ns)
        with self._lock:
            self._check_refusal("event")
            recording_id = self._recording_of_an_event()
            event = TrueEvent(name, stored_ns, given, arrived_ns, recording_id)
            self._truth.add_event(event)
            stored = StoredEvent(name, stored_ns, recording_id)
            if recording_id is not None:
                self._recorder.add_event(recording_id, name, stored_ns)
                self._board.push(stored)
            for listener in self._event_listeners:
                listener(event)
        return stored

    def template(self) -> dict[str, Any]:
        """Template definition, as JSON."""
        with self._lock:
            return self._template

    def set_template(self, template: dict[str, Any]) -> None:
        """Use another template; the answers so far are dropped."""
        with self._lock:
            self._template, self._answers = template, no_answers(template)

    def answers(self) -> Answers:
        """Answers to the template, by item id."""
        with self._lock:
            return dict(self._answers)

    def store_answers(self, answers: object) -> Answers:
        """Check answers and put them over the stored ones; return all of them."""
        with self._lock:
            self._answers = {**self._answers, **check_answers(self._template, answers)}
            return dict(self._answers)

    def close(self) -> None:
        """Forget a recording that is about to open, and its timer. Idempotent."""
        self._board.forget_listeners()
        self.lose_recording()

    def lose_recording(self) -> None:
        """End a recording without a word, as when the phone goes off. Idempotent."""
        with self._lock:
            recording, self._recording = self._recording, None
            self._recorder.break_off()
        if recording is not None:
            recording.opening.cancel()
            recording.opening.join(timeout=2.0)

    def _open(self, recording_id: str) -> None:
        with self._lock:
            recording = self._recording
            if recording is None or recording.id != recording_id:
                return
            recording.opened_ns = self._clock.now_ns()
            self._recorder.open()
            self._push_recording("START")

    def _end_recording(self, operation: Operation, noted_as: str, actions: tuple[str, ...]) -> None:
        with self._lock:
            self._check_refusal(operation)
            recording = self._recording
            if recording is None:
                raise RefusalError(500, "No recording is running")
            recording.opening.cancel()
            recording.opened_ns = recording.opened_ns or self._clock.now_ns()
            for action in actions:
                self._push_recording(action)
            self._recording, self._previous_id = None, recording.id
            self._note_recording(noted_as, recording.id)

    def _recording_of_an_event(self) -> str | None:
        recording = self._recording
        if recording is None:
            return None
        if recording.opened_ns is None:
            return self._previous_id if self.early_events_go_back else None
        return recording.id

    def _note_recording(self, action: str, recording_id: str) -> None:
        self._truth.add_recording(TrueRecording(action, recording_id, self._clock.now_ns()))

    def _recording_component(self, action: str) -> Recording | None:
        recording = self._recording
        if recording is None or recording.opened_ns is None:
            return None
        duration_ns = self._clock.now_ns() - recording.opened_ns
        return Recording(recording.id, action, "", duration_ns)

    def _push_recording(self, action: str) -> None:
        component = self._recording_component(action)
        if component is not None:
            self._board.push(component)

    def _check_refusal(self, operation: Operation) -> None:
        refusal = self._refusals.get(operation)
        if refusal is not None:
            raise RefusalError(refusal.status, refusal.message)


def _is_ns(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _whole_ms(device_ns: int) -> int:
    return device_ns // 1_000_000 * 1_000_000
