"""REST and the status WebSocket on one port, HTTP/1.1 with kept-alive connections."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

from psychopy_neon.simulator.http_faults import HttpFault, HttpFaults
from psychopy_neon.simulator.network import Network
from psychopy_neon.simulator.rest_api import Reply, RestApi
from psychopy_neon.simulator.state import PhoneState
from psychopy_neon.simulator.threaded_server import ThreadedServer
from psychopy_neon.simulator.websocket_push import StatusPush

MAX_BODY_BYTES = 1_000_000
IDLE_TIMEOUT_S = 300.0


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
            target=self._server.serve, name="neon-sim-http", daemon=True
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
        self._server.end(self._thread)


class _Server(ThreadedServer):
    api: RestApi
    state: PhoneState
    network: Network
    faults: HttpFaults


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
