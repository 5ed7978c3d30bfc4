"""How bytes of an RTSP dialogue travel on a TCP connection: as they are, or inside a WebSocket."""

from __future__ import annotations

from typing import Protocol

from websockets.exceptions import InvalidState
from websockets.frames import DATA_OPCODES, Frame
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

MAX_MESSAGE_BYTES = 65_536  # of a client, which only has requests to send
_MEDIA, _HEADER_BYTES = b"$", 4


class Framing(Protocol):
    """Of one connection; not thread-safe."""

    def received(self, data: bytes) -> bytes:
        """What the client said with the bytes that came."""

    def framed(self, data: bytes) -> bytes:
        """Bytes that say this to the client."""

    def pending(self) -> bytes:
        """Bytes that the framing itself has to send."""

    @property
    def has_ended(self) -> bool:
        """Whether the client has said goodbye, or is none."""


class PlainFraming:
    """None: port 8086 of the phone."""

    has_ended = False

    def received(self, data: bytes) -> bytes:
        """The same."""
        return data

    def framed(self, data: bytes) -> bytes:
        """The same."""
        return data

    def pending(self) -> bytes:
        """Nothing."""
        return b""


class WebSocketFraming:
    """Binary messages: port 8686 of the phone, for browsers (reference, 4.6).

    The client's messages are one stream of bytes. The four bytes before an RTP packet are a
    message of their own, as makers' clients for browsers expect.
    """

    def __init__(self) -> None:
        self._protocol = ServerProtocol(max_size=MAX_MESSAGE_BYTES)

    def received(self, data: bytes) -> bytes:
        """Requests out of the client's messages."""
        self._protocol.receive_data(data)
        said = b""
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._protocol.send_response(self._protocol.accept(event))
            elif isinstance(event, Frame) and event.opcode in DATA_OPCODES:
                said += bytes(event.data)
        return said

    def framed(self, data: bytes) -> bytes:
        """One message, or two if it is media; nothing once the client has said goodbye."""
        cut = _HEADER_BYTES if data[:1] == _MEDIA else len(data)
        try:
            for part in (data[:cut], data[cut:]):
                if part:
                    self._protocol.send_binary(part)
        except InvalidState:
            return b""
        return self.pending()

    def pending(self) -> bytes:
        """Answer to the upgrade, pongs, goodbye."""
        return b"".join(self._protocol.data_to_send())

    @property
    def has_ended(self) -> bool:
        """Whether the client has said goodbye, or does not speak WebSocket."""
        return self._protocol.state not in (State.CONNECTING, State.OPEN) or (
            self._protocol.close_expected()
        )
