from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol import time_echo

u64 = st.integers(0, 2**64 - 1)


def test_golden_vectors(vectors):
    for vector in vectors("time_echo"):
        request, reply = bytes.fromhex(vector["request_hex"]), bytes.fromhex(vector["reply_hex"])
        cookie = time_echo.parse_request(request)
        assert time_echo.pack_request(cookie) == request
        assert time_echo.parse_reply(reply, cookie) == vector["expect"]["host_ms"]


def test_bad_vectors(vectors):
    for vector in vectors("time_echo_bad"):
        cookie = time_echo.parse_request(bytes.fromhex(vector["request_hex"]))
        first = bytes.fromhex(vector["reply_hex"])[: time_echo.REPLY_BYTES]
        if vector["expect"]["first_16_bytes_valid"]:
            time_echo.parse_reply(first, cookie)
        else:
            with pytest.raises(ProtocolError):
                time_echo.parse_reply(first, cookie)


def test_bytes_counted_by_hand():
    assert time_echo.pack_request(1) == b"\0\0\0\0\0\0\0\1"
    assert time_echo.parse_reply(b"\0\0\0\0\0\0\0\1" + b"\0\0\0\0\0\0\2\3", 1) == 0x203
    with pytest.raises(ProtocolError, match="another request"):
        time_echo.parse_reply(bytes(16), 1)


@given(u64, u64)
def test_round_trip(cookie, device_ms):
    assert time_echo.parse_request(time_echo.pack_request(cookie)) == cookie
    assert time_echo.parse_reply(time_echo.pack_reply(cookie, device_ms), cookie) == device_ms


@given(st.binary(max_size=40).filter(lambda d: len(d) != 16))
def test_other_lengths_are_refused(data):
    with pytest.raises(ProtocolError):
        time_echo.parse_reply(data, 0)
    if len(data) != 8:
        with pytest.raises(ProtocolError):
            time_echo.parse_request(data)
