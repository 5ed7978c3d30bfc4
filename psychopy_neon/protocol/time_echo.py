"""Time echo: 8 bytes out, 16 bytes back (reference, 6.2).

The phone returns our eight bytes unread, followed by its Unix clock in whole milliseconds. So
any cookie may be sent; it proves which reply belongs to which request.
"""

from __future__ import annotations

import struct

from psychopy_neon.exceptions import ProtocolError

_REQUEST = struct.Struct("!Q")
_REPLY = struct.Struct("!QQ")
REQUEST_BYTES = _REQUEST.size
REPLY_BYTES = _REPLY.size


def pack_request(cookie: int) -> bytes:
    """Encode a request; `cookie` is taken modulo 2**64."""
    return _REQUEST.pack(cookie & 0xFFFFFFFFFFFFFFFF)


def parse_request(data: bytes) -> int:
    """Return the cookie of a request."""
    if len(data) != REQUEST_BYTES:
        raise ProtocolError(f"time echo request of {len(data)} bytes, expected {REQUEST_BYTES}")
    return int(_REQUEST.unpack(data)[0])


def pack_reply(cookie: int, device_ms: int) -> bytes:
    """Encode a reply: the cookie, then the phone's Unix clock in ms."""
    return _REPLY.pack(cookie & 0xFFFFFFFFFFFFFFFF, device_ms)


def parse_reply(data: bytes, cookie: int) -> int:
    """Return the phone's Unix clock in whole ms (floor).

    Raises
    ------
    ProtocolError
        If the reply has another length or belongs to another request.
    """
    if len(data) != REPLY_BYTES:
        raise ProtocolError(f"time echo reply of {len(data)} bytes, expected {REPLY_BYTES}")
    echoed, device_ms = _REPLY.unpack(data)
    if echoed != cookie & 0xFFFFFFFFFFFFFFFF:
        raise ProtocolError("time echo reply to another request")
    return int(device_ms)
