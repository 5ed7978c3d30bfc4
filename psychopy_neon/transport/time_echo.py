"""Time echo exchanges over one kept-open connection (reference, 6.2)."""

from __future__ import annotations

import socket
import threading
import time

from psychopy_neon.exceptions import NeonConnectionError, NeonError
from psychopy_neon.protocol.time_echo import REPLY_BYTES, pack_request, parse_reply
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.tcp import connect_tcp, receive_exactly

ANSWER_TIMEOUT_S = 2.0


class TimeEchoLink:
    """A connection to the phone's time echo port; connects when first used.

    Parameters
    ----------
    host, port : str, int
    stopping : threading.Event, optional
        Ends an exchange that is under way when set.
    """

    def __init__(self, host: str, port: int, stopping: threading.Event | None = None) -> None:
        self._address = (host, port)
        self._stopping = stopping
        self._socket: socket.socket | None = None

    def exchange(self) -> tuple[int, int, int]:
        """Ask once; blocks up to `ANSWER_TIMEOUT_S`, connecting included.

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
        deadline = Deadline(ANSWER_TIMEOUT_S, "answer", self._stopping)
        try:
            link = self._socket or self._open(deadline)
            link.settimeout(deadline.left_s())
            sent_host_ns = time.perf_counter_ns()
            link.sendall(pack_request(sent_host_ns))
            reply = receive_exactly(link, REPLY_BYTES, deadline)
            received_host_ns = time.perf_counter_ns()
            return sent_host_ns, received_host_ns, parse_reply(reply, sent_host_ns)
        except (OSError, NeonError) as error:
            # After a late or foreign answer nothing on this connection can be trusted.
            self.close()
            raise NeonConnectionError(f"time echo failed: {error}") from error

    def close(self) -> None:
        """Close the connection; harmless if repeated."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self, deadline: Deadline) -> socket.socket:
        self._socket = connect_tcp(*self._address, deadline)
        return self._socket
