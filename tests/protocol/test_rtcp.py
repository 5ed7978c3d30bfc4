from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.rtcp import (
    RtcpCompound,
    SenderReport,
    ntp_from_unix_ns,
    pack_bye,
    parse_rtcp,
    unix_ns_from_ntp,
)


def test_golden_vectors(vectors):
    for vector in vectors("rtcp"):
        compound, expect = parse_rtcp(bytes.fromhex(vector["hex"])), vector["expect"]
        assert compound.bye == expect["bye"], vector["name"]
        got = [
            (r.ssrc, r.device_ns, r.rtp_timestamp, r.packets, r.octets)
            for r in compound.sender_reports
        ]
        keys = ("ssrc", "unix_ns", "rtp_timestamp", "packets", "octets")
        assert got == [tuple(r[k] for k in keys) for r in expect["sender_reports"]]


def test_bad_vectors_are_survived(vectors):
    for vector in vectors("rtcp_bad"):
        with contextlib.suppress(ProtocolError):
            parse_rtcp(bytes.fromhex(vector["hex"]))


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_ntp_time_is_exact_to_the_nanosecond(unix_ns):
    seconds, fraction = ntp_from_unix_ns(unix_ns)
    assert unix_ns_from_ntp(seconds, fraction) == unix_ns
    assert 0 <= seconds < 2**32 and 0 <= fraction < 2**32


def test_ntp_seconds_begin_anew_in_2036():
    last_ns = 2_085_978_495_999_999_999
    assert ntp_from_unix_ns(last_ns) == (2**32 - 1, 2**32 - 4)
    assert ntp_from_unix_ns(last_ns + 1) == (0, 0)
    assert unix_ns_from_ntp(0, 0) == last_ns + 1


def test_report_and_bye_survive_a_round_trip():
    report = SenderReport(5, 1_760_000_000_123_456_789, 2**32 - 1, 7, 8)
    compound = parse_rtcp(report.pack() + pack_bye(5))
    assert compound.sender_reports == (report,)
    assert compound.bye


def test_headers_are_as_in_rfc_3550():
    report = SenderReport(5, 0, 0)
    assert report.pack()[:8] == b"\x80\xc8\0\6\0\0\0\5" and len(report.pack()) == 28
    assert pack_bye(5) == b"\x81\xcb\0\1\0\0\0\5"


def test_a_report_counted_by_hand():
    data = struct.pack("!BBH6I", 0x80, 200, 6, 5, 2_208_988_800 + 10, 1 << 31, 7, 8, 9)
    unknown, bye = struct.pack("!BBHI", 0x80, 210, 1, 9), struct.pack("!BBHI", 0x81, 203, 1, 5)
    expected = SenderReport(5, 10_500_000_000, 7, 8, 9)
    assert parse_rtcp(data) == RtcpCompound((expected,), False)
    assert parse_rtcp(unknown + data + bye) == RtcpCompound((expected,), True)
    with pytest.raises(ProtocolError, match="sender report is cut short"):
        parse_rtcp(struct.pack("!BBH5I", 0x80, 200, 5, 5, 6, 7, 8, 9))
    for damaged in (data[:-1], data + b"\x80", b"\x40" + data[1:], data[:3] + b"\5" + data[4:]):
        with pytest.raises(ProtocolError):
            parse_rtcp(damaged)


def test_counters_begin_anew_at_32_bits():
    packed = SenderReport(5, 0, 2**33 - 1, 2**33 - 1, 2**32 + 9).pack()
    (report,) = parse_rtcp(packed).sender_reports
    assert (report.rtp_timestamp, report.packets, report.octets) == (2**32 - 1, 2**32 - 1, 9)


@given(st.binary(max_size=80))
def test_any_bytes_give_reports_or_a_protocol_error(data):
    with contextlib.suppress(ProtocolError):
        parse_rtcp(data)
