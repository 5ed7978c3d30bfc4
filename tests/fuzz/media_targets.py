"""RTP, RTCP, RTSP, session descriptions, and the packet formats of video and sound."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from typing import Any

from oracle import Target, check, check_size, repeats, weight

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol import h264, rtcp, rtp, rtsp, sdp
from psychopy_neon.protocol.aac import parse_access_units, parse_audio_config

MAX_STREAM_BYTES, MAX_DRIPPED_BYTES = 100_000, 3_000
PIECES = (1, 2, 3, 7, 30, 500, 1_400, 65_536)
SMALL_ACCESS_UNIT_BYTES, FEW_PARTS = 4_000, 50
MAX_PACKETS = 200
END_OF_NTP_ERA_NS = (2**32 - rtcp.NTP_TO_UNIX_S) * 1_000_000_000


# -- RTP and RTCP ---------------------------------------------------------------------------------


def _rtp(data: bytes) -> None:
    rtp.is_rtcp(data)
    packet = rtp.RtpPacket.parse(data)
    check_size(packet, data)
    check(rtp.RtpPacket.parse(packet.pack()) == packet, "a packet changed by packing and parsing")


def _rtp_seeds() -> list[bytes]:
    plain = rtp.RtpPacket(99, 65_535, 2**32 - 1, 7, b"payload", marker=True).pack()
    with_all = bytes([0xB2]) + plain[1:12] + b"CSRC" * 2 + b"\xbe\xde\0\1ext." + b"x\0\0\3"
    return [plain, with_all]


def _rtcp(data: bytes) -> None:
    compound = rtcp.parse_rtcp(data)
    check_size(compound, data)
    for report in compound.sender_reports:
        if report.device_ns >= END_OF_NTP_ERA_NS:  # 2036; its last ns are rounded up to that
            continue
        again = rtcp.parse_rtcp(report.pack())
        check(again.sender_reports == (report,), "a report changed by packing and parsing")


def _rtcp_seeds() -> list[bytes]:
    report = rtcp.SenderReport(7, 1_700_000_000_123_456_789, 2**32 - 1, 3, 400).pack()
    return [report, report + rtcp.pack_bye(7), b"\x81\xca\0\1\0\0\0\7" + report]


# -- RTSP -----------------------------------------------------------------------------------------


def _pieces(data: bytes, seed: int) -> Iterator[bytes]:
    sizes = random.Random(seed).choices(PIECES[: 1 + seed % len(PIECES)], k=50)
    position = 0
    for size in itertools.cycle(sizes):
        if position >= len(data):
            return
        yield data[position : position + size]
        position += size


def _read(reader: Any, pieces: Iterable[bytes]) -> list[Any] | None:
    """What a reader makes of a stream; None if it gives the connection up."""
    items = []
    try:
        for piece in pieces:
            items += reader.feed(piece)
    except ProtocolError:
        return None
    return items


def _compare_readings(reader_type: Any, data: bytes) -> None:
    """The first two bytes say how the rest is cut into pieces, and how often it is repeated."""
    if len(data) < 3:
        return
    seed, times, body = data[0], repeats(data[1]), data[2:]
    limit = MAX_DRIPPED_BYTES if PIECES[seed % len(PIECES)] < 30 else MAX_STREAM_BYTES
    stream = body * max(1, min(times, limit // len(body)))
    at_once, in_pieces = reader_type(), reader_type()
    whole = _read(at_once, [stream])
    dripped = _read(in_pieces, _pieces(stream, seed))
    check((whole is None) == (dripped is None), "whether a stream is refused hangs on its pieces")
    if whole is None or dripped is None:
        raise ProtocolError("refused")
    check(whole == dripped, "what is read hangs on the pieces in which it came")
    check(vars(at_once) == vars(in_pieces), "what waits hangs on the pieces in which it came")
    check_size(whole, stream)
    held = weight(vars(in_pieces))
    check(held <= 66_000 + rtsp.MAX_HEADER_BYTES + rtsp.MAX_BODY_BYTES, "too much waits")
    for message in whole:
        _check_message(reader_type, message)


def _check_message(reader_type: Any, message: Any) -> None:
    if isinstance(message, rtsp.InterleavedFrame):
        packed = rtsp.pack_interleaved(message.channel, message.data)
        check(packed[4:] == message.data, "media changed by packing")
        return
    message.header("session")
    packed = message.pack()
    if len(packed) < rtsp.MAX_HEADER_BYTES:
        (again,) = reader_type().feed(packed)
        check((again.header("cseq"), again.body) == (message.header("cseq"), message.body), "pack")


def _responses(data: bytes) -> None:
    _compare_readings(rtsp.RtspReader, data)


def _requests(data: bytes) -> None:
    _compare_readings(rtsp.RequestReader, data)


def _response_seeds() -> list[bytes]:
    text = sdp.format_sdp([_GAZE], origin_ip="192.0.2.1", connection_ip="192.0.2.2").encode()
    answer = rtsp.RtspResponse(200, "OK", {"Cseq": "2", "Content-Base": "rtsp://h/"}, text).pack()
    refusal = rtsp.RtspResponse(400, "Bad Request", {}, b"").pack()
    packet = rtp.RtpPacket(99, 1, 2, 3, b"x" * 9).pack()
    frame = rtsp.pack_interleaved(0, packet)
    streams = (
        answer + frame * 3,
        frame[:4] + refusal + frame[4:] + frame,
        b"$\x63\xff\xffno packet RTSP/ " + frame,
        b"RTSP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nv=0\r\n$\0\0\0" + frame,
        b"$\0\xff\xff\xff",
    )
    return [bytes([n, 0xFF * (n == 1)]) + stream for n, stream in enumerate(streams)]


def _request_seeds() -> list[bytes]:
    request = rtsp.RtspRequest("SETUP", "rtsp://192.0.2.1:8086/", {"CSeq": "3"}, b"body").pack()
    return [bytes([n, 1]) + request + rtsp.pack_interleaved(1, b"\x80abc") for n in (0, 7)]


# -- session descriptions -------------------------------------------------------------------------

_GAZE = sdp.Media("application", 99, "com.pupillabs.gaze1", 90_000, "trackID=1")
_VIDEO = sdp.Media(
    *("video", 96, "H264", 90_000, "rtsp://192.0.2.1:8086/trackID=1"),
    {"packetization-mode": "1", "sprop-parameter-sets": "Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg=="},
)
_AUDIO = sdp.Media(
    "audio", 97, "mpeg4-generic", 8_000, "trackID=0", {"mode": "AAC-hbr", "config": "1588"}
)


def _sdp(data: bytes) -> None:
    times, body = (repeats(data[0]), data[1:]) if data else (1, b"")
    text = (body * min(times, 1 + 65_536 // max(1, len(body)))).decode("utf-8", "replace")
    medias = sdp.parse_sdp(text)
    check_size([medias, [(m.parameter_sets, m.config) for m in medias]], text)
    refused = False
    for media in medias:
        refused |= _is_refused(sdp.control_url, "rtsp://192.0.2.1:8086/", media)
    for kind in ("video", "audio", "application"):
        refused |= _is_refused(sdp.choose_media, medias, kind)
    once = _written_and_read(medias)
    check(_written_and_read(once) == once, "a description changed by packing and parsing")
    if refused:
        raise ProtocolError("refused")


def _is_refused(function: Any, *arguments: Any) -> bool:
    try:
        function(*arguments)
    except ProtocolError:
        return True
    return False


def _written_and_read(medias: Iterable[sdp.Media]) -> tuple[sdp.Media, ...]:
    return sdp.parse_sdp(sdp.format_sdp(medias, origin_ip="192.0.2.1", connection_ip="192.0.2.2"))


def _sdp_seeds() -> list[bytes]:
    addresses = {"origin_ip": "192.0.2.1", "connection_ip": "192.0.2.2"}
    texts = [sdp.format_sdp([_AUDIO, _VIDEO], **addresses), sdp.format_sdp([_GAZE], **addresses)]
    return [b"\0" + text.encode() for text in texts]


# -- video and sound ------------------------------------------------------------------------------


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Pairs of a byte and the few bytes that follow its length."""
    position = 0
    while position + 2 <= len(data):
        flags, size = data[position], data[position + 1]
        yield flags, data[position + 2 : position + 2 + size]
        position += 2 + size


