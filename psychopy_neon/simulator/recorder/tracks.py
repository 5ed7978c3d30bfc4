"""What each sensor sends, on its way into a recording folder.

Sensors are recorded on the phone's sensor clock, which is the one inside of motion samples and
eye events; it is ahead of the system clock by the skew.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.gaze import WORN as IS_WORN
from psychopy_neon.protocol.h264 import Depacketizer, annex_b
from psychopy_neon.protocol.imu import parse_imu
from psychopy_neon.simulator.native.layout import (
    BLINKS,
    EYE_STATE,
    EYE_STATE_BYTES,
    FIXATIONS,
    GAZE,
    IMU,
    IMU_PACKETS,
    WORN,
)
from psychopy_neon.simulator.recorder.folder import RecordingFolder
from psychopy_neon.simulator.stream import Payloads

Skew = Callable[[], int]

_GAZE_BYTES = 9
_IMU_ROW = struct.Struct("<q10f")
_MOVEMENT, _BLINK = (0, 1), 4
_MOVEMENT_BYTES, _BLINK_BYTES = 60, 20
_KEY_SLICE = 5


class GazeTrack:
    """Gaze, whether the glasses are worn, and the state of the eyes if that is sent."""

    def __init__(self, folder: RecordingFolder, skew_ns: Skew) -> None:
        self._folder = folder
        self._skew_ns = skew_ns
        self._eye_bytes: int | None = None

    def send(self, device_ns: int, payloads: Payloads) -> None:
        """Take a sample."""
        time_ns = device_ns + self._skew_ns()
        for payload, _ in payloads:
            self._folder.add_row(GAZE.name, GAZE.fields, _little_endian(payload[:8]), time_ns)
            is_worn = bytes([IS_WORN * (payload[8] == IS_WORN)])
            self._folder.add_row(WORN.name, WORN.fields, is_worn, None)
            self._add_eyes(payload[_GAZE_BYTES:], time_ns)

    def _add_eyes(self, rest: bytes, time_ns: int) -> None:
        if self._eye_bytes is None:  # the first sample decides on the columns
            self._eye_bytes = max(n for n in (0, *EYE_STATE_BYTES) if n <= len(rest))
        if not self._eye_bytes:
            return
        missing = (self._eye_bytes - len(rest)) // 4
        values = rest[: self._eye_bytes] + np.full(max(0, missing), np.nan, ">f4").tobytes()
        fields = EYE_STATE.fields[: self._eye_bytes // 4]
        self._folder.add_row(EYE_STATE.name, fields, _little_endian(values), time_ns)


class ImuTrack:
    """Motion as a table, and as the packets that were sent."""

    def __init__(self, folder: RecordingFolder) -> None:
        self._folder = folder

    def send(self, device_ns: int, payloads: Payloads) -> None:
        """Take a sample; one that is cut short is left out."""
        for payload, _ in payloads:
            try:
                sample = parse_imu(payload, device_ns=device_ns, arrived_host_ns=0)
            except ProtocolError:
                continue
            parts = (sample.rotation_deg_s, sample.acceleration_g, sample.quaternion_wxyz)
            row = _IMU_ROW.pack(sample.sensor_ns, *(value for part in parts for value in part))
            self._folder.add_row(IMU.name, IMU.fields, row, sample.sensor_ns)
            packet = struct.pack("<H", len(payload)) + payload
            self._folder.add_row(IMU_PACKETS, None, packet, sample.sensor_ns)


class EyeEventTrack:
    """Fixations, saccades and blinks; onsets are not recorded."""

    def __init__(self, folder: RecordingFolder) -> None:
        self._folder = folder

    def send(self, device_ns: int, payloads: Payloads) -> None:
        """Take an event."""
        for payload, _ in payloads:
            event_type = int.from_bytes(payload[:4], "big", signed=True)
            if event_type in _MOVEMENT and len(payload) == _MOVEMENT_BYTES:
                self._add(FIXATIONS.name, FIXATIONS.fields, payload)
            elif event_type == _BLINK and len(payload) == _BLINK_BYTES:
                self._add(BLINKS.name, BLINKS.fields, payload)

    def _add(self, name: str, fields: tuple[tuple[str, str], ...], payload: bytes) -> None:
        event_type, start_ns, end_ns = struct.unpack_from("!iqq", payload)
        row = struct.pack("<iqq", event_type, start_ns, end_ns) + _little_endian(payload[20:])
        self._folder.add_row(name, fields, row, start_ns)


class FilmTrack:
    """Video of one camera."""

    def __init__(self, folder: RecordingFolder, name: str, skew_ns: Skew) -> None:
        self._folder = folder
        self._name = name
        self._skew_ns = skew_ns
        self._depacketizer = Depacketizer()

    def send(self, device_ns: int, payloads: Payloads) -> None:
        """Take a picture."""
        units = [unit for payload, _ in payloads for unit in self._depacketizer.push(payload)]
        is_key = any(unit[0] & 0x1F == _KEY_SLICE for unit in units)
        time_ns = device_ns + self._skew_ns()
        self._folder.add_picture(self._name, annex_b(units), time_ns, is_key=is_key)


def _little_endian(floats: bytes) -> bytes:
    """The same float32 values the other way round, bit for bit."""
    return np.frombuffer(floats, ">u4").astype("<u4").tobytes()
