"""One RTSP session: set up a stream, and receive its packets over UDP or the same connection.

Every call is made by the one thread that owns the session.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from psychopy_neon.exceptions import DeviceError, NeonConnectionError, NeonError, ProtocolError
from psychopy_neon.protocol.rtp import RtpPacket, is_rtcp
from psychopy_neon.protocol.rtsp import InterleavedFrame, RtspReader, RtspRequest, RtspResponse
from psychopy_neon.protocol.sdp import Media, choose_media, control_url, parse_sdp
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.http import bracketed
from psychopy_neon.transport.readable import readable_waiter
from psychopy_neon.transport.tcp import connect_tcp
from psychopy_neon.transport.udp_pair import bind_udp_pair

Carrier = Literal["udp", "tcp"]
CONNECT_TIMEOUT_S = 3.0
REQUEST_TIMEOUT_S = 5.0
KEEP_ALIVE_S = 30.0  # RTSP sessions expire after 60 s unless the server says otherwise
MAX_DATAGRAM_BYTES = 65_536
SLICE_S = 0.02  # how long `next_media` holds on to the sockets of a session that is to end
MAX_DATAGRAMS_PER_WAKE = 256
MAX_EARLY_DATAGRAMS = 512  # that come while an answer is waited for
MAX_GARBAGE_BYTES = 500_000  # in one session; searching it for media costs time
MAX_URL_CHARACTERS = 1_000
USER_AGENT = "psychopy-neon"


class Datagram(NamedTuple):
    """One RTP or RTCP packet and when it reached us (``time.perf_counter_ns()``)."""

    data: bytes
    arrived_host_ns: int
    is_rtcp: bool


class RtspSession:
    """A session with one sensor of the phone.

    Parameters
    ----------
    host : str
        Where the user reached the phone; the address that the phone reports may be another.
    url : str
        The sensor's URL; its port and query are used.
    kind : str
        Wanted media: "video", "audio" or "application".
    carrier : {"udp", "tcp"}
        Own datagrams, or interleaved with the RTSP connection.
    stopping : threading.Event, optional
        Ends `open` when set.
    """

    def __init__(
        self,
        host: str,
        url: str,
        kind: str,
        carrier: Carrier,
        stopping: threading.Event | None = None,
    ) -> None:
        port, query = _port_and_query(url)
        self._address = (host, port)
        # The zone of a link-local address means something on this computer only.
        self._base = f"rtsp://{bracketed(host.partition('%')[0])}:{port}/"
        self._url = f"{self._base}?{query}"
        self._kind = kind
        self._carrier = carrier
        self._stopping = stopping
        self._reader = RtspReader()
        self._cseq = 0
        self._session_id: str | None = None
        self._control: socket.socket | None = None
        self._phone_address = ""
        self._phone_port = 0  # that media come from, if it has said so
        self._media_sockets: list[socket.socket] = []
        self._waiting: socket.socket | None = None
        self._is_sorted_out = False
        self._selector = selectors.DefaultSelector()
        self._wait_for_media: Callable[[float], bool] = lambda timeout_s: False
        self._rest_selector = selectors.DefaultSelector()
        self._bell: tuple[socket.socket, ...] = ()
        self._pending: list[Datagram] = []
        self._keep_alive_due_s = 0.0

    def open(self) -> Media:
        """Connect, set up and play; blocks up to `REQUEST_TIMEOUT_S` for each answer.

        Raises
        ------
        NeonConnectionError
            If the connection cannot be made or breaks.
        NeonTimeoutError
            If an answer does not come.
        DeviceError
            If the phone refuses a request.
        ProtocolError
            If its answer cannot be understood.
        """
        try:
            self._connect()
            media = self._describe()
            self._set_up(media)
            self._request("PLAY", self._base, {"Range": "npt=now-"})
        except NeonError:
            raise
        except OSError as error:
            raise NeonConnectionError(
                f"stream at {self._address[0]}:{self._address[1]} failed: {error}"
            ) from error
        except ValueError as error:  # a number or URL in an answer that is none
            raise ProtocolError(f"the stream's set-up cannot be understood: {error}") from error
        self._keep_alive_due_s = time.perf_counter() + KEEP_ALIVE_S
        return media

    @property
    def has_media_sockets(self) -> bool:
        """Whether media come over sockets of their own, apart from the RTSP connection."""
        return bool(self._media_sockets)

    def wait(self, timeout_s: float) -> None:
        """Wait until there is something to receive, at most `timeout_s`."""
        if not self._pending:
            self._selector.select(timeout_s)

    def wait_for_the_rest(self, timeout_s: float) -> None:
        """Wait for anything but media, or for `recall`, at most `timeout_s`."""
        self._rest_selector.select(timeout_s)
        for end in self._bell[1:]:
            with contextlib.suppress(OSError):  # as a rule nobody has rung
                end.recv(MAX_DATAGRAM_BYTES)

    def recall(self) -> None:
        """End `wait_for_the_rest`, or the next one at once; may be called from any thread."""
        for end in self._bell[:1]:
            with contextlib.suppress(OSError):  # it has been closed
                end.send(b"\0")

    def next_media(self, timeout_s: float) -> Datagram | None:
        """Wait for a media packet on a socket of its own, at most `timeout_s` or `SLICE_S`.

        Raises
        ------
        NeonConnectionError
            If the socket is of no use any more.
        """
        waiting = self._waiting
        if waiting is None or (timeout_s < SLICE_S and not self._wait_for_media(timeout_s)):
            return None
        try:
            is_sorted_out = self._is_sorted_out
            data = waiting.recv(MAX_DATAGRAM_BYTES) if is_sorted_out else self._checked(waiting)
        except (TimeoutError, BlockingIOError, ConnectionError):
            return None
        except OSError as error:
            raise NeonConnectionError(f"the stream's connection broke: {error}") from error
        arrived = (data, time.perf_counter_ns(), is_rtcp(data))
        return tuple.__new__(Datagram, arrived) if data else None

    def _checked(self, waiting: socket.socket) -> bytes:
        """What the phone has sent; nothing if somebody else has.

        If it sends from the port that it has named, the system sorts that out from the first
        packet on: to be told the sender of each takes longer.
        """
        data, sender = waiting.recvfrom(MAX_DATAGRAM_BYTES)
        if sender[0] != self._phone_address:
            return b""
        if sender[1] == self._phone_port:
            with contextlib.suppress(OSError):
                waiting.connect(sender)
                # What came before that may be anybody's, until nothing of it is left.
                self._is_sorted_out = not self._wait_for_media(0.0)
        return data

    def receive_media(self, at_most: int = MAX_DATAGRAMS_PER_WAKE) -> list[Datagram]:
        """The media packets that have come over a socket of their own; never waits, never raises.

        Reports and the RTSP connection are left to `receive`.
        """
        if self._media_sockets:
            with contextlib.suppress(OSError):  # `receive` meets it too, and tells
                self._drain(self._media_sockets[0], at_most)
        packets, self._pending = self._pending, []
        return packets

    def receive(self, timeout_s: float = 0.0) -> list[Datagram]:
        """Return the packets that came; waits up to `timeout_s` for the first.

        Raises
        ------
        NeonConnectionError
            If the phone closed the connection.
        ProtocolError
            If the connection carries what cannot be understood.
        """
        try:
            if not self._pending:
                self._wait(timeout_s)
            self._keep_alive()
        except NeonError:
            raise
        except OSError as error:
            raise NeonConnectionError(f"the stream's connection broke: {error}") from error
        packets, self._pending = self._pending, []
        return packets

    def close(self) -> None:
        """End the session; never blocks for an answer, harmless if repeated."""
        if self._control is not None and self._session_id is not None:
            # If it cannot be sent, the phone notices the closed connection just as well.
            with contextlib.suppress(OSError):
                self._control.setblocking(False)
                self._send("TEARDOWN", self._base, {})
        self._session_id = None
        for open_socket in (self._control, self._waiting, *self._media_sockets, *self._bell):
            if open_socket is not None:
                open_socket.close()
        self._control, self._waiting, self._media_sockets = None, None, []
        self._selector.close()
        self._rest_selector.close()

    def _connect(self) -> None:
        deadline = Deadline(CONNECT_TIMEOUT_S, "connection to the stream", self._stopping)
        self._control = connect_tcp(*self._address, deadline)
        self._phone_address = self._control.getpeername()[0]
        for selector in (self._selector, self._rest_selector):
            selector.register(self._control, selectors.EVENT_READ)

    def _describe(self) -> Media:
        answer = self._request("DESCRIBE", self._url, {"Accept": "application/sdp"})
        return choose_media(parse_sdp(answer.body.decode("utf-8", "replace")), self._kind)

    def _set_up(self, media: Media) -> None:
        target = control_url(self._base, media) if self._kind != "application" else self._base
        if self._carrier == "tcp":
            self._request("SETUP", target, {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"})
            return
        assert self._control is not None
        port, self._media_sockets = bind_udp_pair(self._control)
        for media_socket in self._media_sockets:
            self._selector.register(media_socket, selectors.EVENT_READ)
        rtp, rtcp = self._media_sockets
        self._wait_for_media = readable_waiter(rtp)
        # The same one, but it waits, and in one call: that is quicker than two from Python.
        self._waiting = rtp.dup()
        self._waiting.settimeout(SLICE_S)
        self._bell = socket.socketpair()
        for end in self._bell:
            end.setblocking(False)
        for rest in (rtcp, self._bell[1]):
            self._rest_selector.register(rest, selectors.EVENT_READ)
        transport = f"RTP/AVP;unicast;client_port={port}-{port + 1}"
        answer = self._request("SETUP", target, {"Transport": transport})
        self._open_firewall(answer.header("Transport") or "")

    def _open_firewall(self, transport: str) -> None:
        """Send one empty packet to each server port, so that stateful firewalls let answers in."""
        parameters = dict(p.partition("=")[::2] for p in transport.replace(" ", "").split(";"))
        first, _, second = parameters.get("server_port", "").partition("-")
        self._phone_port = int(first) if first.isdecimal() and len(first) <= 5 else 0
        empty = RtpPacket(0, 0, 0, 0, b"").pack()
        for media_socket, port in zip(self._media_sockets, (first, second), strict=True):
            if port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65_536:
                with contextlib.suppress(OSError):  # it only helps
                    media_socket.sendto(empty, (self._phone_address, int(port)))

    def _request(self, method: str, url: str, headers: dict[str, str]) -> RtspResponse:
        deadline = Deadline(REQUEST_TIMEOUT_S, f"answer to RTSP {method}", self._stopping)
        assert self._control is not None
        self._control.settimeout(deadline.left_s())
        sequence_number = self._send(method, url, headers)
        while len(self._pending) <= MAX_EARLY_DATAGRAMS:
            for answer in self._read_control(deadline.slice_s()):
                if answer.header("CSeq") not in (None, str(sequence_number)):
                    continue
                if answer.status != 200:
                    raise DeviceError(answer.status, answer.reason, f"RTSP {method}")
                session_id = answer.header("Session")
                if session_id:
                    self._session_id = session_id.partition(";")[0]
                return answer
        raise ProtocolError(f"the phone sends media instead of an answer to RTSP {method}")

    def _send(self, method: str, url: str, headers: dict[str, str]) -> int:
        assert self._control is not None
        self._cseq += 1
        headers = {"CSeq": str(self._cseq), "User-Agent": USER_AGENT, **headers}
        if self._session_id:
            headers["Session"] = self._session_id
        self._control.sendall(RtspRequest(method, url, headers).pack())
        return self._cseq

    def _read_control(self, timeout_s: float) -> list[RtspResponse]:
        """Read the RTSP connection once; media that comes along is kept for `receive`."""
        assert self._control is not None
        self._control.settimeout(max(timeout_s, 0.001))
        try:
            data = self._control.recv(MAX_DATAGRAM_BYTES)
        except TimeoutError:
            return []
        if not data:
            raise NeonConnectionError("the phone closed the stream's connection")
        arrived_host_ns = time.perf_counter_ns()
        answers = []
        for item in self._feed(data):
            if isinstance(item, InterleavedFrame):
                odd = bool(item.channel & 1)
                self._pending.append(Datagram(item.data, arrived_host_ns, odd))
            else:
                answers.append(item)
        return answers

    def _feed(self, data: bytes) -> list[RtspResponse | InterleavedFrame]:
        if self._reader.skipped_bytes > MAX_GARBAGE_BYTES:
            raise ProtocolError("the stream's connection carries nothing but garbage")
        try:
            return self._reader.feed(data)
        except ValueError as error:  # a number in a header that is none
            raise ProtocolError(f"an RTSP answer cannot be understood: {error}") from error

    def _wait(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            if key.fileobj is self._control:
                self._read_control(0.001)
            else:
                self._drain(key.fileobj)  # type: ignore[arg-type]

    def _drain(self, media_socket: socket.socket, at_most: int = MAX_DATAGRAMS_PER_WAKE) -> None:
        for _ in range(at_most):
            try:
                data, sender = media_socket.recvfrom(MAX_DATAGRAM_BYTES)
            except (BlockingIOError, ConnectionError):
                return  # Windows reports a refused datagram of ours as a reset on reading
            arrived_host_ns = time.perf_counter_ns()
            # Anybody on the network can send to our ports; only the phone is listened to.
            if sender[0] == self._phone_address:
                arrived = (data, arrived_host_ns, is_rtcp(data))
                self._pending.append(tuple.__new__(Datagram, arrived))

    def _keep_alive(self) -> None:
        """On UDP only: between interleaved frames the answer could damage one (reference, 4.6)."""
        if self._carrier == "udp" and time.perf_counter() >= self._keep_alive_due_s:
            self._keep_alive_due_s = time.perf_counter() + KEEP_ALIVE_S
            self._send("OPTIONS", self._base, {})


def _port_and_query(url: str) -> tuple[int, str]:
    """Port and query of a sensor's URL, whose host may be an IPv6 address without brackets."""
    authority, _, rest = url.partition("://")[2].partition("/")
    port = authority.rpartition(":")[2]
    if not port.isdecimal() or len(port) > 5 or not _is_sendable(url):
        raise ProtocolError(f"stream URL that cannot be used: {url[:100]!r}")
    return int(port), rest.partition("?")[2]


def _is_sendable(url: str) -> bool:
    return len(url) <= MAX_URL_CHARACTERS and url.isascii() and url.isprintable() and " " not in url
