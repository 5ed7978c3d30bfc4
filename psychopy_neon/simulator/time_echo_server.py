"""Time echo: tells the phone's clock to whoever asks (reference, 6.2)."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from dataclasses import dataclass, field

from psychopy_neon.protocol.time_echo import REQUEST_BYTES, pack_reply, parse_request
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.echo_faults import EchoFaults
from psychopy_neon.simulator.network import Network

MAX_CLIENTS = 64
POLL_S = 0.05


@dataclass
class _Client:
    connection: socket.socket
    unread: bytearray = field(default_factory=bytearray)


class TimeEchoServer:
    """All clients in one thread; listens at once, answers after `start`."""

    def __init__(
        self,
        address: tuple[str, int],
        clock: SimulatedClock,
        network: Network,
        faults: EchoFaults,
    ) -> None:
        self._clock = clock
        self._network = network
        self._faults = faults
        self._listener = socket.create_server(address)
        self._listener.setblocking(False)
        self._port = int(self._listener.getsockname()[1])
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._ear, self._bell = socket.socketpair()
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="neon-sim-time-echo", daemon=True)

    @property
    def port(self) -> int:
        """Port listened on."""
        return self._port

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """End the thread and all connections. Idempotent."""
        self._stop.set()
        with contextlib.suppress(OSError):
            self._bell.send(b"\0")
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)
        for key in list((self._selector.get_map() or {}).values()):
            self._drop(key.fileobj)  # type: ignore[arg-type]
        self._bell.close()
        self._selector.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self._network.is_up:
                self._stop.wait(POLL_S)
                continue
            for key, _ in self._selector.select(POLL_S):
                if key.data is not None:
                    self._serve(key.data)
                elif key.fileobj is self._listener:
                    self._accept()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if len(self._selector.get_map()) > MAX_CLIENTS + 1:
            connection.close()
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(connection, selectors.EVENT_READ, _Client(connection))

    def _serve(self, client: _Client) -> None:
        try:
            data = client.connection.recv(4096)
            client.unread += data
            while len(client.unread) >= REQUEST_BYTES:
                cookie = parse_request(bytes(client.unread[:REQUEST_BYTES]))
                del client.unread[:REQUEST_BYTES]
                self._reply(client.connection, cookie)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(client.connection)

    def _reply(self, connection: socket.socket, cookie: int) -> None:
        faults = self._faults
        if faults.silent:
            return
        self._stop.wait(faults.there_s())
        reply = pack_reply(cookie, self._clock.now_ns() // 1_000_000)
        self._stop.wait(faults.back_s())
        connection.send(reply)

    def _drop(self, connection: socket.socket) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(connection)
        connection.close()
