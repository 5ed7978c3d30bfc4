"""REST calls over one kept-alive connection."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from psychopy_neon.exceptions import NeonConnectionError, NeonTimeoutError, ProtocolError
from psychopy_neon.protocol.rest import CALIBRATION_PATH, MAX_REPLY_BYTES, Call, parse_reply
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.tcp import connect_tcp

CHUNK_BYTES = 65_536


class RestConnection:
    """A connection to the phone's REST service; use each instance from one thread only.

    `interrupt` alone may be called from any thread.

    Parameters
    ----------
    host : str
        Name or address; an IPv6 address without brackets.
    port : int
    """

    def __init__(self, host: str, port: int) -> None:
        self._base_url = f"http://{bracketed(host)}:{port}"
        self._deadline = Deadline(0.0, "answer")
        self._interrupted = threading.Event()
        self._socket: socket.socket | None = None
        self._session = requests.Session()
        self._session.mount("http://", _TimedAdapter(partial(self._open_socket, host, port)))
        # A lab's web proxy cannot reach a phone on the local network, and must not see it.
        self._session.trust_env = False
        # A few compressed bytes could fill the memory, and so could cookies, which no phone sets.
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

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
        try:
            return parse_reply(status, body)
        except RecursionError as error:
            raise ProtocolError(f"{self._base_url} answered with JSON nested too deeply") from error

    def calibration_bytes(self, timeout_s: float) -> bytes:
        """Fetch ``calibration.bin``; raises as `call` does."""
        status, body = self._exchange("GET", CALIBRATION_PATH, None, timeout_s)
        if status != 200:
            parse_reply(status, body)
        return body

    def close(self) -> None:
        """Close the connection; harmless if repeated."""
        self._session.close()

    def interrupt(self) -> None:
        """End the call under way, and any later one, with an error; returns at once."""
        self._interrupted.set()
        open_socket = self._socket
        if open_socket is not None:
            with contextlib.suppress(OSError):  # it may be closed by now
                open_socket.shutdown(socket.SHUT_RDWR)

    def _exchange(
        self, method: str, path: str, body: dict[str, Any] | None, timeout_s: float
    ) -> tuple[int, bytes]:
        url = self._base_url + path
        self._deadline = Deadline(timeout_s, "answer", self._interrupted)
        try:
            with self._session.request(
                method, url, json=body, timeout=timeout_s, stream=True, allow_redirects=False
            ) as reply:
                return reply.status_code, _body(reply)
        except (requests.RequestException, OSError, ValueError) as error:
            if self._deadline.has_passed or isinstance(error, requests.Timeout):
                raise NeonTimeoutError(f"{url} did not answer within {timeout_s:g} s") from error
            raise NeonConnectionError(f"{url} cannot be reached: {_reason(error)}") from error

    def _open_socket(self, host: str, port: int) -> socket.socket:
        plain = connect_tcp(host, port, self._deadline)
        timed = _TimedSocket(fileno=plain.detach())
        timed.deadline = lambda: self._deadline
        self._socket = timed
        return timed


class _TimedSocket(socket.socket):
    """Its waits end at the deadline of the call under way, however slowly bytes drip in."""

    deadline: Callable[[], Deadline]

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(self.deadline().left_s())
        return super().recv_into(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self.settimeout(self.deadline().left_s())
        super().sendall(*arguments)


class _TimedAdapter(HTTPAdapter):
    """Makes requests use our sockets: its own time limit counts anew for each piece it reads."""

    def __init__(self, open_socket: Callable[[], socket.socket]) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)

        def connect(connection: Any) -> None:
            connection.sock = open_socket()

        pool = self.poolmanager.pool_classes_by_scheme["http"]
        timed_connection = type("TimedConnection", (pool.ConnectionCls,), {"connect": connect})
        timed_pool = type("TimedPool", (pool,), {"ConnectionCls": timed_connection})
        self.poolmanager.pool_classes_by_scheme = {"http": timed_pool}


def _body(reply: requests.Response) -> bytes:
    encoding = reply.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise ProtocolError(f"{reply.url} answered in the encoding {encoding[:20]!r}")
    data = bytearray()
    for piece in reply.iter_content(CHUNK_BYTES):
        data += piece
        if len(data) > MAX_REPLY_BYTES:
            raise ProtocolError(f"{reply.url} answered with more than {MAX_REPLY_BYTES} bytes")
    return bytes(data)


def bracketed(host: str) -> str:
    """An IPv6 address in brackets, anything else as it is."""
    return f"[{host}]" if ":" in host else host


def _reason(error: BaseException) -> str:
    """The operating system's words, which libraries bury under several layers of their own."""
    cause: object = error
    for _ in range(10):
        if isinstance(cause, NeonConnectionError):
            return str(cause)
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        if not isinstance(cause, BaseException):
            break
        nested = (getattr(cause, "reason", None), cause.__cause__, cause.__context__, *cause.args)
        cause = next((n for n in nested if isinstance(n, BaseException)), None)
    return type(error).__name__
