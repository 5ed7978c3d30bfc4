"""Datagrams of one RTSP session to samples with device times."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from psychopy_neon.client.sample_buffer import Timed
from psychopy_neon.client.sample_decoders import SampleDecoder
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.sender_clock import SenderClock
from psychopy_neon.exceptions import NeonConnectionError, ProtocolError
from psychopy_neon.protocol.rtcp import parse_rtcp
from psychopy_neon.protocol.rtp import RtpPacket, SequenceCounter
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.transport.rtsp import Datagram

# A number farther off than this is none of the sequence so far (RFC 3550, A.1).
MAX_AHEAD, MAX_BEHIND = 3_000, 100
T = TypeVar("T", bound=Timed)


class ClockSource(Protocol):
    """Where the relation of the clocks comes from."""

    @property
    def clock_map(self) -> ClockMap | None:
        """Newest relation of the phone's clock to ours, or None before the first probe."""


class SessionReceiver(Generic[T]):
    """Keeps packets in order, dates them, and decodes them.

    Attributes
    ----------
    counter : SequenceCounter
        Counts the packets of the media, whether they could be decoded or not.
    ended : bool
        Whether the phone said goodbye.
    """

    def __init__(self, media: Media, decoder: SampleDecoder[T], source: ClockSource) -> None:
        self.counter = SequenceCounter()
        self.ended = False
        self._decoder = decoder
        self._payload_type = media.payload_type
        self._sender_clock = SenderClock(media.clock_rate)
        self._source = source
        self._arrived_host_ns = 0
        self._after_stray = -1

    def push(self, datagram: Datagram) -> Sequence[T]:
        """Samples that this datagram completes.

        Raises
        ------
        ProtocolError
            If it makes no sense; the next one may.
        NeonConnectionError
            If the phone numbers its packets anew; only a new session can follow that.
        """
        self._arrived_host_ns = datagram.arrived_host_ns
        if datagram.is_rtcp:
            self._take_reports(datagram.data)
            return []
        packet = RtpPacket.parse(datagram.data)
        if packet.payload_type != self._payload_type:
            return []
        self._refuse_stray(packet.sequence_number)
        expected = self.counter.highest + 1
        number = self.counter.push(packet.sequence_number)
        if self.counter.received > 1 and number < expected:
            return []  # late or repeated: samples are given out in order
        return self._decoder.push(packet, self._time_of, datagram.arrived_host_ns)

    def _refuse_stray(self, sequence_number: int) -> None:
        """One number far ahead would make all that follow look late."""
        ahead = (sequence_number - self.counter.highest + 0x8000) % 0x10000 - 0x8000
        if self.counter.received == 0 or -MAX_BEHIND <= ahead <= MAX_AHEAD:
            return
        if sequence_number == self._after_stray:
            raise NeonConnectionError("the phone numbers the packets of the stream anew")
        self._after_stray = (sequence_number + 1) % 0x10000
        raise ProtocolError(f"RTP packet {sequence_number} is far from the others")

    def _take_reports(self, data: bytes) -> None:
        compound = parse_rtcp(data)
        self.ended = self.ended or compound.bye
        for report in compound.sender_reports:
            self._sender_clock.add_report(report.device_ns, report.rtp_timestamp)

    def _time_of(self, rtp_ticks: int) -> tuple[int, bool]:
        return self._sender_clock.device_ns(rtp_ticks, self._arrived_device_ns())

    def _arrived_device_ns(self) -> int:
        """Arrival on the phone's clock; before the first probe the computer's own wall clock."""
        clock_map = self._source.clock_map
        if clock_map is not None:
            return clock_map.device_from_host(self._arrived_host_ns)
        return time.time_ns() - (time.perf_counter_ns() - self._arrived_host_ns)
