"""Servers on loopback that do what a test tells them, most of it wrong."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

TIMEOUT_S = 30.0  # only ever waited for on a busy computer
SETTLED_S = 0.5
Handler = Callable[[socket.socket], None]


class Server:
    """Accepts connections and hands each, in a thread of its own, to `handle`.

    Attributes
    ----------
    host, port : str, int
    accepted : int
        Connections so far.
    ended : threading.Event
        Set when the test is over; handlers that go on for ever look at it.
    """

    def __init__(self, handle: Handler, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self.host, self.port = host, self._listener.getsockname()[1]
        self.accepted = 0
        self.ended = threading.Event()
        self._handle = handle
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self.ended.set()
        for open_socket in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(TIMEOUT_S)
            assert not thread.is_alive()
        for open_socket in (self._listener, *self._open):
            open_socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.accepted += 1
                self._open.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client hung up, as it should
            self._handle(connection)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start a server around a function of one connection; all are closed when the test ends."""
    servers: list[Server] = []

    def start(handle: Handler, host: str = "127.0.0.1") -> Server:
        servers.append(Server(handle, host))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until a condition holds, or fail."""

    def wait(condition: Callable[[], object]) -> None:
        end_s = time.perf_counter() + TIMEOUT_S
        while not condition():
            assert time.perf_counter() < end_s, "the condition did not come true in time"
            time.sleep(0.005)

    return wait


@pytest.fixture
def settled() -> Callable[[Callable[[], int]], int]:
    """What is counted, once it does not change any more: threads may only just be starting."""

    def count(read: Callable[[], int]) -> int:
        found, since_s = read(), time.perf_counter()
        while time.perf_counter() - since_s < SETTLED_S:
            time.sleep(0.005)
            if (now := read()) != found:
                found, since_s = now, time.perf_counter()
        return found

    return count


@pytest.fixture
def stopwatch(stopwatch: Callable[[], Any]) -> Any:
    """Started with the test."""
    return stopwatch()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
