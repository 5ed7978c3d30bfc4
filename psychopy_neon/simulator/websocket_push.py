"""The status WebSocket: the whole state on connect, then every change (reference, section 3)."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading

from websockets.exceptions import InvalidState
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from psychopy_neon.simulator.network import Network
from psychopy_neon.simulator.state import PhoneState
from psychopy_neon.simulator.status_board import Message

MAX_WAITING = 1_000  # messages that a client may leave unread before it is dropped
MAX_INCOMING_BYTES = 65_536  # clients have nothing to say but ping and close
SEND_TIMEOUT_S = 5.0


class StatusPush:
    """One client of the status WebSocket; `run` returns when it has gone.

    Parameters
    ----------
    connection : socket
        Its HTTP request line and headers have been read; stays owned by the caller.
    request_head : bytes
        That request, as HTTP text including the blank line.
    state : PhoneState
    """

    def __init__(
        self, connection: socket.socket, request_head: bytes, state: PhoneState, network: Network
    ) -> None:
        self._socket = connection
        self._state = state
        self._network = network
        self._protocol = ServerProtocol(max_size=MAX_INCOMING_BYTES)
        self._lock = threading.Lock()
        self._waiting: queue.Queue[Message | None] = queue.Queue(MAX_WAITING)
        self._protocol.receive_data(request_head)

    def run(self) -> None:
        """Answer the upgrade request, then push until the connection ends."""
        if not self._accept():
            return
        with self._state.board.lock:  # what changes meanwhile comes after what was so far
            for component in self._state.subscribe(self._enqueue):
                self._enqueue(component)
        sender = threading.Thread(target=self._send_loop, name="neon-sim-push", daemon=True)
        sender.start()
        try:
            self._receive_loop()
        finally:
            self._state.unsubscribe(self._enqueue)
            self._stop_sender()
            sender.join(timeout=SEND_TIMEOUT_S + 1)

    def _accept(self) -> bool:
        request = next(
            (e for e in self._protocol.events_received() if isinstance(e, Request)), None
        )
        if request is None:
            return False
        with self._lock:
            self._protocol.send_response(self._protocol.accept(request))
        self._flush()
        return self._protocol.state is State.OPEN

    def _enqueue(self, component: Message) -> None:
        try:
            self._waiting.put_nowait(component)
        except queue.Full:
            self._hang_up()

    def _stop_sender(self) -> None:
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._hang_up()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _send_loop(self) -> None:
        self._socket.settimeout(SEND_TIMEOUT_S)
        try:
            while (component := self._waiting.get()) is not None:
                with self._lock:
                    self._protocol.send_text(json.dumps(component.to_json()).encode())
                self._flush()
        except (OSError, InvalidState):
            self._hang_up()

    def _receive_loop(self) -> None:
        while True:
            try:
                data = self._socket.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            if not data:
                return
            with self._lock:
                self._protocol.receive_data(data)
                self._protocol.events_received()
            self._flush()
            if self._protocol.close_expected() or self._protocol.state is not State.OPEN:
                return

    def _flush(self) -> None:
        self._network.wait_until_up()
        with self._lock, contextlib.suppress(OSError):
            for data in self._protocol.data_to_send():
                if data:
                    self._socket.sendall(data)
