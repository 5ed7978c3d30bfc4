"""The phone's status WebSocket, kept open by one thread (reference, section 3)."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

from psychopy_neon.exceptions import NeonError, ProtocolError
from psychopy_neon.protocol.json_text import decode_json
from psychopy_neon.protocol.rest import MAX_REPLY_BYTES, STATUS_PATH
from psychopy_neon.protocol.status import Component, parse_component
from psychopy_neon.transport.backoff import Backoff
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.http import bracketed
from psychopy_neon.transport.tcp import connect_tcp, peer_address
from psychopy_neon.transport.worker import Worker

OPEN_TIMEOUT_S = 3.0
POLL_S = 0.25
LONGEST_PAUSE_S = 0.5  # the streams of a phone that restarts wait for what it says here
# A phone that left the network does not say goodbye: notice it within about six seconds.
PING_INTERVAL_S, PING_TIMEOUT_S = 3.0, 3.0
# A phone sends a dozen at first, then one per change. What comes faster has to wait in its
# socket, so that a flood cannot take the time that the experiment needs.
MAX_MESSAGES_PER_S = 500
CLOSE_S = 0.2  # for the last words of a connection; nobody needs them


class StatusFeed:
    """Delivers status components as the phone sends them, and reconnects for ever.

    Parameters
    ----------
    host, port : str, int
    on_component : callable
        Called in the thread ``neon-status`` with each component.
    on_link : callable
        Called in the same thread when the connection opens (None) or is lost (the reason).
    on_tick : callable
        Called in the same thread again and again while the connection is open, at least once a
        second.

    Attributes
    ----------
    known_ip : str
        Where the host was found before, if that is known; tried in turn with its name, which may
        stand for another computer by now.
    peer : str
        Numeric address of the present connection, or the latest.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_component: Callable[[Component], None],
        on_link: Callable[[str | None], None],
        on_tick: Callable[[], None] = lambda: None,
    ) -> None:
        self.known_ip = self.peer = ""
        self._host, self._port = host, port
        self._has_tried_ip = False
        self._on_component = on_component
        self._on_link = on_link
        self._on_tick = on_tick
        self._socket: socket.socket | None = None
        self._worker = Worker("neon-status", self._run)

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def close(self, timeout_s: float) -> bool:
        """Stop the thread and wait for it; False if it did not end in time."""
        self._worker.stop()
        if not self._worker.join(min(2 * CLOSE_S, timeout_s)) and self._socket is not None:
            # It waits for a peer that neither answers nor hangs up: nothing else wakes it.
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        return self._worker.join(timeout_s)

    def _run(self, stopping: threading.Event) -> None:
        backoff = Backoff()
        lost = False
        while not stopping.is_set():
            started_s, opened_s = time.perf_counter(), None
            try:
                with self._connect(stopping) as link:
                    opened_s = time.perf_counter()
                    self._on_link(None)
                    lost = False
                    self._receive(link, stopping)
            except (OSError, EOFError, ValueError, WebSocketException, NeonError) as error:
                if not lost and not stopping.is_set():  # one report for each loss, not each retry
                    self._on_link(_reason(error))
                lost = True
            if opened_s is not None:
                backoff.worked_for(time.perf_counter() - opened_s)
            passed_s = time.perf_counter() - started_s
            delay_s = min(backoff.next_delay_s(), LONGEST_PAUSE_S)
            stopping.wait(max(0.0, delay_s - passed_s))

    def _connect(self, stopping: threading.Event) -> ClientConnection:
        deadline = Deadline(OPEN_TIMEOUT_S, "answer", stopping)
        host = self._next_host()
        self._socket = connect_tcp(host, self._port, deadline)
        self._socket.settimeout(None)
        try:
            self.peer = peer_address(self._socket)
            return connect(
                f"ws://{bracketed(host)}:{self._port}{STATUS_PATH}",
                sock=self._socket,
                open_timeout=deadline.left_s(),
                close_timeout=CLOSE_S,
                ping_interval=PING_INTERVAL_S,
                ping_timeout=PING_TIMEOUT_S,
                max_size=MAX_REPLY_BYTES,
                compression=None,
                logger=_library_logger(),
            )
        except BaseException:
            self._socket.close()
            raise

    def _next_host(self) -> str:
        self._has_tried_ip = bool(self.known_ip) and not self._has_tried_ip
        return self.known_ip if self._has_tried_ip else self._host

    def _receive(self, link: ClientConnection, stopping: threading.Event) -> None:
        second, count = time.perf_counter(), 0
        while not stopping.is_set():
            self._on_tick()
            if time.perf_counter() - second >= 1.0:
                second, count = time.perf_counter(), 0
            if count >= MAX_MESSAGES_PER_S:
                stopping.wait(second + 1.0 - time.perf_counter())
                continue
            try:
                message = link.recv(timeout=POLL_S)
            except TimeoutError:
                continue
            count += 1
            component = _decode(message)
            if component is not None:
                self._on_component(component)


def _library_logger() -> logging.Logger:
    """The library logs a traceback for each lost connection, of which we tell in one line."""
    quiet = logging.getLogger(f"{__name__}.websockets")
    quiet.setLevel(logging.CRITICAL + 1)
    return quiet


def _decode(message: str | bytes) -> Component | None:
    """One bad message costs one message."""
    try:
        return parse_component(decode_json(message))
    except ProtocolError:
        return None


def _reason(error: Exception) -> str:
    """Why the connection was lost, in words that say something about the phone."""
    if isinstance(error, ConnectionClosed) and error.rcvd is None:
        if error.sent is None:
            return "the phone closed its status connection"
        if error.sent.code == CloseCode.INTERNAL_ERROR:  # what the library calls our own pings' end
            return f"no sign of life for {PING_TIMEOUT_S:g} s"
    return str(error) or type(error).__name__
