from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.aac import AudioConfig, parse_access_units, parse_audio_config


def test_golden_vectors(vectors):
    for vector in vectors("aac"):
        data, expect = bytes.fromhex(vector["hex"]), vector["expect"]
        if "frames_hex" in expect:
            assert [f.hex() for f in parse_access_units(data)] == expect["frames_hex"]
        else:
            config = parse_audio_config(data)
            assert config.object_type == expect["object_type"]
            assert config.sampling_rate_hz == expect["sampling_rate"]
            assert config.channels == expect["channels"]


def test_frames_counted_by_hand():
    payload = b"\0\x20" + (3 << 3).to_bytes(2, "big") + (2 << 3).to_bytes(2, "big") + b"abcde"
    assert parse_access_units(payload) == [b"abc", b"de"]
    assert parse_access_units(payload[:-1]) == [b"abc"]
    assert parse_access_units(b"\0\x10\0\0") == []
    with pytest.raises(ProtocolError):
        parse_access_units(payload[:5])


RATES_HZ = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000]


@pytest.mark.parametrize(
    ("index", "rate_hz"), list(enumerate([*RATES_HZ, 11_025, 8_000, 7_350])), ids=str
)
def test_all_rates_of_the_standard_are_known(index, rate_hz):
    config = parse_audio_config((2 << 11 | index << 7 | 1 << 3).to_bytes(2, "big"))
    assert config == AudioConfig(2, rate_hz, 1)


@given(st.binary(max_size=60))
def test_any_bytes_give_frames_or_a_protocol_error(payload):
    with contextlib.suppress(ProtocolError):
        assert sum(map(len, parse_access_units(payload))) <= len(payload)


@pytest.mark.parametrize("config", [b"", b"\x15", b"\xff\xff", b"\x16\x88"])
def test_a_config_without_a_known_rate_is_refused(config):
    with pytest.raises(ProtocolError):
        parse_audio_config(config)
