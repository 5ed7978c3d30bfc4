"""Two UDP sockets for one RTP stream: an even port and the odd one above it."""

from __future__ import annotations

import contextlib
import random
import socket

from psychopy_neon.exceptions import NeonConnectionError

RECEIVE_BUFFER_BYTES = 4_000_000  # a decoder's hiccup of a second at 5 Mbit/s, several times over
FIRST_PORT, LAST_PORT = 20_000, 60_000
PORT_TRIES = 20


def bind_udp_pair(control: socket.socket) -> tuple[int, list[socket.socket]]:
    """Bind a pair for RTP and RTCP (RFC 3550, section 11) where a connected socket is bound.

    Returns
    -------
    port : int
        The even one.
    sockets : list of 2 socket
        Non-blocking.

    Raises
    ------
    NeonConnectionError
        If no free pair is found, or this program has too many open files.
    """
    failure: OSError | None = None
    for _ in range(PORT_TRIES):
        port = random.randrange(FIRST_PORT, LAST_PORT, 2)
        with contextlib.ExitStack() as opened:
            try:
                pair = [opened.enter_context(_bind(control, port + n)) for n in range(2)]
            except OSError as error:
                failure = error
                continue
            opened.pop_all()
            return port, pair
    raise NeonConnectionError(f"no free pair of UDP ports on this computer ({failure})")


def _bind(control: socket.socket, port: int) -> socket.socket:
    media_socket = socket.socket(control.family, socket.SOCK_DGRAM)
    try:
        with contextlib.suppress(OSError):  # some systems refuse instead of giving what they can
            media_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        local, _, *scope = control.getsockname()
        media_socket.bind((local, port, *scope))
        media_socket.setblocking(False)
    except OSError:
        media_socket.close()
        raise
    return media_socket
