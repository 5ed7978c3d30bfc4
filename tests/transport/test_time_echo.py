from __future__ import annotations

import struct
import threading
import time

import pytest

from psychopy_neon import NeonConnectionError
from psychopy_neon.protocol.time_echo import pack_reply, parse_request
from psychopy_neon.transport import time_echo
from psychopy_neon.transport.time_echo import TimeEchoLink


@pytest.fixture
def link_to():
    """Links that are closed when the test ends."""
    links = []

    def open_link(server, stopping=None):
        links.append(TimeEchoLink(server.host, server.port, stopping))
        return links[-1]

    yield open_link
    for link in links:
        link.close()
        link.close()


def answering(answer):
    """A handler that answers each request with what `answer` makes of its cookie."""

    def handle(connection):
        while True:
            request = connection.recv(8)
            if not request:
                return
            for piece in answer(parse_request(request)):
                connection.sendall(piece)

    return handle


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_exchanges_share_one_connection_and_enclose_the_answer(serve, link_to, host):
    answered_ns = []

    def answer(cookie):
        answered_ns.append(time.perf_counter_ns())
        yield pack_reply(cookie, 1_700_000_000_123)

    server = serve(answering(answer), host)
    link = link_to(server)
    for n in range(20):
        sent_ns, received_ns, device_ms = link.exchange()
        assert sent_ns <= answered_ns[n] <= received_ns
        assert device_ms == 1_700_000_000_123
    assert server.accepted == 1


def test_the_simulated_phones_clock_is_read(simulated_neon):
    simulator = simulated_neon(scene=False, offset_s=-3600.0)
    link = TimeEchoLink(simulator.address, simulator.time_echo_port)
    sent_ns, received_ns, device_ms = link.exchange()
    link.close()
    earliest, latest = simulator.clock.device_ns(sent_ns), simulator.clock.device_ns(received_ns)
    assert earliest // 1_000_000 <= device_ms <= latest // 1_000_000


def test_an_answer_in_pieces_is_put_together(serve, link_to):
    def answer(cookie):
        for byte in pack_reply(cookie, 42):
            yield bytes([byte])
            time.sleep(0.002)

    assert link_to(serve(answering(answer))).exchange()[2] == 42


def test_an_answer_to_another_request_is_refused_and_the_next_one_starts_afresh(serve, link_to):
    wrong = [True]

    def answer(cookie):
        yield pack_reply(cookie + wrong[0], 42)

    server = serve(answering(answer))
    link = link_to(server)
    with pytest.raises(NeonConnectionError, match="another request"):
        link.exchange()
    wrong[0] = False
    assert link.exchange()[2] == 42
    assert server.accepted == 2


def test_a_late_answer_is_never_taken_for_the_next_one(serve, link_to, monkeypatch):
    monkeypatch.setattr(time_echo, "ANSWER_TIMEOUT_S", 0.2)
    cookies = []
    timed_out = threading.Event()

    def answer(cookie):
        cookies.append(cookie)
        if len(cookies) == 1:
            assert timed_out.wait(10.0)
        yield pack_reply(cookie, len(cookies))

    link = link_to(serve(answering(answer)))
    with pytest.raises(NeonConnectionError, match=r"no answer within 0\.2 s"):
        link.exchange()
    monkeypatch.setattr(time_echo, "ANSWER_TIMEOUT_S", 10.0)
    timed_out.set()
    sent_ns, _, device_ms = link.exchange()
    assert device_ms == 2 and cookies[1] == sent_ns


@pytest.mark.parametrize("pieces", [[], [b"x"], [b"x" * 15]])
def test_a_connection_closed_in_the_middle_is_an_error_of_ours(serve, link_to, pieces):
    def handle(connection):
        connection.recv(8)
        for piece in pieces:
            connection.sendall(piece)

    with pytest.raises(NeonConnectionError, match="time echo failed"):
        link_to(serve(handle)).exchange()


def test_dripping_answers_do_not_prolong_the_wait(serve, link_to, monkeypatch, stopwatch):
    monkeypatch.setattr(time_echo, "ANSWER_TIMEOUT_S", 0.3)

    def answer(cookie):
        for byte in pack_reply(cookie, 42):
            yield bytes([byte])
            time.sleep(0.1)

    with pytest.raises(NeonConnectionError, match=r"within 0\.3 s"):
        link_to(serve(answering(answer))).exchange()
    assert stopwatch.own_s < 1.4


def test_a_wait_for_a_silent_phone_ends_when_told_to_stop(serve, link_to, stopwatch):
    stopping = threading.Event()

    def handle(connection):
        connection.recv(8)
        stopping.set()
        connection.recv(8)

    with pytest.raises(NeonConnectionError, match="no longer waiting"):
        link_to(serve(handle), stopping).exchange()
    assert stopwatch.own_s < 1.5


@pytest.mark.parametrize("port", [0, -1, 70_000, 10**15])
def test_a_port_that_cannot_be_is_an_error_of_ours(port):
    with pytest.raises(NeonConnectionError, match="no port"):
        TimeEchoLink("127.0.0.1", port).exchange()


def test_the_largest_time_is_taken_as_it_is(serve, link_to):
    def answer(cookie):
        yield struct.pack("!QQ", cookie & 0xFFFFFFFFFFFFFFFF, 2**64 - 1)

    assert link_to(serve(answering(answer))).exchange()[2] == 2**64 - 1
