"""What a phone says over RTSP, and sessions with it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.rtsp import RequestReader, RtspRequest, RtspResponse
from psychopy_neon.transport.rtsp import Datagram, RtspSession

SDP = (
    b"v=0\r\nm=application 5004 RTP/AVP 99\r\n"
    b"a=rtpmap:99 com.pupillabs.gaze1/90000\r\na=control:trackID=1\r\n"
)
TIMEOUT_S = 10.0


class Phone:
    """Words of a phone."""

    @staticmethod
    def answer(request: RtspRequest, body: bytes = b"", **headers: str) -> bytes:
        numbered = {"Cseq": request.header("CSeq") or "", **headers}
        return RtspResponse(200, "OK", numbered, body).pack()

    def polite(self, request: RtspRequest, transport: str = "") -> bytes:
        """What a phone answers; media is up to the test."""
        if request.method == "DESCRIBE":
            return self.answer(request, SDP)
        return self.answer(request, Session="1185d20035702ca", Transport=transport)

    @staticmethod
    def requests_of(connection: Any) -> Iterator[RtspRequest]:
        reader = RequestReader()
        while data := connection.recv(65_536):
            yield from reader.feed(data)

    def dialogue(self, respond: Callable[[RtspRequest], bytes]) -> Callable[[Any], None]:
        """A handler that answers each request with what `respond` returns for it."""

        def handle(connection: Any) -> None:
            for request in self.requests_of(connection):
                connection.sendall(respond(request))

        return handle

    @staticmethod
    def gaze_packet(number: int) -> bytes:
        return RtpPacket(99, number % 0x10000, number * 450, 7, bytes(9)).pack()


@pytest.fixture
def phone() -> Phone:
    """Words of a phone."""
    return Phone()


@pytest.fixture
def receive() -> Callable[..., tuple[list[Datagram], list[Datagram]]]:
    """RTP packets and reports of a session, until there are `count` packets."""

    def receive_from(session: RtspSession, count: int) -> tuple[list[Datagram], list[Datagram]]:
        packets: list[Datagram] = []
        reports: list[Datagram] = []
        end_s = time.perf_counter() + TIMEOUT_S
        while len(packets) < count:
            assert time.perf_counter() < end_s, f"only {len(packets)} of {count} packets came"
            for datagram in session.receive(0.25):
                (reports if datagram.is_rtcp else packets).append(datagram)
        return packets, reports

    return receive_from


@pytest.fixture
def session_with() -> Iterator[Callable[..., RtspSession]]:
    """Sessions that are closed, twice, when the test ends."""
    with contextlib.ExitStack() as opened:

        def make(
            server: Any,
            carrier: Any = "tcp",
            kind: str = "application",
            stopping: Any = None,
            query: str = "camera=gaze",
        ) -> RtspSession:
            host = f"[{server.host}]" if ":" in server.host else server.host
            url = f"rtsp://{host}:{server.port}/?{query}"
            session = RtspSession(server.host, url, kind, carrier, stopping)
            opened.callback(session.close)
            opened.callback(session.close)
            return session

        yield make


@pytest.fixture
def sensor_of() -> Callable[..., RtspSession]:
    """A session with a sensor of the simulator."""

    def make(simulator: Any, sensor: str, carrier: Any, kind: str = "application") -> RtspSession:
        url = f"rtsp://192.0.2.99:{simulator.rtsp_port}/?camera={sensor}&audioenable=on"
        return RtspSession(simulator.address, url, kind, carrier)

    return make
