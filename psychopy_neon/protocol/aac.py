"""AAC access units in RTP, mode AAC-hbr (RFC 3640, 3.3.6) and their AudioSpecificConfig."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from psychopy_neon.exceptions import ProtocolError

SAMPLING_RATES = (
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """The first fields of an AudioSpecificConfig (ISO 14496-3, 1.6.2.1)."""

    object_type: int
    sampling_rate_hz: int
    channels: int


def parse_audio_config(config: bytes) -> AudioConfig:
    """Decode the two bytes that the phone announces in its session description."""
    if len(config) < 2:
        raise ProtocolError(f"AudioSpecificConfig of {len(config)} bytes, 2 expected")
    (bits,) = struct.unpack_from("!H", config)
    index = bits >> 7 & 0x0F
    if index >= len(SAMPLING_RATES):
        raise ProtocolError(f"AudioSpecificConfig with sampling rate index {index}")
    return AudioConfig(bits >> 11, SAMPLING_RATES[index], bits >> 3 & 0x0F)


def parse_access_units(payload: bytes) -> list[bytes]:
    """Split one RTP payload into AAC frames; a last frame that is cut short is left out.

    The AU headers have 13 bits of size and 3 of index, as the phone announces.
    """
    if len(payload) < 2:
        raise ProtocolError("audio payload without AU headers")
    count = struct.unpack_from("!H", payload)[0] // 16
    position = 2 + 2 * count
    if count == 0 or position > len(payload):
        raise ProtocolError("audio payload is shorter than its AU headers claim")
    frames = []
    for (header,) in struct.iter_unpack("!H", payload[2:position]):
        size = header >> 3
        if 0 < size <= len(payload) - position:
            frames.append(payload[position : position + size])
        position += size
    return frames
