"""Peers that send too much, nonsense, or nothing, and those that leave."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from psychopy_neon import NeonConnectionError, NeonError, NeonTimeoutError, ProtocolError
from psychopy_neon.protocol.rtsp import pack_interleaved
from psychopy_neon.transport import rtsp

TIMEOUT_S = 10.0


def test_endless_garbage_ends_the_session(serve, session_with, stopwatch, phone, receive):
    def handle(connection):
        for request in phone.requests_of(connection):
            connection.sendall(phone.polite(request))
            while request.method == "PLAY":
                connection.sendall(b"\x00" * 100_000)

    session = session_with(serve(handle))
    session.open()
    with pytest.raises(ProtocolError, match="nothing but garbage"):
        receive(session, 1)
    assert stopwatch.own_s < 5.0


def test_media_instead_of_an_answer_does_not_fill_the_memory(serve, session_with, stopwatch, phone):
    def handle(connection):
        connection.recv(1_000)
        while True:
            connection.sendall(pack_interleaved(0, phone.gaze_packet(1) + bytes(60_000)))

    with pytest.raises(ProtocolError, match="media instead of an answer to RTSP DESCRIBE"):
        session_with(serve(handle)).open()
    assert stopwatch.own_s < 4.0


@pytest.mark.parametrize("silent_at", ["DESCRIBE", "SETUP", "PLAY"])
def test_a_server_that_never_answers_is_given_up(
    serve, session_with, monkeypatch, silent_at, phone
):
    monkeypatch.setattr(rtsp, "REQUEST_TIMEOUT_S", 0.3)
    server = serve(phone.dialogue(lambda r: b"" if r.method == silent_at else phone.polite(r)))
    with pytest.raises(NeonTimeoutError, match=f"no answer to RTSP {silent_at} within 0.3 s"):
        session_with(server).open()


def test_a_dripping_answer_is_given_up(serve, session_with, monkeypatch, stopwatch):
    monkeypatch.setattr(rtsp, "REQUEST_TIMEOUT_S", 0.4)

    def handle(connection):
        connection.recv(1_000)
        for byte in b"RTSP/1.0 200 OK\r\n" * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with pytest.raises(NeonTimeoutError):
        session_with(serve(handle)).open()
    assert stopwatch.own_s < 3.0


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10,
        b"\x00" * 70_000,
        b"$" * 70_000,
        b"RTSP/1.0 200 OK\r\n" + b"X: x\r\n" * 10_000,
        b"RTSP/1.0 \xc2\xb2 OK\r\nCSeq: 1\r\n\r\n",
        b"RTSP/1.0 " + b"9" * 5_000 + b" OK\r\nCSeq: 1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: \xc2\xb2\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 999999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_garbage_instead_of_an_answer_is_an_error_of_ours(
    serve, session_with, monkeypatch, hostile
):
    monkeypatch.setattr(rtsp, "REQUEST_TIMEOUT_S", 0.5)

    def handle(connection):
        connection.recv(1_000)
        connection.sendall(hostile)

    with pytest.raises(NeonError):
        session_with(serve(handle)).open()


@pytest.mark.parametrize(
    "sdp",
    [
        b"",
        b"v=0\r\n",
        b"m=\r\n",
        b"m=application 5004 RTP/AVP \xc2\xb2\r\n",
        b"m=application 5004 RTP/AVP 99\r\na=rtpmap:99 gaze/\xc2\xb2\r\n",
        b"m=application 5004 RTP/AVP " + b"9" * 5_000 + b"\r\n",
        b"m=video 5004 RTP/AVP 96\r\na=control://[x\r\n",
        b"m=video 1 RTP/AVP 96\r\n" * 100,
    ],
)
def test_a_description_that_makes_no_sense_is_an_error_of_ours(serve, session_with, sdp, phone):
    server = serve(phone.dialogue(lambda request: phone.answer(request, sdp)))
    with pytest.raises(ProtocolError):
        session_with(server, kind="video").open()


@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_a_phone_that_leaves_is_an_error_of_ours(serve, session_with, carrier, phone, receive):
    def handle(connection):
        for request in phone.requests_of(connection):
            connection.sendall(phone.polite(request))
            if request.method == "PLAY":
                return

    session = session_with(serve(handle), carrier)
    session.open()
    with pytest.raises(NeonConnectionError, match="closed the stream's connection"):
        receive(session, 1)


def test_a_reset_while_datagrams_come_is_an_error_of_ours(serve, session_with, phone, receive):
    left = threading.Event()

    def handle(connection):
        for request in phone.requests_of(connection):
            connection.sendall(phone.polite(request))
            if request.method == "SETUP":
                port = int(request.header("Transport").rpartition("=")[2].partition("-")[0])
            if request.method == "PLAY":
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                with socket.socket(type=socket.SOCK_DGRAM) as sender:
                    sender.sendto(phone.gaze_packet(1), ("127.0.0.1", port))
                connection.close()  # with a reset, because it may not linger
                left.set()
                return

    session = session_with(serve(handle), "udp")
    session.open()
    assert left.wait(TIMEOUT_S)
    with pytest.raises(NeonConnectionError):
        receive(session, 100)
