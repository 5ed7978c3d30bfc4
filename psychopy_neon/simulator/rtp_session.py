"""One stream on its way to one client: RTP packets and RTCP sender reports."""

from __future__ import annotations

import contextlib
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from psychopy_neon.protocol.rtcp import SenderReport, pack_bye
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.rtsp import pack_interleaved
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.simulator.network import Network
from psychopy_neon.simulator.stream import Payloads, Stream
from psychopy_neon.simulator.stream_faults import Impairment

NS = 1_000_000_000
PORT_ATTEMPTS = 50
INJECTED_REPLY = b"RTSP/1.0 400 Bad Request\r\nServer: Simulated Neon RTSP Server\r\n\r\n"


@dataclass(frozen=True, slots=True)
class ReportTimes:
    """When sender reports are sent, and where RTP times begin; see `SimulatorOptions`."""

    first_s: float = 0.0
    interval_s: float = 3.0
    wrap_after_s: float | None = None


class Transport(Protocol):
    """How packets reach the client."""

    def send_rtp(self, packet: bytes) -> int:
        """Send media; never blocks for long. Returns when it left (``time.perf_counter_ns()``)."""

    def send_rtp_torn(self, packet: bytes) -> int:
        """Send media as the phone does when it writes something else at the same time."""

    def send_rtcp(self, packet: bytes) -> None:
        """Send control information."""

    def close(self) -> None:
        """Give up what is owned. Idempotent."""


class UdpTransport:
    """A pair of UDP sockets of its own, RTP on an even port and RTCP on the next.

    Nothing reads them: the packets that clients send to open a firewall carry no meaning.
    """

    def __init__(
        self, local_ip: str, client_ip: str, client_ports: tuple[int, int], network: Network
    ) -> None:
        self._rtp, self._rtcp = _bind_pair(local_ip)
        self._network = network
        self._rtp_address = (client_ip, client_ports[0])
        self._rtcp_address = (client_ip, client_ports[1])

    @property
    def ports(self) -> tuple[int, int]:
        """Local ports of RTP and RTCP."""
        return self._rtp.getsockname()[1], self._rtcp.getsockname()[1]

    def send_rtp(self, packet: bytes) -> int:
        """Send media; what the network refuses is lost, as with any datagram."""
        return self._send(self._rtp, packet, self._rtp_address)

    def send_rtp_torn(self, packet: bytes) -> int:
        """Send media; nothing can come between the bytes of a datagram."""
        return self.send_rtp(packet)

    def send_rtcp(self, packet: bytes) -> None:
        """Send control information."""
        self._send(self._rtcp, packet, self._rtcp_address)

    def close(self) -> None:
        """Close both sockets. Idempotent."""
        self._rtp.close()
        self._rtcp.close()

    def _send(self, sock: socket.socket, packet: bytes, address: tuple[str, int]) -> int:
        is_up = self._network.is_up
        with contextlib.suppress(OSError):
            # The last thing before, lest our own work count as delay on the way.
            left_host_ns = time.perf_counter_ns()
            if is_up:
                sock.sendto(packet, address)
        return left_host_ns


class InterleavedTransport:
    """Packets travel on the RTSP connection itself."""

    def __init__(self, write: Callable[[bytes], None], channels: tuple[int, int]) -> None:
        self._write = write
        self._channels = channels

    def send_rtp(self, packet: bytes) -> int:
        """Send media on the first channel."""
        return self._send(pack_interleaved(self._channels[0], packet))

    def send_rtp_torn(self, packet: bytes) -> int:
        """Send media with an RTSP reply between its four header bytes and its data."""
        frame = pack_interleaved(self._channels[0], packet)
        return self._send(frame[:4] + INJECTED_REPLY + frame[4:])

    def send_rtcp(self, packet: bytes) -> None:
        """Send control information on the second channel."""
        self._write(pack_interleaved(self._channels[1], packet))

    def close(self) -> None:
        """Nothing is owned."""

    def _send(self, data: bytes) -> int:
        left_host_ns = time.perf_counter_ns()
        self._write(data)
        return left_host_ns


@dataclass(slots=True, eq=False)
class _Leaving:
    """A packet on its way; `device_ns` if it is the last one of that moment, and not told yet."""

    data: bytes
    device_ns: int | None


