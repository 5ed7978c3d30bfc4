from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.rtsp import (
    MAX_HEADER_BYTES,
    InterleavedFrame,
    RequestReader,
    RtspReader,
    RtspRequest,
    RtspResponse,
    pack_interleaved,
)


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 16, 4096])
def test_golden_vectors_in_pieces_of_any_size(vectors, size):
    for vector in vectors("rtsp_tcp_interleaved"):
        reader, items = RtspReader(), []
        for piece in chunks(bytes.fromhex(vector["hex"]), size):
            items += reader.feed(piece)
        media = [i.data.hex() for i in items if isinstance(i, InterleavedFrame) and i.channel == 0]
        replies = [i.status for i in items if isinstance(i, RtspResponse)]
        assert media == vector["expect"]["rtp_packets_hex"], vector["name"]
        assert replies == vector["expect"]["rtsp_reply_status"], vector["name"]


def test_a_response_with_a_body():
    response = RtspResponse(200, "OK", {"Cseq": "2", "Content-Type": "application/sdp"}, b"v=0\r\n")
    (item,) = RtspReader().feed(response.pack())
    assert item.status == 200 and item.body == b"v=0\r\n"
    assert item.header("CSEQ") == "2"


def test_sync_is_found_again_after_garbage():
    frame = pack_interleaved(0, b"\x80" + b"x" * 20)
    reader = RtspReader()
    items = reader.feed(b"$\x63\xff\xffnot a packet" + frame)
    assert [i.data for i in items] == [b"\x80" + b"x" * 20]
    assert reader.skipped_bytes == len(b"$\x63\xff\xffnot a packet")


@pytest.mark.parametrize(("channel", "first"), [(8, 0x80), (0, 0x40), (7, 0xC0), (255, 0x00)])
def test_a_frame_of_another_channel_or_version_is_garbage(channel, first):
    wrong = pack_interleaved(channel, bytes([first]) + b"x" * 20)
    right = pack_interleaved(7, b"\x80" + b"x" * 20)
    reader = RtspReader()
    assert reader.feed(wrong + right) == [InterleavedFrame(7, b"\x80" + b"x" * 20)]
    assert reader.skipped_bytes == len(wrong)


def test_an_endless_header_is_refused():
    with pytest.raises(ProtocolError, match="longer than"):
        RtspReader().feed(b"RTSP/1.0 200 OK\r\nX: " + b"y" * MAX_HEADER_BYTES)


def test_a_header_of_countless_lines_is_refused():
    with pytest.raises(ProtocolError, match="lines"):
        RtspReader().feed(b"RTSP/1.0 200 OK\r\n" + b":\r\n" * 1_000 + b"\r\n")


def test_an_absurd_body_is_refused():
    with pytest.raises(ProtocolError, match="Content-Length"):
        RtspReader().feed(b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n")


@pytest.mark.parametrize("status", ["OK", "² OK", "2000 OK", "099 OK", "600 OK", ""])
def test_a_status_line_without_a_code_is_refused(status):
    with pytest.raises(ProtocolError, match="status line"):
        RtspReader().feed(f"RTSP/1.0 {status}\r\n\r\n".encode())


@pytest.mark.parametrize("length", ["²", "-1", "1e3", "٣"])
def test_a_length_in_other_digits_is_refused(length):
    with pytest.raises(ProtocolError, match="Content-Length"):
        RtspReader().feed(f"RTSP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\n".encode())


def test_requests_and_media_are_read_by_the_server():
    request = RtspRequest("SETUP", "rtsp://192.0.2.1:8086/", {"CSeq": "3"}, b"")
    data = request.pack() + pack_interleaved(1, b"\x80abc") + request.pack()
    reader = RequestReader()
    items = [item for piece in chunks(data, 3) for item in reader.feed(piece)]
    assert items == [request, InterleavedFrame(1, b"\x80abc"), request]


def test_a_response_whose_first_bytes_come_after_garbage_is_not_lost():
    response = RtspResponse(200, "OK", {"Content-Length": "0"})
    for size in range(1, 8):
        reader = RtspReader()
        items = [
            i for piece in chunks(b"garbage" + response.pack(), size) for i in reader.feed(piece)
        ]
        assert items == [response], size
        assert reader.skipped_bytes == len(b"garbage")


@pytest.mark.parametrize("size", [1, 2, 3, 4096])
def test_the_longest_header_is_read_in_pieces_of_any_size(size):
    start = b"RTSP/1.0 200 OK\r\nX: "
    header = start + b"y" * (MAX_HEADER_BYTES - len(start)) + b"\r\n\r\n"
    reader = RtspReader()
    (response,) = [i for piece in chunks(header, size) for i in reader.feed(piece)]
    assert response.status == 200


@pytest.mark.parametrize("garbage", [b"$", b"$\x63", b"R", b"RTSP/", b"$\0\0\1"])
def test_garbage_takes_time_in_proportion_to_its_length(garbage):
    data = garbage * (400_000 // len(garbage))
    started_s = time.process_time()
    RtspReader().feed(data)
    assert time.process_time() - started_s < 3.0


beginnings = st.sampled_from(
    [b"$", b"$\0\0\5", b"RTSP/1.0 ", b"RTSP/", b"200 OK", b"\r\n", b"\r\n\r\n", b"\x80abcd"]
)


@given(st.lists(beginnings | st.binary(max_size=9)).map(b"".join), st.integers(1, 9))
def test_what_is_read_does_not_depend_on_the_pieces(data, size):
    at_once, in_pieces = RtspReader(), RtspReader()
    try:
        items = at_once.feed(data)
    except ProtocolError:
        with pytest.raises(ProtocolError):
            [in_pieces.feed(piece) for piece in chunks(data, size)]
        return
    assert [item for piece in chunks(data, size) for item in in_pieces.feed(piece)] == items
    assert in_pieces.skipped_bytes == at_once.skipped_bytes


@pytest.mark.parametrize(
    "line", ["", "SETUP", "SETUP rtsp://h/", "a b c d", " SETUP u v", "\v$\1 u v", "SÄTUP u v"]
)
def test_a_malformed_request_line_is_refused(line):
    with pytest.raises(ProtocolError, match="request line"):
        RequestReader().feed(f"{line}\r\n\r\n".encode())


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_bytes_are_survived(data, size):
    reader = RtspReader()
    try:
        for piece in chunks(data, size):
            reader.feed(piece)
    except ProtocolError:
        pass
