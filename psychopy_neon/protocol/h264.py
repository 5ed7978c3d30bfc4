"""H.264 in RTP (RFC 6184, packetization mode 1): payloads to access units, and back.

The phone sends single NAL units, FU-A fragments and possibly STAP-A aggregates. An access unit
(one picture) is given out as soon as it is complete: at the marker bit of a picture slice, or when
the RTP timestamp changes, whichever comes first. A decoder fed through its own bitstream
parser would hold every picture back until the next one begins, 33 ms at 30 Hz.
"""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.rtp import RtpPacket, SequenceCounter

START_CODE = b"\x00\x00\x00\x01"
_STAP_A, _FU_A = 24, 28
_SLICE, _KEY_SLICE, _SPS = 1, 5, 7
_SEI, _DELIMITER = 6, 9
MAX_ACCESS_UNIT_BYTES = 8_000_000  # an uncompressed 1600x1200 picture is 2.9 MB
MAX_ACCESS_UNIT_PARTS = 1_000  # NAL units; the phone's pictures have one or a few


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """The coded form of one picture.

    Attributes
    ----------
    data : bytes
        NAL units in Annex B form, each behind a four-byte start code.
    timestamp : int
        RTP timestamp of the picture.
    damaged : bool
        True if a packet within or just before it is missing.
    is_key : bool
        Whether decoding can start here.
    """

    data: bytes
    timestamp: int
    damaged: bool
    is_key: bool


class Depacketizer:
    """NAL units out of RTP payloads; remembers the fragment that is under way."""

    def __init__(self) -> None:
        self._fragment: bytearray | None = None

    def push(self, payload: bytes) -> list[bytes]:
        """Return the NAL units that this payload completes.

        Raises
        ------
        ProtocolError
            If the payload is malformed, or its kind is not used by the phone.
        """
        if not payload:
            raise ProtocolError("empty H.264 payload")
        kind = payload[0] & 0x1F
        if kind == _FU_A:
            return self._push_fragment(payload)
        self._fragment = None
        if kind == _STAP_A:
            return _split_aggregate(payload)
        if 1 <= kind <= 23:
            return [bytes(payload)]
        raise ProtocolError(f"H.264 payload of unknown kind {kind}")

    @property
    def in_fragment(self) -> bool:
        """Whether the first part of a NAL unit waits for the rest."""
        return self._fragment is not None

    def drop_fragment(self) -> None:
        """Forget an unfinished NAL unit, because a packet is missing."""
        self._fragment = None

    def _push_fragment(self, payload: bytes) -> list[bytes]:
        if len(payload) < 3:
            raise ProtocolError("H.264 fragment is cut short")
        indicator, header = payload[0], payload[1]
        if header & 0x80:
            self._fragment = bytearray([indicator & 0xE0 | header & 0x1F])
        if self._fragment is None:
            raise ProtocolError("H.264 fragment without its beginning")
        self._fragment += payload[2:]
        if len(self._fragment) > MAX_ACCESS_UNIT_BYTES:
            self._fragment = None
            raise ProtocolError("H.264 fragment has no end")
        if not header & 0x40:
            return []
        unit, self._fragment = bytes(self._fragment), None
        return [unit]


def _split_aggregate(payload: bytes) -> list[bytes]:
    units, position = [], 1
    while position + 2 <= len(payload):
        size = int.from_bytes(payload[position : position + 2], "big")
        position += 2
        if size == 0 or position + size > len(payload):
            raise ProtocolError("H.264 aggregate is cut short")
        units.append(bytes(payload[position : position + size]))
        position += size
    return units


