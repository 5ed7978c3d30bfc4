"""IMU payloads: one protobuf (proto3) message per RTP packet (reference, 5.3).

::

    ImuPacket   1: sensor ns (varint)  2: acceleration  3: rotation  4: orientation
    acceleration, rotation   1: x  2: y  3: z   (little-endian float32)
    orientation              1: w  2: x  3: y  4: z

proto3 leaves out fields that are zero, and fields that we do not know are skipped. Five field
numbers do not justify a protobuf run-time in every experimenter's PsychoPy, so this reads the
wire format itself (protobuf.dev, "Encoding").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import cast

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.samples import ImuSample

Numbers = tuple[float, float, float, float, float, float, float, float, float, float]

_FLOAT = struct.Struct("<f")
# What follows the time if no number is zero, as a rule: ten floats, amid keys and lengths.
_USUAL = struct.Struct("<3sfcfcf 3sfcfcf 3sfcfcfcf")
_USUAL_KEYS = (
    *(b"\x12\x0f\x0d", b"\x15", b"\x1d"),
    *(b"\x1a\x0f\x0d", b"\x15", b"\x1d"),
    *(b"\x22\x14\x0d", b"\x15", b"\x1d", b"\x25"),
)
_ZERO = _FLOAT.pack(0.0)  # -0.0 is another number to proto3
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def parse_imu(
    payload: bytes, *, device_ns: int, arrived_host_ns: int, provisional: bool = False
) -> ImuSample:
    """Decode one payload; the times, and whether they are `provisional`, are passed through.

    Raises
    ------
    ProtocolError
        If the message is damaged or carries no time.
    """
    sensor_ns, f = _usual(payload) or _general(payload)
    if sensor_ns == 0:
        raise ProtocolError("IMU packet without a time")
    return ImuSample(device_ns, arrived_host_ns, sensor_ns, f[:3], f[3:6], f[6:], provisional)


def _general(payload: bytes) -> tuple[int, Numbers]:
    """Time and numbers of any message."""
    sensor_ns = 0
    parts: dict[int, dict[int, float]] = {}
    for number, wire_type, value in _fields(payload):
        if number == 1 and wire_type == _VARINT:
            sensor_ns = int.from_bytes(value, "little")
        elif number in (2, 3, 4) and wire_type == _BYTES:
            parts[number] = _floats(value)
    places = ((part, n) for part in (2, 3, 4) for n in range(1, 5 if part == 4 else 4))
    numbers = tuple(parts.get(part, {}).get(n, 0.0) for part, n in places)
    return sensor_ns, cast("Numbers", numbers)


def _usual(payload: bytes) -> tuple[int, Numbers] | None:
    """The same of a message that looks as almost all do; None of any other.

    The general way is five times slower, and keeps all of Python waiting a hundred times a second.
    """
    start = len(payload) - _USUAL.size
    if start < 2 or payload[0] != 0x08:
        return None
    sensor_ns, end = _varint(payload, 1)
    found = _USUAL.unpack_from(payload, start)
    if end != start or found[::2] != _USUAL_KEYS:
        return None
    return sensor_ns, found[1::2]


def pack_imu(sample: ImuSample) -> bytes:
    """Encode a sample as the phone does: zero fields are left out."""
    data = b"\x08" + _pack_varint(sample.sensor_ns)
    groups = (sample.acceleration_g, sample.rotation_deg_s, sample.quaternion_wxyz)
    for number, values in enumerate(groups, start=2):
        body = b"".join(
            bytes([n << 3 | _FIXED32]) + packed
            for n, packed in enumerate(map(_FLOAT.pack, values), 1)
            if packed != _ZERO
        )
        data += bytes([number << 3 | _BYTES, len(body)]) + body
    return data


def _fields(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (field number, wire type, value); a varint as 8 bytes, little endian."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, wire_type = key >> 3, key & 7
        if wire_type == _VARINT:
            value, position = _varint(data, position)
            yield number, wire_type, value.to_bytes(8, "little")
            continue
        if wire_type == _BYTES:
            length, position = _varint(data, position)
        elif wire_type in (_FIXED32, _FIXED64):
            length = 4 if wire_type == _FIXED32 else 8
        else:
            raise ProtocolError(f"unknown protobuf wire type {wire_type}")
        if position + length > len(data):
            raise ProtocolError("protobuf field is cut short")
        yield number, wire_type, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):  # at most ten bytes
        if position >= len(data):
            raise ProtocolError("protobuf number is cut short")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, position
    raise ProtocolError("protobuf number has no end")


def _pack_varint(value: int) -> bytes:
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)


def _floats(body: bytes) -> dict[int, float]:
    return {n: _FLOAT.unpack(v)[0] for n, wire, v in _fields(body) if wire == _FIXED32}
