"""ioHub's replies: with room for the long ones, and a limit to the waiting.

ioHub's own end waits for ever for a reply that got lost or that a hanging process never sends.
With a limit alone a late reply would be taken for the answer to the next question, so every
missing reply gets a new socket.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from psychopy import logging

# Replies above 8 kB come in several datagrams; ioHub's own buffer of 32 kB drops some of them
# and the call then never returns. This is what Linux allows without privileges.
RECEIVE_BUFFER_BYTES = 212_992

REPLY_LIMIT_S = 5.0
NEXT_LIMIT_S = 0.25  # after a missing reply, so that a hanging ioHub holds up no frame loop


class HubReplies:
    """Waits for replies to all of ioHub's remote calls in this process, also PsychoPy's own.

    Parameters
    ----------
    client : psychopy.iohub.net.UDPClientConnection
        Of the connection to ioHub.
    limit_s : float
        Longest wait for the first reply that stays out, seconds.

    Attributes
    ----------
    missing : int
        Replies that did not come in time.
    """

    def __init__(self, client: Any, limit_s: float = REPLY_LIMIT_S) -> None:
        self.missing = 0
        self._client = client
        self._limit_s = limit_s
        self._limit_now_s = limit_s
        self._receive: Callable[[], Any] = client.receive
        self._prepare()
        client.receive = self._receive_in_time

    def _receive_in_time(self) -> Any:
        reply = self._receive()
        if reply is not None:
            if self._limit_now_s != self._limit_s:
                self._limit_now_s = self._limit_s
                self._client.sock.settimeout(self._limit_s)
            return reply
        self.missing += 1
        if self._limit_now_s == self._limit_s:
            logging.error(f"psychopy_neon: ioHub did not answer within {self._limit_s:g} s")
        self._limit_now_s = min(NEXT_LIMIT_S, self._limit_s)
        self._renew()
        return None

    def _renew(self) -> None:
        """Leave late replies, and the beginning of a reply that was cut short, behind."""
        client, old = self._client, self._client.sock
        client.initSocket()
        old.close()
        client.unpacker = type(client.unpacker)(use_list=True)
        client.feed, client.unpack = client.unpacker.feed, client.unpacker.unpack
        self._prepare()

    def _prepare(self) -> None:
        sock: socket.socket = self._client.sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        sock.settimeout(self._limit_now_s)


def limit_replies(hub: Any) -> HubReplies:
    """Limit the waiting on this connection to ioHub; harmless if repeated.

    Parameters
    ----------
    hub : psychopy.iohub.client.ioHubConnection
    """
    known = getattr(hub.udp_client.receive, "__self__", None)
    return known if isinstance(known, HubReplies) else HubReplies(hub.udp_client)