class AccessUnitAssembler:
    """Pictures out of RTP packets, in order of arrival.

    Packets must come in sequence order; a gap marks the picture it falls into as damaged.

    Attributes
    ----------
    malformed : int
        Payloads that could not be read.
    """

    def __init__(self) -> None:
        self.malformed = 0
        self._depacketizer = Depacketizer()
        self._sequence = SequenceCounter()
        self._units: list[bytes] = []
        self._size = 0
        self._timestamp: int | None = None
        self._has_slice = False
        self._damaged = False

    def push(self, packet: RtpPacket) -> list[AccessUnit]:
        """Take the next packet; return the pictures that are complete by now (none, 1 or 2)."""
        gap = self._note_gap(packet.sequence_number)
        if gap < 0:
            return []
        done: list[AccessUnit] = []
        if self._timestamp not in (None, packet.timestamp):
            done += self._finish()
            # What is missing may be the end of one picture, the beginning of the next, or both.
            self._damaged = self._damaged or (gap > 0 and not _begins_picture(packet.payload))
        self._timestamp = packet.timestamp
        units = self._read(packet.payload)
        self._units += units
        self._size += sum(map(len, units))
        ends_slice = any(map(_is_slice, units))
        self._has_slice = self._has_slice or ends_slice
        self._damaged = self._damaged or self._is_too_large
        if (packet.marker and ends_slice) or self._is_too_large:
            done += self._finish()
        return done

    @property
    def _is_too_large(self) -> bool:
        return self._size > MAX_ACCESS_UNIT_BYTES or len(self._units) > MAX_ACCESS_UNIT_PARTS

    def _note_gap(self, sequence_number: int) -> int:
        """How many packets are missing before this one; negative if it is late."""
        first = self._sequence.received == 0
        expected = self._sequence.highest + 1
        number = self._sequence.push(sequence_number)
        if not first and number > expected:
            # The start of a fragment with the same timestamp may be what is missing.
            self._damaged = True
            self._depacketizer.drop_fragment()
        return 0 if first else number - expected

    def _read(self, payload: bytes) -> list[bytes]:
        try:
            return self._depacketizer.push(payload)
        except ProtocolError:
            self.malformed += 1
            self._damaged = True
            return []

    def _finish(self) -> list[AccessUnit]:
        damaged = self._damaged or self._depacketizer.in_fragment
        self._depacketizer.drop_fragment()
        if not self._has_slice:
            self._damaged = damaged
            if self._is_too_large:  # no picture follows
                self._units, self._size = [], 0
            return []  # parameter sets belong to the picture that follows
        units, self._units, self._size = self._units, [], 0
        self._has_slice = self._damaged = False
        assert self._timestamp is not None
        is_key = any(u[0] & 0x1F == _KEY_SLICE for u in units)
        return [AccessUnit(annex_b(units), self._timestamp, damaged, is_key)]


def annex_b(units: list[bytes] | tuple[bytes, ...]) -> bytes:
    """Join NAL units, each behind a four-byte start code."""
    return b"".join(START_CODE + unit for unit in units)


def split_annexb(data: bytes) -> list[bytes]:
    """NAL units of an Annex B byte stream, with start codes of three or four bytes."""
    units = []
    for piece in data.split(b"\x00\x00\x01"):
        unit = piece.rstrip(b"\x00")
        if unit:
            units.append(unit)
    return units


def packetize(unit: bytes, max_payload: int) -> list[bytes]:
    """RTP payloads for one NAL unit: itself, or FU-A fragments of at most `max_payload` bytes."""
    if len(unit) <= max_payload:
        return [unit]
    indicator, kind = unit[0] & 0xE0 | _FU_A, unit[0] & 0x1F
    step = max_payload - 2
    starts = range(1, len(unit), step)
    payloads = []
    for start in starts:
        first, last = start == 1, start + step >= len(unit)
        header = (0x80 if first else 0) | (0x40 if last else 0) | kind
        payloads.append(bytes([indicator, header]) + unit[start : start + step])
    return payloads


def _is_slice(unit: bytes) -> bool:
    return _SLICE <= unit[0] & 0x1F <= _KEY_SLICE


def _begins_picture(payload: bytes) -> bool:
    """Whether nothing of a picture can come before this: no slice, or one at macroblock 0."""
    kind = payload[0] & 0x1F if payload else 0
    if kind == _FU_A and len(payload) > 2 and payload[1] & 0x80:
        return payload[2] >= 0x80  # first_mb_in_slice is 0 (standard, 7.3.3 and 9.1)
    if _SLICE <= kind <= _KEY_SLICE:
        return len(payload) > 1 and payload[1] >= 0x80
    if kind == _STAP_A:
        return len(payload) > 3 and _SEI <= payload[3] & 0x1F <= _DELIMITER
    return _SEI <= kind <= _DELIMITER  # what stands before the slices
