"""RTSP within a WebSocket, as browsers take the streams from port 8686 of a phone."""

from __future__ import annotations

import itertools
import socket

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from psychopy_neon.protocol.gaze import parse_gaze
from psychopy_neon.protocol.h264 import Depacketizer
from psychopy_neon.protocol.rtcp import parse_rtcp
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.rtsp import InterleavedFrame, RtspReader, RtspResponse
from psychopy_neon.protocol.sdp import parse_sdp
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

TIMEOUT_S = 30


@pytest.fixture(scope="module")
def neon():
    with SimulatedNeon(SimulatorOptions(head_moves=False)) as running:
        yield running


class Browser:
    """Says what the makers' client for headsets says, in the same order."""

    def __init__(self, neon, sensor):
        self.base = f"rtsp://{neon.address}:{neon.tunnel_port}"
        self.sensor = sensor
        # Without a limit to what is not read yet: beyond it, the goodbye is not read either.
        limits = {"max_size": None, "max_queue": None}
        self._connecting = connect(f"ws://{neon.address}:{neon.tunnel_port}/", **limits)
        self.messages = []
        self.session = ""
        self._numbers = itertools.count(1)

    def __enter__(self):
        self.socket = self._connecting.__enter__()
        return self

    def __exit__(self, *reason):
        self._connecting.__exit__(*reason)

    def ask(self, method, url, *headers):
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {next(self._numbers)}", *headers, "", ""]
        self.say("\r\n".join(lines).encode())
        while not (message := self.take()).startswith(b"RTSP/1.0"):
            pass
        (response,) = RtspReader().feed(message)
        assert isinstance(response, RtspResponse)
        return response

    def say(self, request):
        self.socket.send(request)

    def take(self):
        message = self.socket.recv(TIMEOUT_S)
        assert isinstance(message, bytes)  # answers and media are binary messages
        self.messages.append(message)
        return message

    def play(self):
        described = self.ask("DESCRIBE", f"{self.base}/?camera={self.sensor}")
        wish = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
        answer = self.ask("SETUP", self.base, "Blocksize: 64000", wish)
        assert answer.status == 200 and "interleaved" not in answer.headers["Transport"]
        self.session = f"Session: {answer.headers['Session']}"
        assert self.ask("PLAY", self.base, self.session, "Range: npt=0-").status == 200
        self.messages.clear()
        return described


def test_gaze_comes_in_the_order_that_the_makers_client_expects(neon):
    with Browser(neon, "gaze") as browser:
        described = browser.play()
        (media,) = parse_sdp(described.body.decode())
        assert described.headers["Content-Base"] == f"{browser.base}/"
        assert (media.encoding, media.payload_type) == ("com.pupillabs.gaze1", 99)
        while len(browser.messages) < 60:
            browser.take()
        # It takes for gaze what has this payload type, with the payload at 12.
        told = [message for message in browser.messages if message[1] & 127 == 99]
        headers = [message for message in browser.messages if message[:1] == b"$"]
        assert {len(header) for header in headers} == {4} and len(told) >= 28
        report = next(parse_rtcp(m) for m in browser.messages if m[1] == 200).sender_reports[0]
        truth = {gaze.device_ns // 1000: gaze for gaze in neon.truth.gaze}
        for message in told:
            ticks = RtpPacket.parse(message).timestamp - report.rtp_timestamp
            ns = report.device_ns + round(ticks * 1e9 / 90_000)
            sample = parse_gaze(message[12:], device_ns=ns, arrived_host_ns=0)
            true = truth[round(ns / 5e6) * 5000]
            assert (sample.x, sample.y) == pytest.approx((true.x, true.y), abs=1e-3)
        assert browser.ask("TEARDOWN", browser.base, browser.session).status == 200


def test_messages_are_one_stream_of_bytes_and_video_fits_in(neon):
    assert neon.scene.wait_until_drawn(60)
    with Browser(neon, "world") as browser:
        browser.play()
        reader, depacketizer, units = RtspReader(), Depacketizer(), []
        while not any(unit[0] & 31 == 5 for unit in units):
            for frame in reader.feed(browser.take()):
                assert isinstance(frame, InterleavedFrame) and len(frame.data) <= 1272
                if frame.channel == 0:
                    units += depacketizer.push(RtpPacket.parse(frame.data).payload)
        assert {unit[0] & 31 for unit in units} >= {7, 8, 5}


def test_a_request_may_be_spread_over_messages(neon):
    with Browser(neon, "gaze") as browser:
        for byte in b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n":
            browser.say(bytes([byte]))
        (response,) = RtspReader().feed(browser.take())
        assert response.status == 200 and response.headers["Cseq"] == "7"


def test_the_status_names_it_for_every_sensor(neon, http):
    listed = http.get(f"{neon.url}/api/status", timeout=5).json()["result"]
    sensors = [part["data"] for part in listed if part["model"] == "Sensor"]
    tunnelled = [sensor for sensor in sensors if sensor["conn_type"] == "WEBSOCKET"]
    assert {(s["port"], s["connected"]) for s in tunnelled} == {(neon.tunnel_port, True)}
    assert len(tunnelled) == 5 and neon.tunnel_port not in (neon.rtsp_port, neon.port)


def test_faults_reach_it(neon):
    with Browser(neon, "gaze") as browser:
        browser.play()
        neon.faults.say_bye("gaze")
        while browser.take()[1:2] != bytes([203]):
            pass
    with Browser(neon, "imu") as browser:
        browser.play()
        assert neon.faults.reset("imu") == 1
        with pytest.raises((ConnectionClosed, OSError)):
            while True:
                browser.take()


def test_who_speaks_no_websocket_is_told_so(neon):
    with socket.create_connection((neon.address, neon.tunnel_port), TIMEOUT_S) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: phone\r\n\r\n")
        answer = b""
        while piece := plain.recv(4096):
            answer += piece
        assert answer.startswith(b"HTTP/1.1 426 ")


def test_who_says_goodbye_is_let_go(neon):
    with Browser(neon, "gaze") as browser:
        browser.play()
    assert browser.socket.close_code == 1000
