from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.h264 import (
    MAX_ACCESS_UNIT_PARTS,
    START_CODE,
    AccessUnitAssembler,
    Depacketizer,
    annex_b,
    packetize,
    split_annexb,
)
from psychopy_neon.protocol.rtp import RtpPacket


def packet(sequence_number: int, payload: bytes, *, marker=False, timestamp=0) -> RtpPacket:
    return RtpPacket(96, sequence_number % 2**16, timestamp, 1, payload, marker)


def test_golden_vectors(vectors):
    for vector in vectors("h264"):
        depacketizer, units = Depacketizer(), []
        for payload in vector["payloads_hex"]:
            units += depacketizer.push(bytes.fromhex(payload))
        assert annex_b(units).hex() == vector["expect"]["annexb_hex"], vector["name"]


def test_golden_vectors_of_loss(vectors):
    for vector in vectors("h264_loss"):
        assembler, done = AccessUnitAssembler(), []
        for p in vector["packets"]:
            payload = bytes.fromhex(p["payload_hex"])
            done += assembler.push(packet(p["sequence"], payload, marker=bool(p["marker"])))
        assert sum(unit.damaged for unit in done) == vector["expect"]["damaged_access_units"]
        for intact in vector["expect"]["intact_nals_hex"]:
            assert any(bytes.fromhex(intact) in unit.data for unit in done), vector["name"]


def test_aggregates_and_fragments_counted_by_hand():
    depacketizer = Depacketizer()
    assert depacketizer.push(b"\x18\0\2\x67s\0\3\x68pp") == [b"\x67s", b"\x68pp"]
    assert depacketizer.push(b"\x7c\x85ab") == []
    assert depacketizer.push(b"\x7c\x05cd") == []
    assert depacketizer.push(b"\x7c\x45e") == [b"\x65abcde"]
    assert depacketizer.push(b"\x41whole") == [b"\x41whole"]


def test_a_picture_is_complete_at_its_marker():
    assembler = AccessUnitAssembler()
    assert assembler.push(packet(1, b"\x67sps", timestamp=9, marker=True)) == []
    assert assembler.push(packet(2, b"\x68pps", timestamp=9, marker=True)) == []
    (unit,) = assembler.push(packet(3, b"\x65key", timestamp=9, marker=True))
    assert unit.data == annex_b([b"\x67sps", b"\x68pps", b"\x65key"])
    assert unit.is_key and not unit.damaged and unit.timestamp == 9


def test_a_picture_without_marker_is_complete_when_the_next_begins():
    assembler = AccessUnitAssembler()
    assert assembler.push(packet(1, b"\x41one", timestamp=1)) == []
    (unit,) = assembler.push(packet(2, b"\x41two", timestamp=2))
    assert unit.data == annex_b([b"\x41one"])


def test_a_lost_packet_marks_only_the_picture_it_falls_into():
    assembler, done = AccessUnitAssembler(), []
    for number, damaged_here in ((1, False), (3, True), (4, False)):
        units = assembler.push(packet(number, b"\x41x", timestamp=number, marker=True))
        assert [u.damaged for u in units] == [damaged_here]
        done += units
    assert len(done) == 3


@pytest.mark.parametrize(
    ("payload", "last", "damaged"),
    [
        (b"\x41\x80first", b"\x41\x40rest", False),
        (b"\x41\x40later", b"\x41\x40rest", True),
        (b"\x7c\x85\x80fragment", b"\x7c\x45end", False),
        (b"\x7c\x85\x40fragment", b"\x7c\x45end", True),
        (b"\x67sps", b"\x65\x80key", False),
        (b"\x06sei", b"\x65\x80key", False),
        (b"\x09delimiter", b"\x65\x80key", False),
        (b"\x18\0\2\x67s\0\2\x68p", b"\x65\x80key", False),
        (b"\x18\0\2\x06s", b"\x65\x80key", False),
        (b"\x18\0\2\x41\x80", b"\x41\x40rest", True),
    ],
)
def test_a_picture_after_a_gap_is_good_if_surely_nothing_of_it_is_missing(payload, last, damaged):
    assembler = AccessUnitAssembler()
    assert assembler.push(packet(1, b"\x41\x80begun", timestamp=1)) == []
    (before,) = assembler.push(packet(3, payload, timestamp=2))
    (after,) = assembler.push(packet(4, last, timestamp=2, marker=True))
    assert (before.damaged, after.damaged) == (True, damaged)


def test_late_and_repeated_packets_are_left_out():
    assembler = AccessUnitAssembler()
    (first,) = assembler.push(packet(5, b"\x41x", timestamp=1, marker=True))
    assert not first.damaged
    assert assembler.push(packet(5, b"\x41x", timestamp=1, marker=True)) == []
    assert assembler.push(packet(4, b"\x41x", timestamp=0, marker=True)) == []


@given(st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=6), st.integers(20, 120))
def test_packets_of_any_size_give_the_picture_back(bodies, max_payload):
    units = [b"\x41" + body for body in bodies]
    payloads = [p for unit in units for p in packetize(unit, max_payload)]
    assert all(len(p) <= max_payload for p in payloads)
    assembler, done = AccessUnitAssembler(), []
    for number, payload in enumerate(payloads):
        done += assembler.push(packet(number, payload, marker=number == len(payloads) - 1))
    assert [(u.data, u.damaged) for u in done] == [(annex_b(units), False)]


@given(st.lists(st.binary(max_size=30), max_size=30))
def test_any_payloads_are_survived(payloads):
    assembler = AccessUnitAssembler()
    for number, payload in enumerate(payloads):
        assembler.push(packet(number, payload, marker=number % 3 == 0, timestamp=number // 4))


def test_what_comes_before_a_picture_that_never_comes_is_not_kept_for_ever():
    assembler = AccessUnitAssembler()
    for number in range(3 * MAX_ACCESS_UNIT_PARTS):
        assert assembler.push(packet(number, b"\x06sei", timestamp=number, marker=True)) == []
    last = 3 * MAX_ACCESS_UNIT_PARTS
    (unit,) = assembler.push(packet(last, b"\x65key", timestamp=last, marker=True))
    assert unit.data.count(START_CODE) <= MAX_ACCESS_UNIT_PARTS + 1
    assert unit.damaged


def test_a_picture_of_countless_parts_is_cut_and_damaged():
    assembler, done = AccessUnitAssembler(), []
    aggregate = b"\x18" + b"\0\1\x41" * 400
    for number in range(10):
        done += assembler.push(packet(number, aggregate, timestamp=1))
    assert [unit.damaged for unit in done] == [True] * 3
    assert all(unit.data.count(START_CODE) == 1_200 for unit in done)


@pytest.mark.parametrize("payload", [b"", b"\x7c", b"\x7c\x05x", b"\x18\x00\x09ab", b"\x1ex"])
def test_malformed_payloads_are_refused(payload):
    with pytest.raises(ProtocolError):
        Depacketizer().push(payload)


def test_byte_stream_is_split_at_start_codes_of_both_lengths():
    assert split_annexb(b"\0\0\0\1ab\0\0\1cd\0\0\0\1e") == [b"ab", b"cd", b"e"]
