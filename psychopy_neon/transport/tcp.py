"""TCP connections whose opening and reading end at one deadline.

The socket module's own timeouts count anew for every address of a host and for every piece of
an answer: a peer that drips one byte a second would hold a caller for ever.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import sys

from psychopy_neon.exceptions import NeonConnectionError, NeonError
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.name_lookup import addresses_of

_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", -1))


def connect_tcp(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first address of a host that answers.

    Parameters
    ----------
    host : str
        Name or address; an IPv6 address without brackets.
    port : int
    deadline : Deadline
        For all addresses together.

    Raises
    ------
    OSError
        If no address answers; the last one's reason.
    NeonConnectionError
        If host or port cannot exist.
    NeonTimeoutError, ClosedError
        As the deadline says.
    """
    if not 0 < port < 65_536:
        raise NeonConnectionError(f"there is no port {port}")
    failure: OSError = NeonConnectionError(f"{host!r} has no address")
    for family, kind, protocol, _, address in addresses_of(host, port, deadline):
        link = socket.socket(family, kind, protocol)
        try:
            _connect(link, address, deadline)
            # Requests are short and wait for an answer: a packet held back would delay it.
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return link
        except NeonError:
            link.close()
            raise
        except OSError as error:
            link.close()
            failure = error
    raise failure


def receive_exactly(link: socket.socket, size: int, deadline: Deadline) -> bytes:
    """Read `size` bytes; raises as the deadline does, or `OSError` if the connection ends."""
    data = b""
    while len(data) < size:
        link.settimeout(deadline.slice_s())
        try:
            piece = link.recv(size - len(data))
        except TimeoutError:
            continue
        if not piece:
            raise ConnectionError("the phone closed the connection")
        data += piece
    return data


def peer_address(link: socket.socket) -> str:
    """Numeric address of the other side; with its zone if it is a link-local one."""
    host, _, *more = link.getpeername()
    zone = more[1] if more else 0
    return f"{host}%{zone}" if zone else str(host)


def _connect(link: socket.socket, address: tuple[object, ...], deadline: Deadline) -> None:
    link.setblocking(False)
    error = link.connect_ex(address)
    with selectors.DefaultSelector() as selector:
        selector.register(link, selectors.EVENT_WRITE)
        while error in _UNDER_WAY:
            if selector.select(deadline.slice_s()):
                error = link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                break
    if error:
        raise _told_by_the_system(error)
    link.settimeout(deadline.left_s())


def _told_by_the_system(code: int) -> OSError:
    """The error of a socket's code; Windows numbers these by itself, and C knows none of them."""
    if sys.platform == "win32":
        import ctypes

        return ctypes.WinError(code)
    return OSError(code, os.strerror(code))
