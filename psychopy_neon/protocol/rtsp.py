"""RTSP 1.0 messages and their interleaving with media on one connection (RFC 2326).

The phone's server has two habits that a reader must survive (reference, 4.6): it does not echo
``interleaved`` in its SETUP answer, and it may write the answer to something it could not parse
*between* the four header bytes of an interleaved frame and the frame's data.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.plain_text import plain

MAX_HEADER_BYTES = 16_384  # the phone's longest answer, DESCRIBE, has a header of about 200
MAX_HEADER_LINES = 100  # they are read again whenever a piece of the body comes
MAX_BODY_BYTES = 65_536
STATUS_START = b"RTSP/1.0 "
_REQUEST_LINE = re.compile(r"(\w+) (\S+) \S+", re.ASCII)
_STATUS = re.compile(r"[1-5][0-9]{2}")
# Where a frame or a response could begin, also if only its first bytes are there yet.
_BEGINNING = re.compile(rb"\$|RTSP/|(?:RTSP|RTS|RT|R)\Z")


@dataclass(frozen=True, slots=True)
class RtspRequest:
    """A request; header names are kept as given and compared without case by `header`."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def pack(self) -> bytes:
        """Encode with a Content-Length if there is a body."""
        return _pack(f"{self.method} {self.url} RTSP/1.0", self.headers, self.body)

    def header(self, name: str) -> str | None:
        """Value of a header, or None."""
        return _find(self.headers, name)


@dataclass(frozen=True, slots=True)
class RtspResponse:
    """A response; see `RtspRequest`."""

    status: int
    reason: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def pack(self) -> bytes:
        """Encode; Content-Length is always there, as in the phone's answers."""
        headers = {**self.headers, "Content-Length": str(len(self.body))}
        return _pack(f"RTSP/1.0 {self.status} {self.reason}", headers, self.body)

    def header(self, name: str) -> str | None:
        """Value of a header, or None."""
        return _find(self.headers, name)


@dataclass(frozen=True, slots=True)
class InterleavedFrame:
    """One RTP (even channel) or RTCP (odd channel) packet from the RTSP connection."""

    channel: int
    data: bytes


def pack_interleaved(channel: int, data: bytes) -> bytes:
    """Frame media for the RTSP connection (RFC 2326, section 10.12)."""
    return struct.pack("!cBH", b"$", channel, len(data)) + data


class RtspReader:
    """Splits what a *client* reads into responses and interleaved frames.

    Attributes
    ----------
    skipped_bytes : int
        Bytes thrown away while searching for the next frame or response.
    """

    def __init__(self) -> None:
        self.skipped_bytes = 0
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[RtspResponse | InterleavedFrame]:
        """Take bytes in pieces of any size; return what is complete by now.

        Raises
        ------
        ProtocolError
            If a response header or body exceeds its limit; the connection is then useless.
        """
        self._buffer += data
        items: list[RtspResponse | InterleavedFrame] = []
        while (item := self._next()) is not None:
            items.append(item)
        return items

    def _next(self) -> RtspResponse | InterleavedFrame | None:
        while self._buffer:
            if self._buffer[0] == 0x24:
                item, lost_sync = self._next_frame()
            else:
                item, lost_sync = self._next_response()
            if not lost_sync:
                return item
            self._resynchronise()
        return None

    def _next_frame(self) -> tuple[RtspResponse | InterleavedFrame | None, bool]:
        if len(self._buffer) < 5:
            return None, False
        channel, length = struct.unpack_from("!BH", self._buffer, 1)
        head = bytes(self._buffer[4 : 4 + len(STATUS_START)])
        if STATUS_START.startswith(head):
            # An answer lies between the frame's header and its data, or soon we shall know.
            return self._cut_response(4) if head == STATUS_START else None, False
        if self._buffer[4] >> 6 != 2 or channel > 7:  # neither RTP nor RTCP version 2
            return None, True
        if len(self._buffer) < 4 + length:
            return None, False
        data = bytes(self._buffer[4 : 4 + length])
        del self._buffer[: 4 + length]
        return InterleavedFrame(channel, data), False

    def _next_response(self) -> tuple[RtspResponse | None, bool]:
        head = bytes(self._buffer[: len(STATUS_START)])
        if not STATUS_START.startswith(head):
            return None, True
        return self._cut_response(0) if head == STATUS_START else None, False

    def _cut_response(self, start: int) -> RtspResponse | None:
        message = _cut_message(self._buffer, start)
        if message is None:
            return None
        first_line, headers, body = message
        _, status, *reason = first_line.split(" ", 2)
        if not _STATUS.fullmatch(status):
            raise ProtocolError(f"RTSP status line without a number: {first_line[:60]!r}")
        return RtspResponse(int(status), plain("".join(reason)), headers, body)

    def _resynchronise(self) -> None:
        """Drop bytes up to the next place where a frame or a response could begin."""
        beginning = _BEGINNING.search(self._buffer, 1)
        skip = beginning.start() if beginning else len(self._buffer)
        self.skipped_bytes += skip
        del self._buffer[:skip]


