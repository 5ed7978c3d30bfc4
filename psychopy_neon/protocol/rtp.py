"""RTP packets (RFC 3550, section 5.1).

======  =====  ==============================================================
offset  bytes  content
======  =====  ==============================================================
0       1      version (2 bits, 2), padding, extension, CSRC count (4 bits)
1       1      marker, payload type (7 bits)
2       2      sequence number
4       4      timestamp, in ticks of the media clock
8       4      SSRC
12      4 n    CSRC list, then the optional extension, payload and padding
======  =====  ==============================================================
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from psychopy_neon.exceptions import ProtocolError

HEADER = struct.Struct("!BBHII")
HEADER_BYTES = HEADER.size
VERSION = 2


class RtpPacket(NamedTuple):
    """One RTP packet without its CSRC list, extension and padding."""

    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    @classmethod
    def parse(cls, data: bytes) -> RtpPacket:
        """Parse one datagram.

        Raises
        ------
        ProtocolError
            If the header is cut short, is not version 2, or claims more than there is.
        """
        if len(data) < HEADER_BYTES:
            raise ProtocolError(
                f"RTP packet of {len(data)} bytes, at least {HEADER_BYTES} expected"
            )
        flags, second, sequence_number, timestamp, ssrc = HEADER.unpack_from(data)
        if flags >> 6 != VERSION:
            raise ProtocolError(f"RTP version {flags >> 6}, expected {VERSION}")
        if flags & 0x3F:  # rare on this device: CSRC list, extension or padding
            start, end = _payload_bounds(data, flags)
            payload = data[start:end]
        else:
            payload = data[HEADER_BYTES:]
        return tuple.__new__(
            cls, (second & 0x7F, sequence_number, timestamp, ssrc, payload, second >= 0x80)
        )

    def pack(self) -> bytes:
        """Encode without CSRC list, extension and padding."""
        second = (0x80 if self.marker else 0) | self.payload_type
        header = HEADER.pack(0x80, second, self.sequence_number, self.timestamp, self.ssrc)
        return header + self.payload


def _payload_bounds(data: bytes, flags: int) -> tuple[int, int]:
    start, end = HEADER_BYTES + 4 * (flags & 0x0F), len(data)
    if flags & 0x10:
        if start + 4 > end:
            raise ProtocolError("RTP header extension is cut short")
        start += 4 + 4 * struct.unpack_from("!H", data, start + 2)[0]
    if flags & 0x20:
        padding = data[-1]
        if padding == 0:
            raise ProtocolError("RTP padding length is 0")
        end -= padding
    if start > end:
        raise ProtocolError("RTP packet is shorter than its header claims")
    return start, end


def is_rtcp(data: bytes) -> bool:
    """Tell RTCP from RTP where both could arrive (RFC 5761, section 4)."""
    return len(data) >= 2 and 192 <= data[1] <= 223


class SequenceCounter:
    """Unwraps 16-bit sequence numbers and counts what is missing (RFC 3550, A.1).

    Attributes
    ----------
    received : int
        Packets seen.
    """

    def __init__(self) -> None:
        self.received = 0
        self._first: int | None = None
        self._highest = 0

    def push(self, sequence_number: int) -> int:
        """Return the unwrapped number of this packet, and count it.

        A number below the highest so far means a late or repeated packet.
        """
        self.received += 1
        if self._first is None:
            self._first = self._highest = sequence_number
            return sequence_number
        step = (sequence_number - self._highest + 0x8000) % 0x10000 - 0x8000
        unwrapped = self._highest + step
        self._highest = max(self._highest, unwrapped)
        return unwrapped

    @property
    def highest(self) -> int:
        """Highest unwrapped sequence number so far."""
        return self._highest

    @property
    def lost(self) -> int:
        """Packets that should have come and did not (late ones count as come)."""
        if self._first is None:
            return 0
        return max(0, self._highest - self._first + 1 - self.received)
