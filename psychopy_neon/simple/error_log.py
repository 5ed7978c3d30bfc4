"""Collects what the phone reports to have gone wrong, until somebody asks."""

from __future__ import annotations

import threading
from collections import deque

from psychopy_neon.protocol.status import Component, Recording, Sensor, Status

MAX_ERRORS = 1_000


class ErrorLog:
    """Errors out of status messages; each is noted when it begins, not with each repetition."""

    def __init__(self) -> None:
        self._errors: deque[str] = deque(maxlen=MAX_ERRORS)
        self._last_recording = ("", "")
        self._failing: set[str] = set()
        self._lock = threading.Lock()

    def note_all(self, status: Status) -> None:
        """Look at everything that the phone has said so far."""
        components = (*status.sensors.values(), status.recording)
        for component in components:
            self.note(component)

    def note(self, component: Component | None) -> None:
        """Look at one part of the status."""
        with self._lock:
            if isinstance(component, Recording):
                self._note_recording(component)
            elif isinstance(component, Sensor) and component.conn_type == "DIRECT":
                self._note_sensor(component)

    def take(self) -> list[str]:
        """The errors since the last call, oldest first."""
        with self._lock:
            errors = list(self._errors)
            self._errors.clear()
            return errors

    def _note_recording(self, recording: Recording) -> None:
        seen = (recording.id, recording.message)
        if recording.action.lower().startswith("error") and seen != self._last_recording:
            self._last_recording = seen
            self._errors.append(recording.message or f"Recording {recording.id} failed")

    def _note_sensor(self, sensor: Sensor) -> None:
        if not sensor.stream_error:
            self._failing.discard(sensor.sensor)
        elif sensor.sensor not in self._failing and len(self._failing) < MAX_ERRORS:
            self._failing.add(sensor.sensor)
            self._errors.append(f"Stream error in sensor {sensor.sensor}")
