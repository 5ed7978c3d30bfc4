"""What the phone says about itself: REST status and WebSocket messages (reference, 2.2 and 3).

Every component is ``{"model": ..., "data": {...}}``. Unknown models and fields are ignored, and
missing optional fields become None: phones of other versions must not break a client.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.plain_text import plain

MAX_COMPONENTS = 200
FINAL_ACTIONS = ("stop", "save", "discard", "error", "cancel")


class _Component:
    """Conversion between a dataclass and the phone's JSON, field by field."""

    model: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """The component as the phone would send it; fields that are None are left out."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
        return {"model": self.model, "data": {k: v for k, v in values.items() if v is not None}}


@dataclass(frozen=True, slots=True)
class Phone(_Component):
    """The phone, as it says itself (reference, 2.2).

    Attributes
    ----------
    ip : str
        Address as the phone sees itself.
    device_id, device_name : str
        Its unchanging id, and its name in the app.
    battery_level : int
        Percent, 0 to 100.
    battery_state, memory_state : str or None
        OK, LOW or CRITICAL.
    memory : int
        Free storage, bytes.
    time_echo_port : int or None
        Where it tells its time; None on very old apps.
    """

    model: ClassVar[str] = "Phone"
    ip: str
    device_id: str
    device_name: str
    battery_level: int = 0
    battery_state: str | None = None
    memory: int = 0
    memory_state: str | None = None
    time_echo_port: int | None = None


@dataclass(frozen=True, slots=True)
class Hardware(_Component):
    """The glasses; all fields are None when none are plugged in (reference, 2.2).

    Attributes
    ----------
    version : str or None
        "2.0" on Neon.
    module_serial : str or None
        Six digits.
    frame_name : str or None
        Which frame they have.
    glasses_serial, world_camera_serial : str or None
        "-1" on Neon.
    """

    model: ClassVar[str] = "Hardware"
    version: str | None = None
    module_serial: str | None = None
    frame_name: str | None = None
    glasses_serial: str | None = None
    world_camera_serial: str | None = None

    @property
    def serial(self) -> str | None:
        """The number that the glasses go by: Pupil Invisible has none of a module."""
        return self.module_serial or (self.glasses_serial if self.glasses_serial != "-1" else None)


@dataclass(frozen=True, slots=True)
class Sensor(_Component):
    """One way to reach one sensor's stream (reference, 2.2).

    Attributes
    ----------
    sensor : str
        "gaze", "world", "imu", "eyes" or "eye_events".
    conn_type : str
        "DIRECT" or "WEBSOCKET"; this package uses the first.
    connected : bool
        Whether it can be streamed from.
    ip, params : str or None
        Address, and query of the stream's URL.
    port : int or None
        Of the stream.
    protocol : str
        "rtsp".
    stream_error : bool
        Whether the phone reports that the sensor fails.
    """

    model: ClassVar[str] = "Sensor"
    sensor: str
    conn_type: str
    connected: bool = False
    ip: str | None = None
    port: int | None = None
    params: str | None = None
    protocol: str = "rtsp"
    stream_error: bool = False

    @property
    def url(self) -> str | None:
        """Where to stream from; None while the sensor is not connected."""
        if not self.connected or self.ip is None or self.port is None:
            return None
        return f"{self.protocol}://{self.ip}:{self.port}/?{self.params or ''}"


@dataclass(frozen=True, slots=True)
class Recording(_Component):
    """The recording that runs, or the one that just ended (reference, 2.2).

    Attributes
    ----------
    id : str
        Its id, a UUID.
    action : str
        What happened to it last, such as "START" or "STOP".
    message : str
        Why, after an error.
    rec_duration_ns : int
        How long it has been running, ns.
    """

    model: ClassVar[str] = "Recording"
    id: str
    action: str = ""
    message: str = ""
    rec_duration_ns: int = 0

    @property
    def is_running(self) -> bool:
        """Whether `action` is not one of those that end a recording."""
        return not self.action.lower().startswith(FINAL_ACTIONS)


@dataclass(frozen=True, slots=True)
class StoredEvent(_Component):
    """An event that the phone has stored; pushed to every listener (reference, 2.2).

    Attributes
    ----------
    name : str or None
        Its text.
    timestamp : int
        Phone's Unix clock, ns.
    recording_id : str or None
        Recording that took it.
    """

    model: ClassVar[str] = "Event"
    name: str | None
    timestamp: int
    recording_id: str | None = None


Component = Phone | Hardware | Sensor | Recording | StoredEvent
_MODELS: dict[str, type[Any]] = {
    c.model: c for c in (Phone, Hardware, Sensor, Recording, StoredEvent)
}
_REQUIRED = {
    "Phone": ("ip", "device_id", "device_name"),
    "Sensor": ("sensor", "conn_type"),
    "Recording": ("id",),
    "Event": ("timestamp",),
}


def parse_component(message: object) -> Component | None:
    """Decode one component; None for models that we do not know.

    Raises
    ------
    ProtocolError
        If it is not an object with a model and data, or lacks a required field.
    """
    if not isinstance(message, Mapping) or not isinstance(message.get("model"), str):
        raise ProtocolError("status component without a model")
    model, data = message["model"], message.get("data")
    component = _MODELS.get(model)
    if component is None:
        return None
    if not isinstance(data, Mapping):
        raise ProtocolError(f"status component {model} without data")
    known = {f.name: f for f in fields(component)}
    values = {k: _coerce(known[k].type, v) for k, v in data.items() if k in known}
    values = {k: v for k, v in values.items() if v is not None}
    if component is not StoredEvent:  # whose text has to be found again as it was sent
        values = {k: plain(v) if isinstance(v, str) else v for k, v in values.items()}
    missing = [k for k in _REQUIRED.get(model, ()) if k not in values]
    if missing:
        raise ProtocolError(f"status component {model} lacks {', '.join(missing)}")
    if model == "Event":
        values.setdefault("name", None)
    parsed: Component = component(**values)
    return parsed


def _coerce(annotation: object, value: object) -> object:
    """Bring a JSON value to the annotated type; None where it cannot be."""
    if "int" in str(annotation):
        return int(value) if isinstance(value, (int, float)) and abs(value) < 2**63 else None
    if "bool" in str(annotation):
        return value if isinstance(value, bool) else None
    return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that the phone has said so far; an immutable snapshot.

    Attributes
    ----------
    phone : Phone or None
        The phone itself.
    hardware : Hardware or None
        The glasses.
    recording : Recording or None
        The recording that runs, or the last one.
    sensors : mapping of (str, str) to Sensor
        By name and kind of connection.
    """

    phone: Phone | None = None
    hardware: Hardware | None = None
    recording: Recording | None = None
    sensors: Mapping[tuple[str, str], Sensor] = field(default_factory=dict)

    def updated(self, component: Component | None) -> Status:
        """A new snapshot with one component changed."""
        if isinstance(component, Phone):
            return replace(self, phone=component)
        if isinstance(component, Hardware):
            return replace(self, hardware=component)
        if isinstance(component, Recording):
            return replace(self, recording=component)
        if isinstance(component, Sensor):
            key = (component.sensor, component.conn_type)
            if key not in self.sensors and len(self.sensors) >= MAX_COMPONENTS:
                return self  # a phone has about ten
            return replace(self, sensors={**self.sensors, key: component})
        return self

    def changes_since(self, before: Status) -> list[Component]:
        """The parts that differ; a sensor that is gone as not connected, a recording as stopped."""
        parts = (self.phone, self.hardware, self.recording, *self.sensors.values())
        known = (before.phone, before.hardware, before.recording, *before.sensors.values())
        changed = [part for part in parts if part is not None and part not in known]
        return [*self._gone_since(before), *changed]

    def _gone_since(self, before: Status) -> list[Component]:
        gone: list[Component] = [Sensor(*key) for key in before.sensors if key not in self.sensors]
        ran, now = before.recording, self.recording
        if ran is not None and ran.is_running and (now is None or now.id != ran.id):
            gone.append(replace(ran, action="STOP"))
        return gone

    def sensor(self, name: str) -> Sensor | None:
        """The directly reachable sensor of that name, or None.

        Parameters
        ----------
        name : str
            "gaze", "world", "imu", "eyes" or "eye_events".
        """
        return self.sensors.get((name, "DIRECT"))


def parse_status(components: object) -> Status:
    """Decode the ``result`` list of ``GET /api/status``; damaged components are left out.

    Raises
    ------
    ProtocolError
        If it is not a list, or has an absurd length.
    """
    if not isinstance(components, Iterable) or isinstance(components, (str, bytes, Mapping)):
        raise ProtocolError("status is not a list of components")
    status = Status()
    for count, message in enumerate(components):
        if count >= MAX_COMPONENTS:
            raise ProtocolError(f"status with more than {MAX_COMPONENTS} components")
        try:
            status = status.updated(parse_component(message))
        except ProtocolError:
            continue
    return status
