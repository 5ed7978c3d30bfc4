"""Raw clients of the simulator: sockets and bytes, nothing of our own client."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from psychopy_neon.protocol.rtcp import SenderReport, parse_rtcp
from psychopy_neon.protocol.rtp import RtpPacket, is_rtcp
from psychopy_neon.protocol.rtsp import InterleavedFrame, RtspReader, RtspRequest, RtspResponse
from psychopy_neon.protocol.sdp import Media, parse_sdp
from psychopy_neon.simulator import SimulatedNeon

TIMEOUT_S = 10.0


class RtspClient:
    """One RTSP connection; `tcp` chooses interleaved media."""

    def __init__(self, neon: SimulatedNeon, sensor: str, *, tcp: bool = False) -> None:
        self.url = f"rtsp://{neon.address}:{neon.rtsp_port}/?camera={sensor}&audioenable=on"
        self.control = socket.create_connection((neon.address, neon.rtsp_port), TIMEOUT_S)
        self.tcp = tcp
        self.udp = [] if tcp else [self._udp_socket() for _ in range(2)]
        self.frames: list[InterleavedFrame] = []
        self._reader = RtspReader()
        self._numbers = itertools.count(1)

    def ask(self, method: str, url: str, **headers: str) -> RtspResponse:
        number = str(next(self._numbers))
        self.control.sendall(RtspRequest(method, url, {"CSeq": number, **headers}).pack())
        response = self._read_response()
        assert response.headers["Cseq"] == number
        return response

    def describe(self) -> tuple[RtspResponse, Media]:
        response = self.ask("DESCRIBE", self.url, Accept="application/sdp")
        return response, parse_sdp(response.body.decode())[0]

    def setup(self, url: str) -> RtspResponse:
        ports = [sock.getsockname()[1] for sock in self.udp]
        wish = "RTP/AVP/TCP;unicast;interleaved=0-1"
        if not self.tcp:
            wish = f"RTP/AVP;unicast;client_port={ports[0]}-{ports[1]}"
        return self.ask("SETUP", url, Transport=wish)

    def start(self) -> Media:
        response, media = self.describe()
        base = response.headers["Content-Base"]
        session = self.setup(f"{base}{media.control}").headers["Session"]
        assert self.ask("PLAY", base, Session=session).status == 200
        return media

    def receive(
        self, enough: Callable[[list[RtpPacket], list[SenderReport]], bool]
    ) -> tuple[list[RtpPacket], list[SenderReport]]:
        """Take packets until there are enough of them."""
        packets: list[RtpPacket] = []
        reports: list[SenderReport] = []
        deadline = time.monotonic() + TIMEOUT_S
        while not enough(packets, reports):
            assert time.monotonic() < deadline, f"{len(packets)} packets, {len(reports)} reports"
            for data in self._datagrams():
                if is_rtcp(data):
                    reports += parse_rtcp(data).sender_reports
                else:
                    packets.append(RtpPacket.parse(data))
        return packets, reports

    def close(self) -> None:
        for sock in (self.control, *self.udp):
            sock.close()

    @staticmethod
    def _udp_socket() -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.002)
        return sock

    def _datagrams(self) -> list[bytes]:
        if self.tcp:
            self._feed(self.control.recv(65536))
            frames, self.frames = self.frames, []
            return [frame.data for frame in frames]
        received = []
        for sock in self.udp:
            with contextlib.suppress(TimeoutError):
                received.append(sock.recv(2048))
        return received

    def _read_response(self) -> RtspResponse:
        while True:
            data = self.control.recv(65536)
            assert data, "the server hung up"
            responses = self._feed(data)
            if responses:
                return responses[0]

    def _feed(self, data: bytes) -> list[RtspResponse]:
        items = self._reader.feed(data)
        self.frames += [item for item in items if isinstance(item, InterleavedFrame)]
        return [item for item in items if isinstance(item, RtspResponse)]


@pytest.fixture
def rtsp() -> Iterator[Callable[..., RtspClient]]:
    """Factory of RTSP connections that are closed when the test ends."""
    with contextlib.ExitStack() as open_clients:

        def connect(neon: SimulatedNeon, sensor: str, *, tcp: bool = False) -> RtspClient:
            client = RtspClient(neon, sensor, tcp=tcp)
            open_clients.callback(client.close)
            return client

        yield connect


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """A kept-alive HTTP connection."""
    with requests.Session() as session:
        session.trust_env = False
        yield session
