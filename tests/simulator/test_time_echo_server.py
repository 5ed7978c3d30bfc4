from __future__ import annotations

import socket
import time

from psychopy_neon.protocol.time_echo import pack_request, parse_reply


def ask(connection, cookie):
    connection.sendall(pack_request(cookie))
    reply = b""
    while len(reply) < 16:
        reply += connection.recv(16 - len(reply))
    return parse_reply(reply, cookie)


def test_tells_the_clock_that_the_options_ask_for(simulated_neon):
    neon = simulated_neon(scene=False, offset_s=-3.25, drift_ppm=0)
    with socket.create_connection((neon.address, neon.time_echo_port), 5) as connection:
        for cookie in range(200):
            before_ns = time.time_ns()
            device_ms = ask(connection, cookie)
            after_ns = time.time_ns()
            # The reply is a whole millisecond, rounded down; the host's own clock may be slewed.
            assert before_ns / 1e6 - 3250 - 6 < device_ms < after_ns / 1e6 - 3250 + 5


def test_agrees_with_the_simulated_clock(simulated_neon):
    neon = simulated_neon(scene=False, drift_ppm=500)
    with socket.create_connection((neon.address, neon.time_echo_port), 5) as connection:
        before_ms = neon.clock.now_ns() // 1_000_000
        device_ms = ask(connection, 2**64 - 1)
        assert before_ms <= device_ms <= neon.clock.now_ns() // 1_000_000


def test_requests_may_come_in_pieces_and_in_bunches(simulated_neon):
    neon = simulated_neon(scene=False)
    with socket.create_connection((neon.address, neon.time_echo_port), 5) as connection:
        request = pack_request(7)
        connection.sendall(request[:3])
        connection.sendall(request[3:] + request)
        replies = b""
        while len(replies) < 32:
            replies += connection.recv(64)
    assert replies[:8] == replies[16:24] == request


def test_several_clients_are_served_at_once(simulated_neon):
    neon = simulated_neon(scene=False)
    where = (neon.address, neon.time_echo_port)
    with socket.create_connection(where, 5) as first, socket.create_connection(where, 5) as second:
        assert ask(second, 1) <= ask(first, 2) <= ask(second, 3)
