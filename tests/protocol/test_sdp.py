from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.sdp import (
    MAX_MEDIA,
    Media,
    choose_media,
    control_url,
    format_sdp,
    parse_sdp,
)


def test_golden_vectors(vectors):
    for vector in vectors("sdp"):
        medias = parse_sdp(vector["sdp"])
        assert len(medias) == len(vector["expect"]["medias"])
        for media, expect in zip(medias, vector["expect"]["medias"], strict=True):
            assert media.kind == expect["type"]
            assert media.payload_type == expect["payload_type"]
            assert media.encoding == expect["encoding"]
            assert media.clock_rate == expect["clock_rate"]
            assert media.control == expect["control"]
            if "sprop" in expect:
                assert [s.hex() for s in media.parameter_sets] == expect["sprop"]
            if "config" in expect:
                assert media.config.hex() == expect["config"]


def test_what_is_written_is_read_back():
    medias = (
        Media("audio", 97, "mpeg4-generic", 8000, "trackID=0", {"config": "1588"}),
        Media("video", 96, "H264", 90000, "trackID=1", {"packetization-mode": "1"}),
    )
    text = format_sdp(medias, origin_ip="192.0.2.1", connection_ip="192.0.2.2")
    assert parse_sdp(text) == medias
    assert choose_media(medias, "video") is medias[1]
    assert choose_media(medias, "application") is medias[0]


def test_sound_is_never_replaced_by_something_else():
    with pytest.raises(ProtocolError, match="microphone"):
        choose_media([Media("video", 96)], "audio")


@pytest.mark.parametrize(
    ("base", "control", "expected"),
    [
        ("rtsp://192.0.2.1:8086/", "trackID=1", "rtsp://192.0.2.1:8086/trackID=1"),
        ("rtsp://192.0.2.1:8086", "trackID=1", "rtsp://192.0.2.1:8086/trackID=1"),
        ("rtsp://192.0.2.1:8086/", None, "rtsp://192.0.2.1:8086/"),
        ("rtsp://192.0.2.1:8086/", "rtsp://192.0.2.9/x", "rtsp://192.0.2.9/x"),
    ],
)
def test_where_to_set_up(base, control, expected):
    assert control_url(base, Media("video", 96, control=control)) == expected


@pytest.mark.parametrize("control", ["//[", "//[::1"])
def test_a_control_that_is_no_url_is_refused(control):
    with pytest.raises(ProtocolError, match="no URL"):
        control_url("rtsp://192.0.2.1:8086/", Media("video", 96, control=control))


def test_parameters_that_are_not_ascii_are_left_out():
    text = "m=video 0 RTP/AVP 96\na=fmtp:96 sprop-parameter-sets=Z0Iü,Z0I=; config=1588ü\n"
    (media,) = parse_sdp(text)
    assert (media.parameter_sets, media.config) == ((b"gB",), b"")


def test_what_a_description_leaves_out_has_the_usual_value():
    (media,) = parse_sdp("m=video 0 RTP/AVP 96")
    assert media == Media("video", 96, "", 90_000, None, {})
    assert (media.parameter_sets, media.config) == ((), b"")


def test_loose_spelling_is_read():
    text = (
        "m=video 0 RTP/AVP 96\n"
        "a=rtpmap:96 H264/90000\n"
        "a=fmtp:96 a = 1 ; sprop-parameter-sets=Z0I= ;\n"
    )
    (media,) = parse_sdp(text)
    assert media.parameters["a"] == "1"
    assert media.parameter_sets == (b"gB",)


def test_the_highest_payload_type_and_the_most_media_are_read():
    (media,) = parse_sdp("m=video 0 RTP/AVP 127")
    assert media.payload_type == 127
    assert len(parse_sdp("m=video 0 RTP/AVP 96\n" * MAX_MEDIA)) == MAX_MEDIA


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m=video 0 RTP/AVP 128",
        "m=video 0 RTP/AVP 96\n" * (MAX_MEDIA + 1),
        "v=0\r\n",
        "m=video\r\n",
        "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/0",
        "m=video 0 RTP/AVP ²",
        "m=video 0 RTP/AVP 96\na=rtpmap:",
        "m=video 0 RTP/AVP 96\na=rtpmap: 96",
    ],
)
def test_descriptions_without_usable_media_are_refused(text):
    with pytest.raises(ProtocolError):
        parse_sdp(text)


@given(st.text(alphabet="vmao=:/ ;,96 rtpmapfmtp\n", max_size=200))
def test_any_text_gives_media_or_a_protocol_error(text):
    with contextlib.suppress(ProtocolError):
        parse_sdp("m=video 0 RTP/AVP 96\n" + text)
