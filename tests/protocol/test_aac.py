from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.aac import parse_access_units, parse_audio_config


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


@given(st.binary(max_size=60))
def test_any_bytes_give_frames_or_a_protocol_error(payload):
    with contextlib.suppress(ProtocolError):
        assert sum(map(len, parse_access_units(payload))) <= len(payload)


@pytest.mark.parametrize("config", [b"", b"\x15", b"\xff\xff"])
def test_a_config_without_a_known_rate_is_refused(config):
    with pytest.raises(ProtocolError):
        parse_audio_config(config)
