from __future__ import annotations

import gzip
import threading
import time

import pytest

from psychopy_neon import (
    DeviceError,
    NeonConnectionError,
    NeonError,
    NeonTimeoutError,
    ProtocolError,
)
from psychopy_neon.protocol.rest import GET_STATUS, MAX_REPLY_BYTES, post_event
from psychopy_neon.transport.http import RestConnection

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def reply(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return OK + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


def read_request(connection) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += (piece := connection.recv(65_536))
        if not piece:
            raise ConnectionError
    return data


@pytest.fixture
def ask(serve):
    """Call a server that does something with each connection once it has read the request."""
    connections = []

    def ask_server(answer, timeout_s=5.0):
        def handle(connection):
            read_request(connection)
            answer(connection)

        connections.append(RestConnection("127.0.0.1", serve(handle).port))
        return connections[-1].call(GET_STATUS, timeout_s)

    yield ask_server
    for connection in connections:
        connection.close()
        connection.close()


def test_calls_reach_the_phone_over_one_connection(serve):
    requests = []

    def handle(connection):
        while True:
            requests.append(read_request(connection))
            connection.sendall(reply(b'{"message": "Success", "result": %d}' % len(requests)))

    server = serve(handle)
    connection = RestConnection("127.0.0.1", server.port)
    assert [connection.call(GET_STATUS, 5.0) for _ in range(5)] == [1, 2, 3, 4, 5]
    assert server.accepted == 1
    assert b"accept-encoding: identity" in requests[0].lower()
    connection.close()


def test_a_real_dialogue(simulated_neon):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.0)
    connection = RestConnection(simulator.address, simulator.port)
    assert connection.call(post_event("é 例", 5), 5.0) == {"timestamp": 5, "recording_id": None}
    assert len(connection.calibration_bytes(5.0)) == 803
    simulator.state.refuse("event", "not today", 400)
    with pytest.raises(DeviceError, match="not today"):
        connection.call(post_event("a", None), 5.0)
    connection.close()


def test_an_ipv6_address_is_reached(serve):
    def handle(connection):
        read_request(connection)
        connection.sendall(reply(b'{"result": "six"}'))

    connection = RestConnection("::1", serve(handle, "::1").port)
    assert connection.call(GET_STATUS, 5.0) == "six"
    connection.close()


def test_a_connection_that_the_phone_closed_in_between_is_opened_again(serve):
    def handle(connection):
        read_request(connection)
        connection.sendall(reply(b'{"result": 1}'))

    server = serve(handle)
    connection = RestConnection("127.0.0.1", server.port)

    def call() -> object:
        try:
            return connection.call(GET_STATUS, 5.0)
        except NeonConnectionError:
            return None  # closed at the very moment of the request

    results = [call() for _ in range(5)]
    assert results.count(1) >= 2 and server.accepted >= 2
    connection.close()


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-A: ", OK + b"Content-Length: 900\r\n\r\n"])
def test_a_dripping_reply_is_given_up_in_time(ask, stopwatch, head):
    def drip(connection):
        connection.sendall(head)
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    with pytest.raises(NeonTimeoutError, match=r"did not answer within 0\.4 s"):
        ask(drip, timeout_s=0.4)
    assert stopwatch.passed_s > 0.35 and stopwatch.own_s < 2.0


def test_a_silent_server_is_given_up_in_time(ask, stopwatch):
    with pytest.raises(NeonTimeoutError):
        ask(lambda connection: connection.recv(1), timeout_s=0.3)
    assert stopwatch.own_s < 2.0


def test_an_interrupt_ends_the_wait_for_the_rest_of_a_last_reply(serve, stopwatch):
    begun = threading.Event()

    def handle(connection):
        read_request(connection)
        connection.sendall(OK + b"Connection: close\r\nContent-Length: 900\r\n\r\n{")
        begun.set()
        connection.recv(1)

    connection = RestConnection("127.0.0.1", serve(handle).port)

    def interrupt():
        assert begun.wait(10.0)
        time.sleep(0.05)  # the reply's head is read by then, as a rule
        connection.interrupt()

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(NeonError):
        connection.call(GET_STATUS, 20.0)
    assert stopwatch.own_s < 5.0
    interrupting.join(10.0)
    connection.close()


def endless_headers(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: of the same\r\n" * 1000)


def endless_interim_answers(connection):
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def endless_body(connection):
    connection.sendall(OK + b"\r\n")
    while True:
        connection.sendall(b"x" * 100_000)


def endless_chunks(connection):
    connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"3e8\r\n" + b"x" * 1000 + b"\r\n")


@pytest.mark.parametrize(
    "answer", [endless_headers, endless_interim_answers, endless_body, endless_chunks]
)
def test_an_endless_answer_ends(ask, stopwatch, answer):
    with pytest.raises((ProtocolError, NeonConnectionError, NeonTimeoutError)):
        ask(answer, timeout_s=1.0)
    assert stopwatch.own_s < 5.0


def test_a_body_that_is_too_long_is_refused(ask):
    with pytest.raises(ProtocolError, match="more than"):
        ask(lambda connection: connection.sendall(reply(b" " * (MAX_REPLY_BYTES + 1))))


def test_compressed_bodies_are_refused_before_they_are_unpacked(ask):
    bomb = gzip.compress(b" " * 50_000_000)
    with pytest.raises(ProtocolError, match="encoding 'gzip'"):
        ask(lambda connection: connection.sendall(reply(bomb, b"Content-Encoding: gzip")))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    ],
)
def test_what_is_no_http_is_an_error_of_ours(ask, answer):
    with pytest.raises((NeonConnectionError, ProtocolError)) as caught:
        ask(lambda connection: connection.sendall(answer))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"message": "no result"}',
        b"[" * 100_000,
        b'{"result": ' + b"[" * 100_000,
        b'{"result": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_not_the_phones_json_is_a_protocol_error(ask, body):
    with pytest.raises(ProtocolError):
        ask(lambda connection: connection.sendall(reply(body)))


def test_a_redirect_is_not_followed(ask, serve):
    elsewhere = serve(lambda connection: connection.sendall(reply(b'{"result": 1}')))
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(DeviceError, match="302"):
        ask(lambda connection: connection.sendall(answer % elsewhere.port))
    assert elsewhere.accepted == 0


def test_cookies_are_not_kept(serve):
    requests = []

    def handle(connection):
        while True:
            requests.append(read_request(connection))
            connection.sendall(reply(b'{"result": 1}', b"Set-Cookie: a=b"))

    connection = RestConnection("127.0.0.1", serve(handle).port)
    for _ in range(2):
        connection.call(GET_STATUS, 5.0)
    connection.close()
    assert len(requests) == 2 and b"cookie" not in requests[1].lower()


def test_a_proxy_of_the_environment_is_not_used(serve, monkeypatch):
    proxy = serve(lambda connection: None)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")

    def handle(connection):
        read_request(connection)
        connection.sendall(reply(b'{"result": 1}'))

    connection = RestConnection("127.0.0.1", serve(handle).port)
    assert connection.call(GET_STATUS, 5.0) == 1
    assert proxy.accepted == 0
    connection.close()
