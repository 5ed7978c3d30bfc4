from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.rtp import RtpPacket, SequenceCounter, is_rtcp

packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence_number=st.integers(0, 2**16 - 1),
    timestamp=st.integers(0, 2**32 - 1),
    ssrc=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=50),
    marker=st.booleans(),
)


def test_golden_vectors(vectors):
    for vector in vectors("rtp"):
        packet, expect = RtpPacket.parse(bytes.fromhex(vector["hex"])), vector["expect"]
        assert packet.payload.hex() == expect["payload_hex"], vector["name"]
        assert packet.marker == bool(expect["marker"])
        assert packet.payload_type == expect["payload_type"]
        assert packet.sequence_number == expect["sequence"]
        assert packet.timestamp == expect["timestamp"]
        assert packet.ssrc == expect["ssrc"]


def test_bad_vectors_are_refused(vectors):
    for vector in vectors("rtp_bad"):
        data = bytes.fromhex(vector["hex"])
        if vector["expect"].get("deliver") is False:
            with pytest.raises(ProtocolError):
                RtpPacket.parse(data)
        else:
            with contextlib.suppress(ProtocolError):
                RtpPacket.parse(data)


@given(packets)
def test_round_trip(packet):
    assert RtpPacket.parse(packet.pack()) == packet


@given(st.binary(max_size=80))
def test_any_bytes_give_a_packet_or_a_protocol_error(data):
    with contextlib.suppress(ProtocolError):
        RtpPacket.parse(data)


def with_header(flags: int, rest: bytes) -> bytes:
    return bytes([flags, 99]) + bytes(10) + rest


@pytest.mark.parametrize(
    ("flags", "rest", "payload"),
    [
        (0x81, b"csrcgaze", b"gaze"),
        (0x90, b"\xbe\xde\0\2extenderrest", b"rest"),
        (0x90, b"\xbe\xde\0\0", b""),
        (0xA0, b"gaze\0\0\3", b"gaze"),
        (0xA0, b"\0\0\3", b""),
        (0xB2, b"src1src2\xbe\xde\0\1wordgaze\1", b"gaze"),
    ],
)
def test_sources_extension_and_padding_are_no_payload(flags, rest, payload):
    assert RtpPacket.parse(with_header(flags, rest)).payload == payload


@pytest.mark.parametrize(
    ("flags", "rest"),
    [(0x81, b"csr"), (0x90, b"\xbe\xde\0"), (0x90, b"\0\0\0\1wor"), (0xA0, b"\0\4"), (0xA0, b"\0")],
)
def test_a_header_that_claims_more_than_there_is_is_refused(flags, rest):
    with pytest.raises(ProtocolError):
        RtpPacket.parse(with_header(flags, rest))


def test_rtcp_is_told_from_rtp():
    assert is_rtcp(bytes([0x80, 200, 0, 6]))
    assert [is_rtcp(bytes([0x80, kind])) for kind in (191, 192, 223, 224)] == [0, 1, 1, 0]
    assert not is_rtcp(b"\x80")
    assert not is_rtcp(RtpPacket(99, 1, 2, 3, b"", marker=True).pack())


def test_loss_is_counted_across_the_wrap():
    counter = SequenceCounter()
    for number in (65534, 65535, 1, 2):
        counter.push(number)
    assert (counter.received, counter.lost) == (4, 1)


def test_a_late_packet_is_not_lost():
    counter = SequenceCounter()
    assert [counter.push(n) for n in (10, 12, 11, 13)] == [10, 12, 11, 13]
    assert counter.lost == 0


@given(st.integers(0, 2**16 - 1), st.lists(st.integers(1, 100), max_size=50))
def test_lost_is_the_number_of_gaps(start, steps):
    counter, number = SequenceCounter(), start
    counter.push(number)
    for step in steps:
        number += step
        counter.push(number % 2**16)
    assert counter.lost == sum(steps) - len(steps)
