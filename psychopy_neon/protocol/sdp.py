"""Session descriptions, as far as the phone uses them (RFC 8866; RFC 6184, 8.1; RFC 3640, 4.1)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urljoin

from psychopy_neon.exceptions import ProtocolError

MAX_MEDIA = 16
MAX_CLOCK_RATE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Media:
    """One media section.

    Attributes
    ----------
    kind : str
        "video", "audio" or "application".
    payload_type, clock_rate : int
        From ``a=rtpmap``; the clock rate is in ticks per second.
    encoding : str
        As spelled by the sender; compare without case.
    control : str or None
        Where to SETUP this media, relative to the Content-Base.
    parameters : dict
        ``a=fmtp`` parameters, names in lower case.
    """

    kind: str
    payload_type: int
    encoding: str = ""
    clock_rate: int = 90_000
    control: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """H.264 SPS and PPS NAL units from ``sprop-parameter-sets``; undecodable ones left out."""
        sets = []
        for text in self.parameters.get("sprop-parameter-sets", "").split(","):
            try:
                sets.append(base64.b64decode(text, validate=True))
            except ValueError:  # not base64, or not even ASCII
                continue
        return tuple(s for s in sets if s)

    @property
    def config(self) -> bytes:
        """AAC AudioSpecificConfig; empty if there is none."""
        try:
            return bytes.fromhex(self.parameters.get("config", ""))
        except ValueError:
            return b""


def parse_sdp(text: str) -> tuple[Media, ...]:
    """Return the media sections in their order.

    Line ends, the case of names, spaces around ``=`` and a trailing ``;`` do not matter.

    Raises
    ------
    ProtocolError
        If there is no media section, or one of them cannot be read.
    """
    sections: list[list[str]] = []
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("m="):
            sections.append([line])
        elif sections:
            sections[-1].append(line)
    if not 0 < len(sections) <= MAX_MEDIA:
        raise ProtocolError(f"SDP with {len(sections)} media sections, 1 to {MAX_MEDIA} expected")
    return tuple(_parse_media(lines) for lines in sections)


def choose_media(medias: Iterable[Media], kind: str) -> Media:
    """The first media of that kind, else the first of all (a phone may name it differently).

    Raises
    ------
    ProtocolError
        If audio is wanted and not there: no other media could stand in for it.
    """
    candidates = list(medias)
    chosen = next((m for m in candidates if m.kind == kind), None)
    if chosen is None and kind == "audio":
        raise ProtocolError("the scene stream has no sound; switch the microphone on in the app")
    return chosen or candidates[0]


def control_url(content_base: str, media: Media) -> str:
    """Where to send SETUP for a media.

    Raises
    ------
    ProtocolError
        If the media's control attribute is no URL.
    """
    if not media.control or media.control == "*":
        return content_base
    if "://" in media.control:
        return media.control
    base = content_base if content_base.endswith("/") else content_base + "/"
    try:
        return urljoin(base, media.control)
    except ValueError as error:
        raise ProtocolError(f"SDP control that is no URL: {media.control[:60]!r}") from error


def format_sdp(medias: Iterable[Media], *, origin_ip: str, connection_ip: str) -> str:
    """Write a description in the form that the phone's server family uses (reference, 4.3)."""
    lines = [
        "v=0",
        f"o=- 0 0 IN IP4 {origin_ip}",
        "s=Unnamed",
        "i=N/A",
        f"c=IN IP4 {connection_ip}",
        "t=0 0",
        "a=recvonly",
    ]
    for media in medias:
        lines += _format_media(media)
    return "\r\n".join(lines) + "\r\n"


def _parse_media(lines: list[str]) -> Media:
    words = lines[0][2:].split()
    if len(words) < 4 or not _is_number(words[3], 127):
        raise ProtocolError(f"malformed SDP media line: {lines[0][:60]!r}")
    attributes = [line[2:] for line in lines[1:] if line.startswith("a=")]
    encoding, clock_rate = _rtpmap(attributes)
    return Media(
        kind=words[0].lower(),
        payload_type=int(words[3]),
        encoding=encoding,
        clock_rate=clock_rate,
        control=_attribute(attributes, "control"),
        parameters=_fmtp(attributes),
    )


def _is_number(text: str, most: int) -> bool:
    """Whether it is written in ASCII digits (``isdigit`` also takes others) and not too large."""
    return text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= most


def _attribute(attributes: list[str], name: str) -> str | None:
    for attribute in attributes:
        key, separator, value = attribute.partition(":")
        if separator and key.strip().lower() == name:
            return value.strip()
    return None


def _rtpmap(attributes: list[str]) -> tuple[str, int]:
    value = _attribute(attributes, "rtpmap")
    if value is None:
        return "", 90_000
    *_, mapping = value.split(None, 1) or [""]
    parts = mapping.split("/")
    rate = parts[1].strip() if len(parts) > 1 else ""
    if not _is_number(rate, MAX_CLOCK_RATE) or int(rate) == 0:
        raise ProtocolError(f"SDP rtpmap without a clock rate: {value[:60]!r}")
    return parts[0].strip(), int(rate)


def _fmtp(attributes: list[str]) -> dict[str, str]:
    value = _attribute(attributes, "fmtp")
    if value is None:
        return {}
    pairs = (part.partition("=") for part in value.partition(" ")[2].split(";"))
    return {k.strip().lower(): v.strip() for k, separator, v in pairs if separator}


def _format_media(media: Media) -> list[str]:
    lines = [
        f"m={media.kind} 5004 RTP/AVP {media.payload_type}",
        f"a=rtpmap:{media.payload_type} {media.encoding}/{media.clock_rate}",
    ]
    if media.parameters:
        pairs = "".join(f"{name}={value};" for name, value in media.parameters.items())
        lines.append(f"a=fmtp:{media.payload_type} {pairs}")
    if media.control:
        lines.append(f"a=control:{media.control}")
    return lines
