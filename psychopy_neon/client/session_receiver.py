"""Datagrams of one RTSP session to samples with device times."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass, fields
from typing import Generic, Protocol, TypeVar

from psychopy_neon.client.packet_order import ArrivedPacket, PacketOrder
from psychopy_neon.client.sample_buffer import Timed
from psychopy_neon.client.sample_decoders import SampleDecoder
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.sender_clock import SenderClock
from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.rtcp import parse_rtcp
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.transport.rtsp import Datagram

# An earlier session's clock is believed if by it a packet took this long to arrive.
SOONEST_NS, LATEST_NS = -5_000_000, 100_000_000
T = TypeVar("T", bound=Timed)


class ClockSource(Protocol):
    """Where the relation of the clocks comes from."""

    @property
    def clock_map(self) -> ClockMap | None:
        """Newest relation of the phone's clock to ours, or None before the first probe."""


@dataclass(frozen=True, slots=True)
class PacketCounts:
    """What became of packets; see `PacketOrder`. `malformed` could not be read."""

    received: int = 0
    lost: int = 0
    malformed: int = 0
    repeated: int = 0
    reordered: int = 0
    late: int = 0

    def __add__(self, other: PacketCounts) -> PacketCounts:
        names = [field.name for field in fields(self)]
        return PacketCounts(*(getattr(self, name) + getattr(other, name) for name in names))


class SessionReceiver(Generic[T]):
    """Puts packets in order, dates them, and decodes them. One bad packet costs one packet.

    Parameters
    ----------
    media : Media
    decoder : SampleDecoder
    source : ClockSource
    earlier : SenderClock, optional
        Of the session before: as long as this one has no sender report, it dates packets better
        than their arrival does, if the phone's media clock runs through.

    Attributes
    ----------
    ended : bool
        Whether the phone said goodbye.
    decoded : int
        Packets that made sense; not each gives a sample.
    is_dated : bool
        Whether there is a clock, this session's or the earlier one, that dates packets; without
        one they are dated by when they come.
    order : PacketOrder
        Of the packets of the media.
    held : Sized
        Packets that wait for others before them; if there are any, `release` is to be called.
    """

    def __init__(
        self,
        media: Media,
        decoder: SampleDecoder[T],
        source: ClockSource,
        earlier: SenderClock | None = None,
    ) -> None:
        self.ended = False
        self.decoded = 0
        self.order = PacketOrder()
        self.held: Sized = self.order.held
        self._malformed = 0
        self._decoder = decoder
        self._payload_type = media.payload_type
        self._sender_clock = SenderClock(media.clock_rate)
        self._earlier = earlier
        self._is_earlier_right = False
        self.is_dated = earlier is not None
        self._source = source
        self._arrived_host_ns = self._latest_host_ns = 0

    @property
    def counts(self) -> PacketCounts:
        """What became of the packets so far."""
        order = self.order
        return PacketCounts(
            order.received,
            order.lost,
            self._malformed + order.strays,
            order.repeated,
            order.reordered,
            order.late,
        )

    @property
    def received(self) -> int:
        """Packets of the media so far."""
        return self.order.received

    @property
    def arrived_s(self) -> float:
        """When the latest packet of the media came, ``time.perf_counter()``."""
        return self._latest_host_ns / 1e9

    @property
    def sender_clock(self) -> SenderClock | None:
        """What dates the packets, for the session after this; None before any report."""
        return self._sender_clock if self._sender_clock.reports else self._earlier

    def wait_s(self, longest_s: float) -> float:
        """How long to wait for a datagram before `release` has to be called."""
        due_ns = self.order.due_host_ns
        if due_ns is None:
            return longest_s
        return min(longest_s, max(0.0, (due_ns - time.perf_counter_ns()) / 1e9))

    def push(self, datagram: Datagram) -> Sequence[T]:
        """Samples that this datagram completes.

        Raises
        ------
        NeonConnectionError
            If the phone numbers its packets anew; only a new session can follow that.
        """
        # What is done for every packet while somebody waits is done here, in few calls: after
        # an idle moment a processor takes longest for code that it has to fetch.
        data, arrived_host_ns, is_rtcp = datagram
        try:
            if is_rtcp:
                self._take_reports(data)
                return ()
            packet = RtpPacket.parse(data)
            if packet.payload_type != self._payload_type:
                return ()
            self._latest_host_ns = arrived_host_ns
            if self.order.take_if_due(packet):
                self._arrived_host_ns = arrived_host_ns
                samples = self._decoder.push(packet, self._time_of, arrived_host_ns)
                self.decoded += 1
                return samples
            ready = self.order.push(packet, arrived_host_ns)
        except ProtocolError:
            self._malformed += 1
            return ()
        return self._decode(ready)

    def release(self, now_host_ns: int) -> list[T]:
        """Samples that need not wait any longer for packets before them."""
        return self._decode(self.order.release(now_host_ns))

    def _decode(self, ready: Iterable[ArrivedPacket]) -> list[T]:
        samples: list[T] = []
        for arrived in ready:
            self._arrived_host_ns = arrived.arrived_host_ns
            try:
                samples += self._decoder.push(
                    arrived.packet, self._time_of, arrived.arrived_host_ns
                )
                self.decoded += 1
            except ProtocolError:
                self._malformed += 1
        return samples

    def _take_reports(self, data: bytes) -> None:
        compound = parse_rtcp(data)
        self.ended = self.ended or compound.bye
        for report in compound.sender_reports:
            self._sender_clock.add_report(report.device_ns, report.rtp_timestamp)
            self.is_dated = True

    def _time_of(self, rtp_ticks: int) -> tuple[int, bool]:
        reported_ns = self._sender_clock.reported_ns(rtp_ticks)
        if reported_ns is not None:
            return reported_ns, False
        arrived_ns = self._arrived_device_ns()
        device_ns, provisional = self._sender_clock.device_ns(rtp_ticks, arrived_ns)
        if self._earlier is None:
            return device_ns, provisional
        by_earlier_ns, _ = self._earlier.device_ns(rtp_ticks, arrived_ns)
        if not self._is_earlier_right:
            delay_ns, slack_ns = arrived_ns - by_earlier_ns, self._clock_slack_ns()
            self._is_earlier_right = SOONEST_NS - slack_ns <= delay_ns <= LATEST_NS + slack_ns
        if not self._is_earlier_right:
            self._earlier, self.is_dated = None, False
            return device_ns, True
        return by_earlier_ns, True

    def _clock_slack_ns(self) -> int:
        """By how much the clocks may have drifted apart since they were compared."""
        clock_map = self._source.clock_map
        return 0 if clock_map is None else clock_map.bound_ns(self._arrived_host_ns)

    def _arrived_device_ns(self) -> int:
        """Arrival on the phone's clock; before the first probe the computer's own wall clock."""
        clock_map = self._source.clock_map
        if clock_map is not None:
            return clock_map.device_from_host(self._arrived_host_ns)
        return time.time_ns() - (time.perf_counter_ns() - self._arrived_host_ns)
