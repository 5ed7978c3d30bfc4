"""Ports, and what is left of sessions when they are closed."""

from __future__ import annotations

import itertools
import os
import socket

import psutil
import pytest

from psychopy_neon import NeonConnectionError, NeonError
from psychopy_neon.transport import udp_pair
from psychopy_neon.transport.rtsp import RtspSession


def test_taken_ports_are_passed_over(serve, session_with, monkeypatch, phone):
    server = serve(phone.dialogue(phone.polite))
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        even = number - number % 2
        choices = itertools.chain([even, even, even], itertools.count(even + 2, 2))
        monkeypatch.setattr(udp_pair.random, "randrange", lambda *_: next(choices))
        session_with(server, "udp").open()


def test_no_free_port_is_one_clear_sentence_and_leaves_nothing_open(
    serve, session_with, monkeypatch, phone
):
    server = serve(phone.dialogue(phone.polite))
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        monkeypatch.setattr(udp_pair.random, "randrange", lambda *_: number - number % 2)
        session = session_with(server, "udp")
        with pytest.raises(NeonConnectionError, match=r"no free pair of UDP ports .*in use"):
            session.open()
        bound = [c for c in psutil.Process().net_connections("udp") if c.laddr.port != number]
        assert not [c for c in bound if abs(c.laddr.port - number) <= 1]


@pytest.mark.skipif(os.name != "posix", reason="counts file descriptors")
@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_fifty_sessions_leave_no_socket_open(
    simulated_neon, sensor_of, carrier, eventually, settled
):
    simulator = simulated_neon(scene=False)
    process = psutil.Process()

    def open_and_close():
        session = sensor_of(simulator, "gaze", carrier)
        session.open()
        session.close()

    open_and_close()
    before = settled(process.num_fds)
    for _ in range(50):
        open_and_close()
    eventually(lambda: process.num_fds() <= before)


@pytest.mark.skipif(os.name != "posix", reason="counts file descriptors")
def test_fifty_failures_leave_no_socket_open(serve, eventually):
    process = psutil.Process()
    server = serve(lambda connection: None)
    before = process.num_fds()
    for _ in range(50):
        session = RtspSession("127.0.0.1", f"rtsp://x:{server.port}/?", "application", "udp")
        with pytest.raises(NeonError):
            session.open()
        session.close()
    # The server keeps its own ends until the test is over.
    eventually(lambda: process.num_fds() <= before + 50)
