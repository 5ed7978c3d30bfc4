"""RTCP sender reports and BYE (RFC 3550, sections 6.4.1 and 6.6).

The NTP field of the phone's sender reports carries its Unix wall clock (reference, 4.5).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from psychopy_neon.exceptions import ProtocolError

SENDER_REPORT, BYE = 200, 203
NTP_TO_UNIX_S = 2_208_988_800
_SENDER_INFO = struct.Struct("!IIIIII")


@dataclass(frozen=True, slots=True)
class SenderReport:
    """One instant of a stream on two clocks.

    Attributes
    ----------
    ssrc : int
    device_ns : int
        Phone's Unix clock, ns.
    rtp_timestamp : int
        The same instant in ticks of the media clock, modulo 2**32.
    packets, octets : int
        Sent so far, modulo 2**32.
    """

    ssrc: int
    device_ns: int
    rtp_timestamp: int
    packets: int = 0
    octets: int = 0

    def pack(self) -> bytes:
        """Encode as one RTCP packet of 28 bytes."""
        seconds, fraction = ntp_from_unix_ns(self.device_ns)
        info = _SENDER_INFO.pack(
            self.ssrc,
            seconds,
            fraction,
            self.rtp_timestamp & 0xFFFFFFFF,
            self.packets & 0xFFFFFFFF,
            self.octets & 0xFFFFFFFF,
        )
        return struct.pack("!BBH", 0x80, SENDER_REPORT, len(info) // 4) + info


@dataclass(frozen=True, slots=True)
class RtcpCompound:
    """What a client needs from one compound RTCP packet."""

    sender_reports: tuple[SenderReport, ...]
    bye: bool


def ntp_from_unix_ns(unix_ns: int) -> tuple[int, int]:
    """Unix ns -> NTP seconds and 32-bit fraction (rounded to the nearest)."""
    seconds, ns = divmod(unix_ns, 1_000_000_000)
    fraction = ((ns << 32) + 500_000_000) // 1_000_000_000
    return (seconds + NTP_TO_UNIX_S) & 0xFFFFFFFF, fraction


def unix_ns_from_ntp(seconds: int, fraction: int) -> int:
    """NTP seconds and fraction -> Unix ns (rounded to the nearest), of the years 1968 to 2104."""
    if seconds < 1 << 31:  # they begin anew in 2036 (RFC 4330, section 3)
        seconds += 1 << 32
    return (seconds - NTP_TO_UNIX_S) * 1_000_000_000 + (
        (fraction * 1_000_000_000 + (1 << 31)) >> 32
    )


def pack_bye(ssrc: int) -> bytes:
    """Encode a BYE of one source."""
    return struct.pack("!BBHI", 0x81, BYE, 1, ssrc)


def parse_rtcp(data: bytes) -> RtcpCompound:
    """Parse a compound packet; packet types that we have no use for are skipped.

    Raises
    ------
    ProtocolError
        If a header is malformed or a packet claims more bytes than there are.
    """
    reports: list[SenderReport] = []
    bye = False
    position = 0
    while position < len(data):
        packet_type, body_start, end = _packet_bounds(data, position)
        if packet_type == SENDER_REPORT:
            reports.append(_parse_sender_report(data, body_start, end))
        elif packet_type == BYE:
            bye = True
        position = end
    return RtcpCompound(tuple(reports), bye)


def _packet_bounds(data: bytes, position: int) -> tuple[int, int, int]:
    if position + 4 > len(data):
        raise ProtocolError("RTCP header is cut short")
    flags, packet_type, words = struct.unpack_from("!BBH", data, position)
    if flags >> 6 != 2:
        raise ProtocolError(f"RTCP version {flags >> 6}, expected 2")
    end = position + 4 + 4 * words
    if end > len(data):
        raise ProtocolError("RTCP packet is shorter than its header claims")
    return packet_type, position + 4, end


def _parse_sender_report(data: bytes, start: int, end: int) -> SenderReport:
    if end - start < _SENDER_INFO.size:
        raise ProtocolError("sender report is cut short")
    ssrc, seconds, fraction, ticks, packets, octets = _SENDER_INFO.unpack_from(data, start)
    return SenderReport(ssrc, unix_ns_from_ntp(seconds, fraction), ticks, packets, octets)
