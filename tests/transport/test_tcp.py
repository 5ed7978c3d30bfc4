from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import sys
import threading
import time

import pytest

from psychopy_neon import ClosedError, NeonConnectionError, NeonTimeoutError
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.tcp import connect_tcp, receive_exactly


@contextlib.contextmanager
def full_server():
    """A computer that swallows connection attempts: its queue of them is full."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = waiting.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_names_and_addresses_of_both_kinds_are_reached(serve, host):
    server = serve(
        lambda connection: connection.sendall(b"hello"), "::1" if ":" in host else "127.0.0.1"
    )
    deadline = Deadline(5.0, "answer")
    with connect_tcp(host, server.port, deadline) as link:
        assert receive_exactly(link, 5, deadline) == b"hello"
        assert link.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_refused_connection_is_an_error_with_the_systems_words(free_port):
    with pytest.raises(ConnectionRefusedError):
        connect_tcp("127.0.0.1", free_port, Deadline(5.0, "answer"))


def test_on_windows_the_words_are_those_of_windows(free_port, monkeypatch):
    """Its C library says "Unknown error" of the numbers that its sockets give."""
    refused = ConnectionRefusedError(10061, "actively refused")
    words = {10061: refused}
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "WinError", words.__getitem__, raising=False)
    monkeypatch.setattr(socket.socket, "connect_ex", lambda link, address: 10061)
    with pytest.raises(ConnectionRefusedError, match="actively refused"):
        connect_tcp("127.0.0.1", free_port, Deadline(5.0, "answer"))


@pytest.mark.skipif(os.name != "posix", reason="other systems queue connections differently")
def test_a_computer_that_swallows_connections_is_given_up_in_time(stopwatch):
    with full_server() as port, pytest.raises(NeonTimeoutError, match=r"within 0\.3 s"):
        connect_tcp("127.0.0.1", port, Deadline(0.3, "answer"))
    assert stopwatch.passed_s > 0.25 and stopwatch.own_s < 2.0


@pytest.mark.skipif(os.name != "posix", reason="other systems queue connections differently")
def test_connecting_ends_at_once_when_told_to_stop(stopwatch):
    stopping = threading.Event()
    timer = threading.Timer(0.1, stopping.set)
    with full_server() as port, pytest.raises(ClosedError):
        timer.start()
        connect_tcp("127.0.0.1", port, Deadline(60.0, "answer", stopping))
    assert stopwatch.own_s < 2.0
    timer.join()


@pytest.mark.parametrize("port", [-1, 0, 65_536, 10**12])
def test_a_port_that_cannot_be_is_refused(port):
    with pytest.raises(NeonConnectionError, match=f"no port {port}"):
        connect_tcp("127.0.0.1", port, Deadline(5.0, "answer"))


@pytest.mark.parametrize("host", ["a" * 70, "neon..local"])
def test_a_name_that_cannot_be_is_refused(host):
    with pytest.raises(NeonConnectionError, match="is not a host name"):
        connect_tcp(host, 8080, Deadline(5.0, "answer"))


def test_dripping_bytes_do_not_prolong_the_wait(serve, stopwatch):
    def drip(connection):
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    deadline = Deadline(0.3, "answer")
    link = connect_tcp("127.0.0.1", serve(drip).port, deadline)
    with link, pytest.raises(NeonTimeoutError):
        receive_exactly(link, 1_000_000, deadline)
    assert stopwatch.own_s < 2.0
