from __future__ import annotations

import json

import pytest

from psychopy_neon.exceptions import DeviceError, ProtocolError
from psychopy_neon.protocol import rest


def test_an_event_carries_its_time_as_an_integer():
    call = rest.post_event("go", 1_760_000_000_123_456_789)
    assert json.dumps(call.body) == '{"name": "go", "timestamp": 1760000000123456789}'
    assert rest.post_event("go", None).body == {"name": "go"}


@pytest.mark.parametrize(
    ("call", "method", "path"),
    [
        (rest.GET_STATUS, "GET", "/api/status"),
        (rest.START_RECORDING, "POST", "/api/recording:start"),
        (rest.STOP_AND_SAVE_RECORDING, "POST", "/api/recording:stop_and_save"),
        (rest.CANCEL_RECORDING, "POST", "/api/recording:cancel"),
        (rest.GET_TEMPLATE, "GET", "/api/template_def"),
        (rest.GET_TEMPLATE_DATA, "GET", "/api/template_data"),
    ],
)
def test_calls_are_spelled_as_the_phone_expects(call, method, path):
    assert call == rest.Call(method, path, None)


def test_calls_with_a_body_are_spelled_as_the_phone_expects():
    answers = {"q": ["a"]}
    assert rest.post_event("go", 7) == rest.Call(
        "POST", "/api/event", {"name": "go", "timestamp": 7}
    )
    assert rest.post_template_data(answers) == rest.Call("POST", "/api/template_data", answers)


def test_the_result_of_a_success_is_returned():
    assert rest.parse_reply(200, b'{"message": "Success", "result": [1]}') == [1]
    assert rest.parse_reply(200, b'{"message": "Stopped recording", "result": null}') is None


def test_a_refusal_carries_the_phones_words():
    with pytest.raises(DeviceError, match="battery") as caught:
        rest.parse_reply(500, b'{"message": "battery too low", "result": null}')
    assert str(caught.value) == "the phone refused the request (HTTP 500): battery too low"
    assert (caught.value.status, caught.value.message) == (500, "battery too low")


def test_a_refusal_of_several_lines_is_told_in_one():
    body = json.dumps({"message": "Battery low.\n\tCharge it\x1b[2J", "result": None}).encode()
    with pytest.raises(DeviceError, match=r"Battery low\. Charge it\ufffd\[2J$"):
        rest.parse_reply(500, body)


def test_only_the_beginning_of_an_endless_refusal_is_told():
    with pytest.raises(DeviceError) as caught:
        rest.parse_reply(400, json.dumps({"message": "x" * 100_000}).encode())
    assert caught.value.message == "x" * 500


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
    assert rest.parse_event_reply({"timestamp": 5, "recording_id": ""}).recording_id is None
    assert rest.parse_event_reply({"timestamp": 2**63 - 1}).device_ns == 2**63 - 1
    assert rest.parse_event_reply({"timestamp": 5, "recording_id": ["a"]}).recording_id is None
    for bad in (None, {}, {"timestamp": "5"}, {"timestamp": True}, {"timestamp": 2**63}):
        with pytest.raises(ProtocolError):
            rest.parse_event_reply(bad)


def test_recording_ids():
    assert rest.parse_recording_id({"id": "abc"}) == "abc"
    with pytest.raises(ProtocolError):
        rest.parse_recording_id(None)
