"""Parts of the status, and events, as tuples of the official client."""

from __future__ import annotations

from datetime import datetime as _datetime
from enum import Enum
from typing import NamedTuple

from psychopy_neon.protocol import status
from psychopy_neon.simple.timestamps import unix_seconds


class APIPath(Enum):
    """Paths of the phone's REST API, below ``/api``."""

    STATUS = "/status"
    RECORDING_START = "/recording:start"
    RECORDING_STOP_AND_SAVE = "/recording:stop_and_save"
    RECORDING_CANCEL = "/recording:cancel"
    EVENT = "/event"
    CALIBRATION = "/../calibration.bin"
    TEMPLATE_DEFINITION = "/template_def"
    TEMPLATE_DATA = "/template_data"
    CAMERA_CONTROL = "/camera_control"


class DiscoveredDeviceInfo(NamedTuple):
    """What a phone announces (reference, 1).

    Attributes
    ----------
    name : str
        Full name of the service.
    server : str
        Host name.
    port : int
        Of the REST service.
    addresses : list of str
        Numeric addresses.
    """

    name: str
    server: str
    port: int
    addresses: list[str]


class Sensor(NamedTuple):
    """One way to reach one sensor's stream (reference, 2.2).

    Attributes
    ----------
    sensor : str
        "gaze", "world", "eyes", "imu" or "eye_events".
    conn_type : str
        "DIRECT" or "WEBSOCKET".
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

    sensor: str
    conn_type: str
    connected: bool = False
    ip: str | None = None
    params: str | None = None
    port: int | None = None
    protocol: str = "rtsp"
    stream_error: bool = False

    @property
    def url(self) -> str | None:
        """Where to stream from; None while not connected."""
        if not self.connected:
            return None
        return f"{self.protocol}://{self.ip}:{self.port}/?{self.params or ''}"


def sensor_tuple(name: str, sensor: status.Sensor | None) -> Sensor:
    """The official tuple of a sensor; one that is not connected if the phone named none."""
    if sensor is None:
        return Sensor(name, "DIRECT")
    return Sensor(**{field: getattr(sensor, field) for field in Sensor._fields})


class _Event(NamedTuple):
    name: str | None
    recording_id: str | None
    timestamp: int


class Event(_Event):
    """An event as the phone stored it.

    Attributes
    ----------
    name : str
        Its text.
    recording_id : str or None
        Recording that took it; None if none was running and the phone threw it away.
    timestamp : int
        Phone's Unix clock, ns.
    """

    @property
    def timestamp_unix_ns(self) -> int:
        """The same as `timestamp`."""
        return self.timestamp

    @property
    def datetime(self) -> _datetime:
        """The same as a date in this computer's time zone, without zone, to 1 µs."""
        return _datetime.fromtimestamp(unix_seconds(self.timestamp))

    def __repr__(self) -> str:
        return (
            f"Event(name={self.name} recording_id={self.recording_id} "
            f"timestamp_unix_ns={self.timestamp_unix_ns} datetime={self.datetime})"
        )