def _video_packets(data: bytes) -> Iterator[rtp.RtpPacket]:
    """The first byte says how often the packets are repeated; flags: marker, time, sequence."""
    records = list(_records(data[1:]))
    number, ticks = 65_530, 2**32 - 5
    count = min(len(records) * repeats(data[0]), MAX_PACKETS)
    for flags, payload in itertools.islice(itertools.cycle(records), count):
        number += (1, 1, 1, 2, 0, -1, 40, -300)[flags >> 5]
        ticks += (flags >> 1) & 3
        yield rtp.RtpPacket(96, number % 2**16, ticks % 2**32, 1, payload, bool(flags & 1))


def _h264(data: bytes) -> None:
    # So that a small input exceeds them.
    h264.MAX_ACCESS_UNIT_BYTES, h264.MAX_ACCESS_UNIT_PARTS = SMALL_ACCESS_UNIT_BYTES, FEW_PARTS
    assembler, pictures, payload_bytes = h264.AccessUnitAssembler(), [], 0
    for packet in _video_packets(data) if data else ():
        payload_bytes += len(packet.payload)
        pictures += assembler.push(packet)
    check(all(p.data.startswith(h264.START_CODE) for p in pictures), "a picture without its start")
    check(sum(len(p.data) for p in pictures) <= 5 * payload_bytes, "more bytes came out than in")
    check(weight(vars(assembler)) <= 4 * SMALL_ACCESS_UNIT_BYTES, "too much waits for a picture")
    depacketizer = h264.Depacketizer()
    for _, payload in _records(data[1:]):
        _check_units(depacketizer, payload)
    if assembler.malformed:
        raise ProtocolError("refused")


