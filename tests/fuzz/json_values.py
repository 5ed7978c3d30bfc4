"""JSON values as bytes in which every mutation is a value again.

Mutated JSON text is mostly not JSON, and would test the library's parser instead of ours.

======  ==================================================================
first   value
======  ==================================================================
0 to 2  None, True, False
3       a word of `WORDS`: its number (1 byte)
4       whole number (8 bytes)
5       10 ** number (2 bytes, modulo 5000)
6       float (8 bytes)
7       text: length (1 byte), UTF-8 in which halves of surrogate pairs may stand
8       text repeated: length (1 byte), text, times (2 bytes)
9, 10   list, object: length (1 byte), values or pairs; of the texts only
        the two simple ones are keys
11      list of one scalar repeated: scalar, times (2 bytes)
12      lists in each other: depth (2 bytes)
======  ==================================================================
"""

from __future__ import annotations

import struct
from typing import Any

MAX_DEPTH = 12
MAX_CONTENT = 30_000  # characters and elements in all; a few bytes may ask for many more
MAX_NESTED = 100

WORDS = (
    *("model", "data", "Phone", "Hardware", "Sensor", "Recording", "Event", "NetworkDevice"),
    *("ip", "device_id", "device_name", "battery_level", "battery_state", "memory"),
    *("memory_state", "time_echo_port", "version", "module_serial", "frame_name"),
    *("glasses_serial", "world_camera_serial", "sensor", "conn_type", "connected", "port"),
    *("params", "protocol", "stream_error", "id", "action", "message", "rec_duration_ns"),
    *("name", "timestamp", "recording_id", "gaze", "world", "DIRECT", "WEBSOCKET", "rtsp"),
    *("OK", "START", "stop", "ERROR", "items", "title", "widget_type", "input_type", "choices"),
    *("help_text", "required", "description", "recording_name_format", "is_default_template"),
    *("created_at", "updated_at", "published_at", "archived_at", "label_ids", "recording_ids"),
    *("TEXT", "PARAGRAPH", "RADIO_LIST", "CHECKBOX_LIST", "SECTION_HEADER", "PAGE_BREAK"),
    *("any", "integer", "float", "", "42", "1e300", "-1.5", "nan", "ae_mode", "man_exp"),
    *("control_name", "value_type", "current_value", "allowed_values", "value_min", "value_max"),
    *("auto", "manual", "result", "Success", "q1", "q2", "q3", "192.0.2.1", "camera=gaze"),
)


def pack_value(value: Any) -> bytes:
    """Encode a JSON value."""
    if value is None or isinstance(value, bool):
        return bytes([0 if value is None else 1 if value else 2])
    if isinstance(value, int):
        return b"\x04" + struct.pack("!q", value)
    if isinstance(value, float):
        return b"\x06" + struct.pack("!d", value)
    if isinstance(value, str):
        return _pack_text(value)
    if isinstance(value, dict):
        pairs = (_pack_text(k) + pack_value(v) for k, v in value.items())
        return bytes([10, len(value)]) + b"".join(pairs)
    return bytes([9, len(value)]) + b"".join(map(pack_value, value))


def _pack_text(text: str) -> bytes:
    if text in WORDS:
        return bytes([3, WORDS.index(text)])
    data = text.encode("utf-8", "surrogatepass")[:255]
    return bytes([7, len(data)]) + data


def parse_value(data: bytes) -> Any:
    """Decode any bytes; what is missing at the end counts as zeros."""
    return _Source(data).value(0)


class _Source:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._left = MAX_CONTENT

    def _take(self, count: int) -> bytes:
        taken = self._data[self._position : self._position + count]
        self._position += count
        return taken.ljust(count, b"\0")

    def _byte(self) -> int:
        return self._take(1)[0]

    def _word(self) -> int:
        return int.from_bytes(self._take(2), "big")

    def _text(self) -> str:
        data = self._take(self._byte())
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return data.decode("latin-1")

    def value(self, depth: int) -> Any:
        kind = self._byte() % 13
        if kind < 3:
            return (None, True, False)[kind]
        if kind < 9:
            return self._scalar(kind)
        return self._container(kind, depth + 1) if depth < MAX_DEPTH else None

    def _scalar(self, kind: int) -> Any:
        if kind == 3:
            return WORDS[self._byte() % len(WORDS)]
        if kind in (4, 6):
            return struct.unpack("!q" if kind == 4 else "!d", self._take(8))[0]
        if kind == 5:
            return 10 ** (self._word() % 5_000)
        text = self._text()
        times = 1 if kind == 7 else self._word()
        return text * self._granted(times, len(text))

    def _granted(self, times: int, size: int) -> int:
        """How often something of that size may be repeated."""
        times = min(times, self._left // max(1, size))
        self._left -= times * size
        return times

    def _container(self, kind: int, depth: int) -> Any:
        if kind == 11:
            left = self._left
            repeated = self.value(MAX_DEPTH)
            return [repeated] * self._granted(self._word(), 2 + left - self._left)
        if kind == 12:
            return self._nested()
        count = min(self._byte(), len(self._data) - self._position)
        if kind == 9:
            return [self.value(depth) for _ in range(count)]
        return {self._key(): self.value(depth) for _ in range(count)}

    def _key(self) -> str:
        return str(self._scalar(3 if self._byte() == 3 else 7))

    def _nested(self) -> Any:
        value: Any = None
        for _ in range(self._word() % MAX_NESTED):
            value = [value]
        return value