class RequestReader:
    """Splits what a *server* reads into requests and interleaved frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[RtspRequest | InterleavedFrame]:
        """Take bytes in pieces of any size; return what is complete by now.

        Raises
        ------
        ProtocolError
            If a request is malformed or exceeds its limit.
        """
        self._buffer += data
        items: list[RtspRequest | InterleavedFrame] = []
        while (item := self._next()) is not None:
            items.append(item)
        return items

    def _next(self) -> RtspRequest | InterleavedFrame | None:
        if self._buffer[:1] == b"$":
            if len(self._buffer) < 4:
                return None
            channel, length = struct.unpack_from("!BH", self._buffer, 1)
            if len(self._buffer) < 4 + length:
                return None
            data = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            return InterleavedFrame(channel, data)
        message = _cut_message(self._buffer, 0)
        if message is None:
            return None
        line = _REQUEST_LINE.fullmatch(message[0])
        if line is None:
            raise ProtocolError(f"malformed RTSP request line: {message[0][:60]!r}")
        return RtspRequest(line[1], line[2], message[1], message[2])


def _cut_message(buffer: bytearray, start: int) -> tuple[str, dict[str, str], bytes] | None:
    """Remove one message from ``buffer[start:]``; None while it is not complete."""
    blank = buffer.find(b"\r\n\r\n", start)
    # Without a blank line the header may yet end with the last three bytes.
    header_bytes = (len(buffer) - 3 if blank < 0 else blank) - start
    if header_bytes > MAX_HEADER_BYTES:
        raise ProtocolError(f"RTSP header is longer than {MAX_HEADER_BYTES} bytes")
    if blank < 0:
        return None
    if buffer.count(b"\r\n", start, blank) > MAX_HEADER_LINES:
        raise ProtocolError(f"RTSP header of more than {MAX_HEADER_LINES} lines")
    first_line, *lines = buffer[start:blank].decode("utf-8", "replace").split("\r\n")
    headers = {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    length = _find(headers, "Content-Length") or "0"
    is_number = length.isascii() and length.isdecimal() and len(length) <= 9
    if not is_number or int(length) > MAX_BODY_BYTES:
        raise ProtocolError(f"RTSP Content-Length {length[:20]!r} is not accepted")
    end = blank + 4 + int(length)
    if len(buffer) < end:
        return None
    body = bytes(buffer[blank + 4 : end])
    del buffer[start:end]
    return first_line, headers, body


def _pack(first_line: str, headers: dict[str, str], body: bytes) -> bytes:
    if body and _find(headers, "Content-Length") is None:
        headers = {**headers, "Content-Length": str(len(body))}
    lines = [first_line, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def _find(headers: dict[str, str], name: str) -> str | None:
    wanted = name.lower()
    return next((v for k, v in headers.items() if k.lower() == wanted), None)