def _check_units(depacketizer: h264.Depacketizer, payload: bytes) -> None:
    try:
        units = depacketizer.push(payload)
    except ProtocolError:
        return
    for unit in units:
        if 1 <= unit[0] & 0x1F <= 23 and len(units) == 1:
            again = h264.Depacketizer()
            (copy,) = itertools.chain(*map(again.push, h264.packetize(unit, 20)))
            check(copy == unit, "a NAL unit changed by packing and parsing")
            check(h264.split_annexb(h264.annex_b([unit])) != [], "a NAL unit got lost")


def _h264_seeds() -> list[bytes]:
    sets = [b"\x67sps.", b"\x68pps."]
    key, other = b"\x65\x88" + b"k" * 60, b"\x41\x9a" + b"p" * 30
    aggregate = b"\x18" + b"".join(len(s).to_bytes(2, "big") + s for s in sets)
    groups = ([aggregate], h264.packetize(key, 25), sets, h264.packetize(other, 100))
    packets = [(len(g) - 1 == n, p) for g in groups for n, p in enumerate(g)]
    stream = b"".join(bytes([marker | 2 * marker, len(p)]) + p for marker, p in packets)
    return [b"\0" + stream, b"\xff" + stream]


def _aac(data: bytes) -> None:
    accepted = 0
    for parse in (parse_audio_config, parse_access_units):
        try:
            check_size(parse(data), data)
            accepted += 1
        except ProtocolError:
            continue
    if not accepted:
        raise ProtocolError("refused")


def _aac_seeds() -> list[bytes]:
    frames = [b"first", b"the second"]
    headers = b"".join((len(f) << 3).to_bytes(2, "big") for f in frames)
    return [b"\x15\x88", (16 * len(frames)).to_bytes(2, "big") + headers + b"".join(frames)]


TARGETS = {
    "rtp": Target(_rtp, _rtp_seeds),
    "rtcp": Target(_rtcp, _rtcp_seeds),
    "rtsp": Target(_responses, _response_seeds),
    "rtsp_requests": Target(_requests, _request_seeds),
    "sdp": Target(_sdp, _sdp_seeds),
    "h264": Target(_h264, _h264_seeds),
    "aac": Target(_aac, _aac_seeds),
}
