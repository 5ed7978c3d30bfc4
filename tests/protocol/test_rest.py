from __future__ import annotations

import json

import pytest

from psychopy_neon.exceptions import DeviceError, ProtocolError
from psychopy_neon.protocol import rest


def test_an_event_carries_its_time_as_an_integer():
    call = rest.post_event("go", 1_760_000_000_123_456_789)
    assert json.dumps(call.body) == '{"name": "go", "timestamp": 1760000000123456789}'
    assert rest.post_event("go", None).body == {"name": "go"}


def test_the_result_of_a_success_is_returned():
    assert rest.parse_reply(200, b'{"message": "Success", "result": [1]}') == [1]
    assert rest.parse_reply(200, b'{"message": "Stopped recording", "result": null}') is None


def test_a_refusal_carries_the_phones_words():
    with pytest.raises(DeviceError, match="battery") as caught:
        rest.parse_reply(500, b'{"message": "battery too low", "result": null}')
    assert str(caught.value) == "the phone refused the request (HTTP 500): battery too low"
    assert (caught.value.status, caught.value.message) == (500, "battery too low")


NESTED = b'{"message": "x", "result": ' + b"[" * 100_000


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[]", b'{"message": [1]}', NESTED])
def test_a_refusal_without_json_is_still_a_refusal(body):
    with pytest.raises(DeviceError):
        rest.parse_reply(400, body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message": "x"}', b"\xff", NESTED])
def test_a_success_without_the_envelope_is_refused(body):
    with pytest.raises(ProtocolError):
        rest.parse_reply(200, body)


def test_event_replies():
    assert rest.parse_event_reply({"timestamp": 5, "recording_id": "a"}) == rest.EventReply(5, "a")
    assert rest.parse_event_reply({"timestamp": 5, "recording_id": None}).recording_id is None
    assert rest.parse_event_reply({"timestamp": 5, "recording_id": ["a"]}).recording_id is None
    for bad in (None, {}, {"timestamp": "5"}, {"timestamp": True}, {"timestamp": 2**63}):
        with pytest.raises(ProtocolError):
            rest.parse_event_reply(bad)


def test_recording_ids():
    assert rest.parse_recording_id({"id": "abc"}) == "abc"
    with pytest.raises(ProtocolError):
        rest.parse_recording_id(None)
