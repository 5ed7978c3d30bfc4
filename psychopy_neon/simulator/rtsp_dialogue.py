"""What the phone's RTSP server answers (reference, 4.2): one dialogue per TCP connection."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from psychopy_neon.protocol.rtsp import RtspRequest, RtspResponse
from psychopy_neon.protocol.sdp import Media, format_sdp
from psychopy_neon.simulator.network import Network
from psychopy_neon.simulator.rtp_session import (
    InterleavedTransport,
    ReportTimes,
    RtpSession,
    Transport,
    UdpTransport,
)
from psychopy_neon.simulator.stream import Stream

Sensors = Mapping[str, Sequence[Stream]]
"""Streams by the sensor's name in the URL, ``?camera=<name>``."""

SERVER = "Simulated Neon RTSP Server"
PUBLIC = "DESCRIBE,SETUP,TEARDOWN,PLAY,PAUSE"
MAX_SESSIONS = 8
MAX_CHANNEL = 255  # a frame has one byte for it
AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection was accepted and from where it came."""

    local_ip: str
    local_port: int
    client_ip: str


@dataclass(frozen=True, slots=True)
class _Track:
    stream: Stream
    media: Media


class RtspDialogue:
    """Answers the requests of one connection; knows sockets only through its transports.

    Parameters
    ----------
    sensors : Sensors
    place : Place
    write : callable
        Sends bytes on the connection, for interleaved media.
    times : ReportTimes
    network : Network

    Attributes
    ----------
    sensor : str
        Name of the sensor that this connection is about; empty until DESCRIBE.
    """

    def __init__(
        self,
        sensors: Sensors,
        place: Place,
        write: Callable[[bytes], None],
        times: ReportTimes,
        network: Network,
    ) -> None:
        self.sensor = ""
        self._network = network
        self._sensors = sensors
        self._place = place
        self._write = write
        self._times = times
        self._session_id = secrets.token_hex(8)[:15]
        self._tracks: list[_Track] = []
        self._sessions: dict[str, RtpSession] = {}
        self._answers: dict[str, Callable[[RtspRequest], RtspResponse]] = {
            "OPTIONS": lambda _: _ok({"Public": PUBLIC}),
            "GET_PARAMETER": lambda _: _ok(self._session_header()),
            "DESCRIBE": self._describe,
            "SETUP": self._setup,
            "PLAY": self._play,
            "PAUSE": self._pause,
            "TEARDOWN": self._teardown,
        }

    def answer(self, request: RtspRequest) -> RtspResponse:
        """Answer one request. PLAY starts sending only in `after_answer`."""
        answer = self._answers.get(request.method)
        response = answer(request) if answer else RtspResponse(400, "Bad Request")
        headers = {"Server": SERVER}
        cseq = request.header("CSeq")
        if cseq is not None:
            headers["Cseq"] = cseq  # the phone's spelling
        return RtspResponse(
            response.status, response.reason, {**headers, **response.headers}, response.body
        )

    def after_answer(self, request: RtspRequest, response: RtspResponse) -> None:
        """Begin to send: not before the client has the answer to its PLAY."""
        if request.method == "PLAY" and response.status == 200:
            for session in self._sessions.values():
                session.play()

    def close(self, *, bye: bool) -> None:
        """End all sessions of the connection. Idempotent."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            session.close(bye=bye)

    def _describe(self, request: RtspRequest) -> RtspResponse:
        refusal = self._choose_sensor(request.url)
        if refusal is not None:
            return refusal
        place = self._place
        sdp = format_sdp(
            [track.media for track in self._tracks],
            origin_ip=place.local_ip,
            connection_ip=place.client_ip,
        )
        headers = {"Content-Base": f"{self._base_url}/", "Content-Type": "application/sdp"}
        return RtspResponse(200, "OK", headers, sdp.encode())

    def _choose_sensor(self, url: str) -> RtspResponse | None:
        query = parse_qs(url.partition("?")[2])
        name = query.get("camera", [""])[0]
        streams = self._sensors.get(name, ())
        if query.get("audioenable", ["off"])[0] != "on":
            streams = [stream for stream in streams if stream.name != AUDIO]
        if not streams:
            return RtspResponse(404, "Not Found")
        self.sensor = name
        medias = [stream.describe() for stream in streams]
        if any(media is None for media in medias):
            return RtspResponse(500, "Internal Server Error")
        pairs = zip(streams, medias, strict=True)
        self._tracks = [_Track(stream, media) for stream, media in pairs if media is not None]
        return None

    def _setup(self, request: RtspRequest) -> RtspResponse:
        if not self._tracks and self._choose_sensor(request.url) is not None:
            return RtspResponse(404, "Not Found")
        track = self._find_track(request.url)
        if track is None:
            return RtspResponse(404, "Not Found")
        if len(self._sessions) >= MAX_SESSIONS:
            return RtspResponse(453, "Not Enough Bandwidth")
        transport, reply = self._make_transport(request.header("Transport") or "")
        if transport is None:
            return RtspResponse(461, "Unsupported Transport")
        session = RtpSession(track.stream, track.media, transport, self._times, self._network)
        self._replace_session(track.media.control or "", session)
        reply += f";ssrc={session.ssrc:08x};mode=play"
        return _ok({"Transport": reply, **self._session_header(), "Cache-Control": "no-cache"})

    def _find_track(self, url: str) -> _Track | None:
        named = re.search(r"trackID=(\d+)", url)
        if named is None:
            return self._tracks[-1]  # the sensor's own media; audio comes before it
        matching = (t for t in self._tracks if t.media.control == named.group())
        return next(matching, None)

    def _replace_session(self, control: str, session: RtpSession) -> None:
        previous = self._sessions.pop(control, None)
        if previous is not None:
            previous.close()
        self._sessions[control] = session

    def _make_transport(self, header: str) -> tuple[Transport | None, str]:
        client_ip = self._place.client_ip
        for wish in header.split(","):
            if "RTP/AVP/TCP" in wish:
                channels = _number_pair(wish, "interleaved") or (0, 1)
                if max(channels) > MAX_CHANNEL:
                    continue
                # The channels are not repeated: that is how the phone answers.
                return InterleavedTransport(self._write, channels), "RTP/AVP/TCP;unicast"
            ports = _number_pair(wish, "client_port")
            if "RTP/AVP" in wish and ports is not None and _are_ports(ports):
                udp = UdpTransport(self._place.local_ip, client_ip, ports, self._network)
                client, server = "{}-{}".format(*ports), "{}-{}".format(*udp.ports)
                reply = f"RTP/AVP/UDP;unicast;destination={client_ip}"
                return udp, f"{reply};client_port={client};server_port={server}"
        return None, ""

    def _play(self, _: RtspRequest) -> RtspResponse:
        if not self._sessions:
            return RtspResponse(455, "Method Not Valid in This State")
        if not all([session.take_play() for session in self._sessions.values()]):
            return RtspResponse(500, "Internal Server Error")
        info = ",".join(
            f"url={self._base_url}/{control};seq={session.sequence_number}"
            for control, session in self._sessions.items()
        )
        return _ok({"RTP-Info": info, **self._session_header()})

    def _pause(self, _: RtspRequest) -> RtspResponse:
        for session in self._sessions.values():
            session.pause()
        return _ok(self._session_header())

    def _teardown(self, _: RtspRequest) -> RtspResponse:
        self.close(bye=False)
        return _ok({})

    def _session_header(self) -> dict[str, str]:
        return {"Session": self._session_id} if self._sessions else {}

    @property
    def _base_url(self) -> str:
        return f"rtsp://{self._place.local_ip}:{self._place.local_port}"


def _ok(headers: dict[str, str]) -> RtspResponse:
    return RtspResponse(200, "OK", headers)


def _are_ports(numbers: tuple[int, int]) -> bool:
    return all(0 < number < 65536 for number in numbers)


def _number_pair(transport: str, name: str) -> tuple[int, int] | None:
    found = re.search(rf"{name}=(\d{{1,5}})(?:-(\d{{1,5}}))?", transport)
    if found is None:
        return None
    first = int(found.group(1))
    return first, int(found.group(2) or first + 1)
