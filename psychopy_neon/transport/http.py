"""REST calls over one kept-alive connection."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

from psychopy_neon.exceptions import NeonConnectionError, NeonError, NeonTimeoutError, ProtocolError
from psychopy_neon.protocol.rest import CALIBRATION_PATH, MAX_REPLY_BYTES, Call, parse_reply
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.tcp import connect_tcp, peer_address

CHUNK_BYTES = 65_536
# A few compressed bytes could fill the memory.
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "psychopy-neon"}


# Closing with this discards what has not been sent (Windows has shorts there).
NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class RestConnection:
    """A connection to the phone's REST service; use each instance from one thread only.

    `interrupt` alone may be called from any thread. Redirects are not followed, cookies not kept,
    and the proxies of the environment not used: a lab's web proxy cannot reach a phone on the
    local network, and must not see it.

    Parameters
    ----------
    host : str
        Name or address; an IPv6 address without brackets.
    port : int

    Attributes
    ----------
    has_left : bool
        Whether the latest request went out; then it may have had its effect without a reply.
    """

    def __init__(self, host: str, port: int) -> None:
        self.has_left = False
        self._base_url = f"http://{bracketed(host)}:{port}"
        self._port = port
        self._interrupted = threading.Event()
        self._connection = _TimedConnection(host, port)

    def call(self, call: Call, timeout_s: float) -> Any:
        """Send a request and return the ``result`` of its reply; blocks up to `timeout_s`.

        Raises
        ------
        NeonConnectionError, NeonTimeoutError
            If nothing answers.
        DeviceError
            If the phone refuses.
        ProtocolError
            If what answers is not a Companion phone.
        """
        status, body = self._exchange(call.method, call.path, call.body, timeout_s)
        return parse_reply(status, body)

    def calibration_bytes(self, timeout_s: float) -> bytes:
        """Fetch ``calibration.bin``; raises as `call` does."""
        status, body = self._exchange("GET", CALIBRATION_PATH, None, timeout_s)
        if status != 200:
            parse_reply(status, body)
        return body

    @property
    def is_open(self) -> bool:
        """Whether the next call goes over a connection that is open already."""
        return self._connection.sock is not None and not self._connection.has_ended

    @property
    def peer(self) -> str:
        """Numeric address of the phone that the latest call reached; empty before."""
        return self._connection.peer

    def move_to(self, host: str) -> None:
        """Make later calls to another address."""
        if host != self._connection.host_to_call:
            self.close()
            self._base_url = f"http://{bracketed(host)}:{self._port}"
            self._connection = _TimedConnection(host, self._port)

    def close(self) -> None:
        """Close the connection; harmless if repeated."""
        self._connection.close()

    def interrupt(self) -> None:
        """End the call under way, and any later one, with an error; returns at once."""
        self._interrupted.set()
        open_socket = self._connection.newest_socket
        if open_socket is not None:
            with contextlib.suppress(OSError):  # it may be closed by now
                open_socket.shutdown(socket.SHUT_RDWR)

    def _exchange(
        self, method: str, path: str, body: dict[str, Any] | None, timeout_s: float
    ) -> tuple[int, bytes]:
        deadline = Deadline(timeout_s, "answer", self._interrupted)
        self._connection.deadline = deadline
        url = self._base_url + path
        try:
            return self._converse(method, path, body)
        except (http.client.HTTPException, OSError, ValueError) as error:
            self._connection.abort()
            if deadline.has_passed:
                raise NeonTimeoutError(f"{url} did not answer within {timeout_s:g} s") from error
            raise NeonConnectionError(f"{url} cannot be reached: {_reason(error)}") from error
        except NeonError:
            self.close()
            raise

    def _converse(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, bytes]:
        link, headers = self._connection, HEADERS
        if link.has_ended:
            link.close()
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers = {**HEADERS, "Content-Type": "application/json"}
        self.has_left = False
        link.request(method, path, data, headers)
        self.has_left = True
        with link.getresponse() as reply:
            return reply.status, self._body(reply)

    def _body(self, reply: http.client.HTTPResponse) -> bytes:
        encoding = reply.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            raise ProtocolError(f"{self._base_url} answered in the encoding {encoding[:20]!r}")
        data = bytearray()
        while piece := reply.read(CHUNK_BYTES):
            data += piece
            if len(data) > MAX_REPLY_BYTES:
                raise ProtocolError(
                    f"{self._base_url} answered with more than {MAX_REPLY_BYTES} bytes"
                )
        return bytes(data)


class _TimedConnection(http.client.HTTPConnection):
    """Its waits end at the deadline of the call under way, connecting included."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(bracketed(host), port)
        self.host_to_call, self.peer = host, ""
        self.deadline = Deadline(0.0, "answer")
        self.newest_socket: socket.socket | None = None  # `sock` forgets it before the last reply

    def abort(self) -> None:
        """Close, and forget what has not reached the phone yet: it must not arrive late."""
        if self.sock is not None:
            with contextlib.suppress(OSError):  # it may be broken
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self.close()

    @property
    def has_ended(self) -> bool:
        """Whether the phone has hung up since the last call, or sent what nobody asked for."""
        if self.sock is None:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def connect(self) -> None:
        """Connect; raises as `connect_tcp` does."""
        plain = connect_tcp(self.host_to_call, self.port, self.deadline)
        self.peer = peer_address(plain)
        self.sock = self.newest_socket = _TimedSocket(fileno=plain.detach())
        self.sock.deadline = lambda: self.deadline


class _TimedSocket(socket.socket):
    """Its waits end at the deadline of the call under way, however slowly bytes drip in."""

    deadline: Callable[[], Deadline]

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(self.deadline().left_s())
        return super().recv_into(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self.settimeout(self.deadline().left_s())
        super().sendall(*arguments)


def bracketed(host: str) -> str:
    """An IPv6 address in brackets, anything else as it is."""
    return f"[{host}]" if ":" in host else host


def _reason(error: BaseException) -> str:
    """The operating system's words, as far as there are any."""
    if isinstance(error, NeonConnectionError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