class RtpSession:
    """Numbers, stamps and sends the packets of one stream."""

    def __init__(
        self,
        stream: Stream,
        media: Media,
        transport: Transport,
        times: ReportTimes,
        network: Network,
    ) -> None:
        self.ssrc = random.getrandbits(32)
        self.sequence_number = 0
        self._stream = stream
        self._media = media
        self._transport = transport
        self._times = times
        self._network = network
        self._impairment: Impairment[_Leaving] = Impairment(stream.faults, stream.name)
        self._last_due_s = 0.0
        self._ticks_offset: int | None = None
        self._packets = self._octets = 0
        self._report_due = 0.0

    def play(self) -> None:
        """Begin to receive the stream."""
        self._stream.unsubscribe(self)
        self._stream.subscribe(self)

    def pause(self) -> None:
        """Receive it no more."""
        self._stream.unsubscribe(self)

    def close(self, *, bye: bool = False) -> None:
        """End the session, with an RTCP BYE if the phone is the one who leaves."""
        self._stream.unsubscribe(self)
        if bye:
            self._transport.send_rtcp(pack_bye(self.ssrc))
        self._transport.close()

    def send(self, device_ns: int, payloads: Payloads) -> None:
        """Send what belongs to one moment, and a sender report when one is due."""
        ticks = self._ticks(device_ns)
        timestamp = (ticks + self._offset(ticks)) % 2**32
        for number, (payload, marker) in enumerate(payloads, 1):
            of_moment = device_ns if number == len(payloads) else None
            self._send_packet(payload, marker, timestamp, of_moment)
        now = time.monotonic()
        if not self._report_due:
            self._report_due = now + self._times.first_s
        if now >= self._report_due:
            self._report_due = now + self._times.interval_s
            self._send_report(ticks)

    def _ticks(self, device_ns: int) -> int:
        return (device_ns * self._media.clock_rate + NS // 2) // NS

    def _offset(self, ticks: int) -> int:
        if self._ticks_offset is None:
            wrap_after_s = self._times.wrap_after_s
            self._ticks_offset = 0
            if wrap_after_s is not None:
                self._ticks_offset = -ticks - round(wrap_after_s * self._media.clock_rate)
        return self._ticks_offset

    def _send_packet(
        self, payload: bytes, marker: bool, timestamp: int, of_moment: int | None
    ) -> None:
        packet = RtpPacket(
            self._media.payload_type, self.sequence_number, timestamp, self.ssrc, payload, marker
        )
        for leaving in self._impairment.pass_on(_Leaving(packet.pack(), of_moment)):
            self._transmit(leaving)
        self.sequence_number = (self.sequence_number + 1) % 2**16
        self._packets += 1
        self._octets += len(payload)

    def _transmit(self, leaving: _Leaving) -> None:
        faults = self._stream.faults
        send = self._transport.send_rtp
        if faults.injected_replies > 0:
            faults.injected_replies -= 1
            send = self._transport.send_rtp_torn
        now = time.monotonic()
        due = now + self._impairment.delay_s()
        if due <= now and self._last_due_s <= now:
            self._let_go(leaving, send)
            return
        self._last_due_s = max(due, self._last_due_s)
        self._network.at(self._last_due_s, lambda: self._let_go(leaving, send))

    def _let_go(self, leaving: _Leaving, send: Callable[[bytes], int]) -> None:
        host_ns = send(leaving.data)
        device_ns, leaving.device_ns = leaving.device_ns, None  # of two copies one is told
        if device_ns is not None and self._stream.on_sent is not None:
            self._stream.on_sent(device_ns, host_ns)

    def take_play(self) -> bool:
        """Whether the sensor can start, as far as its faults allow."""
        faults = self._stream.faults
        if faults.refused_plays <= 0:
            return True
        faults.refused_plays -= 1
        return False

    def _send_report(self, ticks: int) -> None:
        # The instant of the tick itself, so that rounding to ticks adds no error.
        instant_ns = (ticks * NS + self._media.clock_rate // 2) // self._media.clock_rate
        timestamp = (ticks + self._offset(ticks)) % 2**32
        report = SenderReport(self.ssrc, instant_ns, timestamp, self._packets, self._octets)
        self._transport.send_rtcp(report.pack())


def _bind_pair(ip: str) -> tuple[socket.socket, socket.socket]:
    for _ in range(PORT_ATTEMPTS):
        rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            rtp.bind((ip, 0))
            port = rtp.getsockname()[1]
            if port % 2 == 0:
                rtcp.bind((ip, port + 1))
                return rtp, rtcp
        except (OSError, OverflowError):
            pass  # the next port belongs to somebody else: try another pair
        rtp.close()
        rtcp.close()
    raise OSError("no pair of neighbouring UDP ports is free")
