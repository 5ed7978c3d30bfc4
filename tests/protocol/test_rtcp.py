from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.rtcp import (
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


@given(st.integers(0, 2_000_000_000_000_000_000))
def test_ntp_time_is_exact_to_the_nanosecond(unix_ns):
    assert unix_ns_from_ntp(*ntp_from_unix_ns(unix_ns)) == unix_ns


def test_report_and_bye_survive_a_round_trip():
    report = SenderReport(5, 1_760_000_000_123_456_789, 2**32 - 1, 7, 8)
    compound = parse_rtcp(report.pack() + pack_bye(5))
    assert compound.sender_reports == (report,)
    assert compound.bye


@given(st.binary(max_size=80))
def test_any_bytes_give_reports_or_a_protocol_error(data):
    with contextlib.suppress(ProtocolError):
        parse_rtcp(data)
