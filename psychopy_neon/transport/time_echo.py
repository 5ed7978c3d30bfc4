"""Time echo exchanges over one kept-open connection (reference, 6.2)."""

from __future__ import annotations

import socket
import time

from ..exceptions import NeonConnectionError, ProtocolError
from ..protocol.time_echo import REPLY_BYTES, pack_request, parse_reply

ANSWER_TIMEOUT_S = 2.0


class TimeEchoLink:
    """A connection to the phone's time echo port; connects when first used."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def exchange(self) -> tuple[int, int, int]:
        """Ask once; blocks up to `ANSWER_TIMEOUT_S`.

        Returns
        -------
        sent_host_ns, received_host_ns : int
            ``time.perf_counter_ns()`` just before sending and just after receiving.
        device_ms : int
            The phone's Unix clock in whole ms, read somewhere between the two.

        Raises
        ------
        NeonConnectionError
            If the connection fails; the next call opens a new one.
        """
        try:
            link = self._socket or self._open()
            sent_host_ns = time.perf_counter_ns()
            link.sendall(pack_request(sent_host_ns))
            reply = _receive_exactly(link, REPLY_BYTES)
            received_host_ns = time.perf_counter_ns()
            return sent_host_ns, received_host_ns, parse_reply(reply, sent_host_ns)
        except (OSError, ProtocolError) as error:
            # After a late or foreign answer nothing on this connection can be trusted.
            self.close()
            raise NeonConnectionError(f"time echo failed: {error}") from error

    def close(self) -> None:
        """Close the connection; harmless if repeated."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> socket.socket:
        link = socket.create_connection(self._address, ANSWER_TIMEOUT_S)
        link.settimeout(ANSWER_TIMEOUT_S)
        # Eight bytes must leave at once: a packet held back would widen the interval.
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = link
        return link


def _receive_exactly(link: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = link.recv(size - len(data))
        if not piece:
            raise ConnectionError("the phone closed the connection")
        data += piece
    return data
