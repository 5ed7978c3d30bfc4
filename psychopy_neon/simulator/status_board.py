"""What the phone says about itself, and those who are told of every change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from psychopy_neon.protocol.status import Component, Hardware, Phone, Recording, Sensor
from psychopy_neon.simulator.raw_message import RawMessage, hardware_of_nulls

Message = Component | RawMessage
Listener = Callable[[Message], None]


class StatusBoard:
    """Phone, hardware and sensors; thread-safe.

    Attributes
    ----------
    lock : threading.RLock
        Held while something changes and is told; whoever changes several things may hold it.
    """

    def __init__(self, phone: Phone, hardware: Hardware, sensors: Iterable[Sensor]) -> None:
        self.lock = threading.RLock()
        self._phone = phone
        self._plugged_in: Message = hardware
        self._hardware: Message = hardware
        self._sensors = list(sensors)
        self._listeners: list[Listener] = []

    @property
    def is_plugged_in(self) -> bool:
        """Whether the phone has glasses."""
        with self.lock:
            return bool(self._sensors)

    def listing(self, recording: Recording | None) -> list[Message]:
        """The whole status in the order of ``GET /api/status``."""
        with self.lock:
            fixed: list[Message] = [*self._sensors, self._phone, self._hardware]
            return [*fixed, recording] if recording else fixed

    def subscribe(self, listener: Listener, recording: Recording | None) -> list[Message]:
        """Call `listener` with every change; return the state in the order of the pushes."""
        with self.lock:
            self._listeners.append(listener)
            pushed: list[Message] = [self._phone, self._hardware, *self._sensors]
            return [*pushed, recording] if recording else pushed

    def unsubscribe(self, listener: Listener) -> None:
        """Stop calling `listener`."""
        with self.lock:
            self._listeners = [kept for kept in self._listeners if kept != listener]

    def forget_listeners(self) -> None:
        """Stop calling anybody."""
        with self.lock:
            self._listeners.clear()

    def push(self, message: Message) -> None:
        """Tell all listeners."""
        with self.lock:
            for listener in self._listeners:
                listener(message)

    def change_phone(self, **changes: Any) -> None:
        """Change fields of the phone's entry, and tell."""
        with self.lock:
            self._phone = replace(self._phone, **changes)
            self.push(self._phone)

    def set_sensor(self, sensor: Sensor) -> None:
        """Replace the sensor of the same name and connection, or add it."""
        with self.lock:
            key = (sensor.sensor, sensor.conn_type)
            others = [s for s in self._sensors if (s.sensor, s.conn_type) != key]
            self._sensors = [*others, sensor]
            self.push(sensor)

    def repeat_sensor(self, name: str) -> None:
        """Tell again what is known of a sensor, unchanged."""
        with self.lock:
            for sensor in self._sensors:
                if sensor.sensor == name:
                    self.push(sensor)

    def set_hardware(self, hardware: Message) -> None:
        """Replace the hardware's entry, and tell."""
        with self.lock:
            self._hardware = hardware
            self.push(hardware)

    def unplug(self) -> None:
        """The glasses are gone: every sensor disconnects, then none is listed any more."""
        with self.lock:
            gone, self._sensors = self._sensors, []
            for sensor in gone:
                self.push(replace(sensor, connected=False, ip=None, port=None, params=None))
            self.set_hardware(hardware_of_nulls())

    def plug_in(self, sensors: Iterable[Sensor]) -> None:
        """The glasses are there (again)."""
        with self.lock:
            self.set_hardware(self._plugged_in)
            self._sensors = list(sensors)
            for sensor in self._sensors:
                self.push(sensor)
