from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.json_text import MAX_DIGITS, decode_json

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)


@given(values, st.booleans())
def test_what_json_writes_is_read(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert decode_json(text) == decode_json(text.encode()) == value


@pytest.mark.parametrize("text", [b"", b"<html>", b"\xff", b"[1", b'"\xed\xa0\xbd"'])
def test_other_bytes_are_refused(text):
    with pytest.raises(ProtocolError, match="not JSON"):
        decode_json(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_deep_nesting_is_refused(text):
    with pytest.raises(ProtocolError, match="nested too deeply"):
        decode_json(text)


def test_a_number_without_end_is_refused():
    assert decode_json("9" * MAX_DIGITS) == 10**MAX_DIGITS - 1
    with pytest.raises(ProtocolError):
        decode_json("9" * 900_000)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"lab \ud83d"', "lab �"),
        (r'"\ude00 lab"', "� lab"),
        (r'"\uD83D\uD83D\uDE00"', "�😀"),
        (r'"\\ud83d"', r"\ud83d"),
        (r'"\\\ud83d"', "\\�"),
        (r'{"\udfff": 1}', {"�": 1}),
    ],
)
def test_half_of_a_surrogate_pair_is_replaced(text, value):
    assert decode_json(text) == value
    json.dumps(decode_json(text), ensure_ascii=False).encode()
