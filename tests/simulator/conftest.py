"""Raw clients of the simulator: sockets and bytes, nothing of our own client."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from psychopy_neon.protocol.rtcp import SenderReport, parse_rtcp
from psychopy_neon.protocol.rtp import RtpPacket, is_rtcp
from psychopy_neon.protocol.rtsp import InterleavedFrame, RtspReader, RtspRequest, RtspResponse
from psychopy_neon.protocol.sdp import Media, parse_sdp
from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions, TruthLog

TIMEOUT_S = 30.0  # only ever waited for on a busy computer


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


@contextlib.contextmanager
def _connections() -> Iterator[Callable[..., RtspClient]]:
    with contextlib.ExitStack() as open_clients:

        def connect(neon: SimulatedNeon, sensor: str, *, tcp: bool = False) -> RtspClient:
            client = RtspClient(neon, sensor, tcp=tcp)
            open_clients.callback(client.close)
            return client

        yield connect


@pytest.fixture
def rtsp() -> Iterator[Callable[..., RtspClient]]:
    """Factory of RTSP connections that are closed when the test ends."""
    with _connections() as connect:
        yield connect


@pytest.fixture(scope="module")
def lasting_rtsp() -> Iterator[Callable[..., RtspClient]]:
    """The same for connections that all tests of a module share."""
    with _connections() as connect:
        yield connect


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """A kept-alive HTTP connection."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


class Taken:
    """Everything that a stream sends, with its exact times."""

    def __init__(self) -> None:
        self.items: list[tuple[int, tuple[bytes, ...]]] = []

    def send(self, device_ns: int, payloads: Sequence[tuple[bytes, bool]]) -> None:
        self.items.append((device_ns, tuple(payload for payload, _ in payloads)))

    def wait_for(self, count: int, since_ns: int = 0) -> list[tuple[int, tuple[bytes, ...]]]:
        deadline = time.monotonic() + TIMEOUT_S
        while len(items := self.since(since_ns)) < count:
            assert time.monotonic() < deadline, f"{len(items)} of {count}"
            time.sleep(0.005)
        return items[:count]

    def since(self, device_ns: int) -> list[tuple[int, tuple[bytes, ...]]]:
        return [item for item in self.items if item[0] >= device_ns]


@dataclass(frozen=True)
class NativeRun:
    """A recording folder and what was true of it."""

    folder: Path
    recording_id: str
    sent: dict[str, Taken]
    truth: TruthLog


@pytest.fixture(scope="session")
def taken() -> type[Taken]:
    """Make one and give it to ``stream.subscribe``."""
    return Taken


@pytest.fixture(scope="session")
def native_recording(tmp_path_factory: pytest.TempPathFactory) -> NativeRun:
    """A recording of a second, made by the simulator, and what its streams sent meanwhile."""
    parent = tmp_path_factory.mktemp("recordings")
    wearer = Participant(path=((0.15, -0.4, 0.2), (0.2, 0.4, -0.2)))
    options = SimulatorOptions(
        recordings=parent,
        gaze_bytes=89,
        participant=wearer,
        recording_start_lag_s=0.05,
        module_serial="654321",
        phone_name="Lab 3",
        sensor_skew_s=0.25,
        phone_id="00ff00ff00ff00ff",
    )
    with SimulatedNeon(options) as neon:
        assert neon.scene is not None and neon.scene.wait_until_drawn(60)
        streams = [stream for streams in neon.sensors.streams.values() for stream in streams]
        sent = {stream.name: Taken() for stream in streams}
        for stream in streams:
            stream.subscribe(sent[stream.name])
        sent["world"].wait_for(1)  # films begin with the next key picture
        recording_id = neon.state.start_recording()
        for first in range(2):
            neon.blink()
            sent["world"].wait_for(len(sent["world"].items) + 20 - 2 * first)
            neon.state.store_event("half\ntime", neon.clock.now_ns() - 2_000_000)
        neon.state.stop_and_save_recording()
        assert neon.problems() == []
        (folder,) = parent.iterdir()
        return NativeRun(folder, recording_id, sent, neon.truth)
