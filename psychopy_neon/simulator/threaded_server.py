"""An HTTP server that knows its connections and can end them all."""

from __future__ import annotations

import contextlib
import itertools
import socket
import socketserver
import threading
from http.server import ThreadingHTTPServer
from typing import Any

from psychopy_neon.simulator.bell import Bell

JOIN_TIMEOUT_S = 2.0
POLL_S = 0.5
MAX_CONNECTIONS = 128


class ThreadedServer(ThreadingHTTPServer):
    """One thread for each connection; `end_connections` ends them.

    Attributes
    ----------
    thread_name : str
        What the names of these threads begin with.
    """

    daemon_threads = True
    request_queue_size = 64
    # On Windows this option would let a second simulator take the same port.
    allow_reuse_address = not hasattr(socket, "SO_EXCLUSIVEADDRUSE")
    thread_name = "neon-sim-http"
    timeout = 0.05  # a client that hangs up before it is accepted is not waited for

    def __init__(self, *arguments: Any) -> None:
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        super().__init__(*arguments)
        self._is_ending = False
        self._bell = Bell(self.socket)

    def serve(self) -> None:
        """Accept connections until `end`; the whole of the server's own thread."""
        with self._bell.waiting() as waiting:
            while not self._is_ending:
                if waiting.wait(POLL_S):
                    self.handle_request()

    def end(self, thread: threading.Thread) -> None:
        """Stop listening, end all connections and `thread`, which serves. Idempotent."""
        self._is_ending = True
        self._bell.ring()
        if thread.is_alive():
            thread.join(JOIN_TIMEOUT_S)
        self._bell.close()
        self.server_close()
        self.end_connections()

    def server_bind(self) -> None:
        """Bind; not HTTPServer's, which asks the name service for our name: that can take long."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own; hang up if there are too many."""
        if len(self._connections) >= MAX_CONNECTIONS:
            self.shutdown_request(request)
            return
        thread = threading.Thread(
            target=self._serve,
            args=(request, client_address),
            name=f"{self.thread_name}-{next(self._numbers)}",
            daemon=True,
        )
        with self._lock:
            self._connections[thread] = request
            thread.start()  # within the lock, so that whoever joins it finds it started

    def _serve(self, request: Any, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.pop(threading.current_thread(), None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in mid-request is no news."""

    def end_connections(self) -> None:
        """Hang up on everybody, and wait for their threads."""
        with self._lock:
            connections = dict(self._connections)
        for thread, connection in connections.items():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(JOIN_TIMEOUT_S)
