"""What a session asks, and what it makes of the answers."""

from __future__ import annotations

import threading
import time

import pytest

from psychopy_neon import ClosedError, DeviceError, ProtocolError
from psychopy_neon.protocol.rtsp import RtspResponse
from psychopy_neon.transport import rtsp
from psychopy_neon.transport.rtsp import RtspSession


def test_the_dialogue_is_the_one_phones_understand(serve, session_with, eventually, phone):
    asked = []

    def respond(request):
        asked.append(request)
        return phone.polite(request)

    server = serve(phone.dialogue(respond))
    session = session_with(server)
    session.open()
    session.close()
    eventually(lambda: len(asked) == 4)
    base = f"rtsp://127.0.0.1:{server.port}/"
    assert [(r.method, r.url) for r in asked] == [
        ("DESCRIBE", f"{base}?camera=gaze"),
        ("SETUP", base),
        ("PLAY", base),
        ("TEARDOWN", base),
    ]
    assert [r.header("CSeq") for r in asked] == ["1", "2", "3", "4"]
    assert asked[1].header("Transport") == "RTP/AVP/TCP;unicast;interleaved=0-1"
    assert [r.header("Session") for r in asked[2:]] == ["1185d20035702ca"] * 2


def test_answers_to_other_requests_are_passed_over(serve, session_with, phone):
    stale = RtspResponse(500, "stale", {"CSeq": "999"}).pack()
    session = session_with(serve(phone.dialogue(lambda r: stale * 3 + phone.polite(r))))
    assert session.open().payload_type == 99


def test_opening_ends_at_once_when_told_to_stop(serve, session_with, stopwatch, phone):
    stopping = threading.Event()
    timer = threading.Timer(0.1, stopping.set)
    timer.start()
    server = serve(phone.dialogue(lambda request: b""))
    with pytest.raises(ClosedError):
        session_with(server, stopping=stopping).open()
    assert stopwatch.own_s < 2.0
    timer.join()


def test_a_refusal_carries_the_phones_words(serve, session_with, phone):
    def respond(request):
        if request.method != "PLAY":
            return phone.polite(request)
        return RtspResponse(500, "no camera", {"CSeq": request.header("CSeq")}).pack()

    with pytest.raises(DeviceError) as caught:
        session_with(serve(phone.dialogue(respond))).open()
    assert str(caught.value) == "the phone refused RTSP PLAY: 500 no camera"
    assert (caught.value.status, caught.value.message) == (500, "no camera")


@pytest.mark.parametrize(
    "transport", ["server_port=²-³", "server_port=99999-x", ";;=;=", "x" * 999]
)
def test_server_ports_that_make_no_sense_are_passed_over(serve, session_with, transport, phone):
    session = session_with(serve(phone.dialogue(lambda r: phone.polite(r, transport))), "udp")
    assert session.open().payload_type == 99


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rtsp://phone/?camera=gaze",
        "rtsp://phone:/?camera=gaze",
        "rtsp://phone:80x/",
        "rtsp://phone:²/",
        "rtsp://phone:999999/",
        "rtsp://phone:8086/?camera=gaze\r\nX: y",
        "rtsp://phone:8086/?camera=\ud800",
        "rtsp://phone:8086/?" + "x" * 10_000,
    ],
)
def test_a_stream_address_that_makes_no_sense_is_refused(url):
    with pytest.raises(ProtocolError, match="stream URL"):
        RtspSession("127.0.0.1", url, "application", "udp")


@pytest.mark.parametrize("ip", ["192.0.2.1", "[2001:db8::1]", "2001:db8::1", "neon.local"])
def test_only_the_port_of_a_stream_address_counts(serve, ip, phone):
    server = serve(phone.dialogue(phone.polite))
    session = RtspSession(
        "127.0.0.1", f"rtsp://{ip}:{server.port}/?camera=gaze", "application", "tcp"
    )
    assert session.open().payload_type == 99
    session.close()


def test_a_keep_alive_is_sent_over_udp_only(serve, session_with, monkeypatch, phone, eventually):
    monkeypatch.setattr(rtsp, "KEEP_ALIVE_S", 0.1)
    asked, open_sessions = {"udp": [], "tcp": []}, []
    for carrier, methods in asked.items():

        def respond(request, methods=methods):
            methods.append(request.method)
            return phone.polite(request)

        open_sessions.append(session_with(serve(phone.dialogue(respond)), carrier))
        open_sessions[-1].open()
    end_s = time.perf_counter() + 0.5

    def is_over():
        assert [session.receive(0.02) for session in open_sessions] == [[], []]
        return time.perf_counter() > end_s and asked["udp"].count("OPTIONS") >= 2

    eventually(is_over)
    assert "OPTIONS" not in asked["tcp"]
