"""REST and the status WebSocket on one port, HTTP/1.1 with kept-alive connections."""

from __future__ import annotations

import contextlib
import itertools
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from psychopy_neon.simulator.http_faults import HttpFault, HttpFaults
from psychopy_neon.simulator.network import Network
from psychopy_neon.simulator.rest_api import Reply, RestApi
from psychopy_neon.simulator.state import PhoneState
from psychopy_neon.simulator.websocket_push import StatusPush

MAX_BODY_BYTES = 1_000_000
IDLE_TIMEOUT_S = 300.0
JOIN_TIMEOUT_S = 2.0


class HttpServer:
    """Serves one phone; starts in the constructor.

    Parameters
    ----------
    address : tuple of str and int
        Where to listen; port 0 takes a free one.
    network : Network
    faults : HttpFaults
    """

    def __init__(self, address: tuple[str, int], network: Network, faults: HttpFaults) -> None:
        self._server = _Server(address, _Handler)
        self._server.network, self._server.faults = network, faults
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="neon-sim-http",
            daemon=True,
        )

    @property
    def port(self) -> int:
        """Port listened on."""
        return int(self._server.server_address[1])

    def start(self, api: RestApi, state: PhoneState) -> None:
        """Begin to answer."""
        self._server.api, self._server.state = api, state
        self._thread.start()

    def hang_up(self) -> None:
        """End all connections, WebSockets among them; new ones are welcome."""
        self._server.end_connections()

    def close(self) -> None:
        """Stop listening, end all connections and their threads. Idempotent."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(JOIN_TIMEOUT_S)
        self._server.server_close()
        self._server.end_connections()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    # On Windows this option would let a second simulator take the same port.
    allow_reuse_address = not hasattr(socket, "SO_EXCLUSIVEADDRUSE")
    api: RestApi
    state: PhoneState
    network: Network
    faults: HttpFaults

    def __init__(self, *arguments: Any) -> None:
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        super().__init__(*arguments)

    def server_bind(self) -> None:
        # Not HTTPServer's: that asks the name service for our name, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self._serve,
            args=(request, client_address),
            name=f"neon-sim-http-{next(self._numbers)}",
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
        with self._lock:
            connections = dict(self._connections)
        for thread, connection in connections.items():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(JOIN_TIMEOUT_S)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SimulatedNeon"
    sys_version = ""
    timeout = IDLE_TIMEOUT_S
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one segment
    server: _Server

    def do_GET(self) -> None:
        if self.path.split("?")[0] == "/api/status" and self._wants_websocket():
            self.close_connection = True
            server = self.server
            head = self._request_head()
            StatusPush(self.connection, head, server.state, server.network).run()
            return
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Requests are not logged; the truth log has what matters."""

    def _wants_websocket(self) -> bool:
        return self.headers.get("Upgrade", "").lower() == "websocket"

    def _request_head(self) -> bytes:
        lines = [self.requestline, *(f"{key}: {value}" for key, value in self.headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or len(length) > 9 or int(length) > MAX_BODY_BYTES:
            self.close_connection = True  # the unread body would be taken for a request
            self._send(Reply(413, b'{"message": "Body is too long", "result": null}'))
            return
        body = self.rfile.read(int(length))
        self.server.network.wait_until_up()
        fault = self.server.faults.take(self.path)
        reply = self.server.api.handle(self.command, self.path, body)
        if fault is None:
            self._send(reply)
        else:
            self.server.faults.hold_back(fault)
            self._send_spoiled(fault.spoil(reply), fault)

    def _send(self, reply: Reply) -> None:
        self._send_head(reply, len(reply.body))
        self.wfile.write(reply.body)
        self.wfile.flush()

    def _send_spoiled(self, reply: Reply, fault: HttpFault) -> None:
        self._send_head(reply, None if fault.is_endless else len(reply.body))
        for piece in self.server.faults.pieces(fault, reply.body):
            self.wfile.write(piece)
            self.wfile.flush()

    def _send_head(self, reply: Reply, length: int | None) -> None:
        self.server.network.wait_until_up()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        if length is None:
            self.close_connection = True  # the only end that such a body can have
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()
