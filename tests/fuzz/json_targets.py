"""Replies of the REST service, and the messages of the status WebSocket."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from json_values import pack_value, parse_value
from oracle import Target, check, check_size, weight

from psychopy_neon.exceptions import DeviceError, InvalidAnswersError, ProtocolError
from psychopy_neon.protocol import camera_control, rest
from psychopy_neon.protocol.answers import parse_answers
from psychopy_neon.protocol.status import (
    MAX_COMPONENTS,
    Hardware,
    Phone,
    Recording,
    Sensor,
    Status,
    StoredEvent,
    parse_component,
    parse_status,
)
from psychopy_neon.protocol.template import Template, parse_template
from psychopy_neon.transport.rtsp import _port_and_query
from psychopy_neon.transport.status_feed import _decode as decode_message

MAX_NS = 2**63


# -- status ---------------------------------------------------------------------------------------

COMPONENTS = (
    Phone("192.0.2.1", "00ff00ff00ff00ff", "lab-neon-3", 71, "OK", 10**10, "OK", 12_321),
    Hardware("2.0", "654321", "Is this thing on", "-1", "-1"),
    Hardware(),
    Sensor("gaze", "DIRECT", True, "192.0.2.1", 8_086, "camera=gaze"),
    Recording("9b2d1c4e-0000-4000-8000-0123456789ab", "START", "", 123),
    StoredEvent("stimulus", 1_700_000_000_123_456_789, None),
)


def _status(data: bytes) -> None:
    """The first byte says what the rest is: the whole status, or one message in either form."""
    if data[:1] < b"\x80":
        value = parse_value(data[1:])
        status = parse_status(value)
        check_size(status, value)
        _check_status(status)
        check(_again(status) == status, "a status changed by packing and parsing")
    elif data[:1] < b"\xc0":
        _check_pushed(parse_value(data[1:]), 3 if data[:1] < b"\xbc" else MAX_COMPONENTS + 2)
    else:
        for message in (data[1:], data[1:].decode("utf-8", "replace")):
            check_size(decode_message(message), data)


def _check_pushed(message: object, times: int) -> None:
    """Push one message, each time with another sensor in it."""
    component = parse_component(message)
    check_size(component, message)
    status = Status()
    for number in range(times):
        if isinstance(component, Sensor):
            component = Sensor(component.sensor, str(number))
        status = status.updated(component)
    _check_status(status)


def _check_status(status: Status) -> None:
    check(len(status.sensors) <= MAX_COMPONENTS, "more sensors than any phone has")
    status.sensor("gaze")
    if status.recording is not None:
        check(isinstance(status.recording.is_running, bool), "no answer")
    for sensor in status.sensors.values():
        _check_url(sensor)


def _check_url(sensor: Sensor) -> None:
    try:
        port, query = _port_and_query(sensor.url or "")
    except ProtocolError:
        return
    check(0 <= port < 100_000 and "\n" not in query, "a URL that cannot be sent")


def _again(status: Status) -> Status:
    parts = (status.phone, status.hardware, status.recording, *status.sensors.values())
    return parse_status([part.to_json() for part in parts if part is not None])


def _status_seeds() -> list[bytes]:
    parts = [component.to_json() for component in COMPONENTS]
    texts = [*map(json.dumps, parts), '{"model": "Event", "data": {"name": "\\ud83d"}}']
    return [
        b"\0" + pack_value(parts),
        *(b"\x80" + pack_value(part) for part in parts),
        *(b"\xbf" + pack_value(part) for part in parts),
        *(b"\xff" + text.encode() for text in texts),
    ]


# -- REST -----------------------------------------------------------------------------------------


def _rest(data: bytes) -> None:
    """The first byte is the HTTP status; 255 stands for a result that is not written as text."""
    if data[:1] == b"\xff":
        _parse_all(parse_value(data[1:]))
        return
    status, body = (200 if data[:1] < b"\x80" else 400), data[1:]
    result = rest.parse_reply(status, body)
    check_size(result, body)
    _check_encodable(result)
    _parse_all(result)


def _parse_all(result: object) -> None:
    """All that a result could be the reply to."""
    parsers: tuple[Callable[[object], object], ...] = (
        rest.parse_event_reply, rest.parse_recording_id, parse_status, parse_template,
        parse_answers, camera_control.parse_choice, camera_control.parse_range,
    )  # fmt: skip
    for parse in parsers:
        try:
            parsed = parse(result)
        except ProtocolError:
            continue
        check_size(parsed, result)
        if isinstance(parsed, rest.EventReply):
            check(-MAX_NS <= parsed.device_ns < MAX_NS, "a time that is not a 64-bit one")


def _check_encodable(result: object) -> None:
    json.dumps(result, ensure_ascii=False).encode("utf-8")


def _rest_seeds() -> list[bytes]:
    results = (
        None,
        {"id": "9b2d1c4e-0000-4000-8000-0123456789ab"},
        {"timestamp": 1_700_000_000_123_456_789, "recording_id": None},
        [component.to_json() for component in COMPONENTS],
        _TEMPLATE,
        {"q1": ["42"], "q2": []},
        _CHOICE,
        _RANGE,
    )
    bodies = [json.dumps({"message": "Success \\ud83d\ude00", "result": r}) for r in results]
    refusals = [b"\x90" + bodies[0].encode(), b"\x90<html>"]
    values = [b"\xff" + pack_value(result) for result in results]
    return [*(b"\0" + body.encode() for body in bodies), *refusals, *values]


# -- camera control -------------------------------------------------------------------------------

_CHOICE = {
    **{"control_name": "ae_mode", "value_type": "x", "current_value": "auto"},
    "allowed_values": ["auto", "manual"],
}
_RANGE = {
    **{"control_name": "man_exp", "value_type": "x", "current_value": 50},
    **{"value_min": 1, "value_max": 1000},
}


def _camera(data: bytes) -> None:
    value = parse_value(data)
    accepted = 0
    for name in ("ae_mode", "gain"):
        try:
            control = camera_control.parse_control(name, value)
        except ProtocolError:
            continue
        accepted += 1
        check_size(control, value)
        for setting in (None, "auto", 50):
            check(len(control.fault(setting)) <= 1_000 + 20 * weight(value), "an endless sentence")
    if not accepted:
        raise ProtocolError("refused")


def _camera_seeds() -> list[bytes]:
    return [pack_value(_CHOICE), pack_value(_RANGE)]


# -- template -------------------------------------------------------------------------------------

_ITEMS: list[dict[str, Any]] = [
    {"id": "q1", "title": "Age", "input_type": "integer", "required": True},
    {"id": "q2", "title": "Weight", "input_type": "float", "widget_type": "TEXT"},
    {"id": "q3", "widget_type": "CHECKBOX_LIST", "choices": ["any", "auto", "OK"]},
    {"id": "id", "widget_type": "RADIO_LIST", "choices": ["any", "auto"], "required": True},
    {"id": "name", "widget_type": "PAGE_BREAK", "choices": None},
]
_TEMPLATE: dict[str, Any] = {
    **{"id": "id", "name": "T", "items": _ITEMS, "recording_name_format": ["name"]},
    **{"is_default_template": True, "created_at": "2026", "label_ids": []},
}


def _template(data: bytes) -> None:
    """A list of a template and answers to it."""
    value = parse_value(data)
    if not isinstance(value, list) or len(value) != 2:
        raise ProtocolError("refused")
    template, wire = parse_template(value[0]), parse_answers(value[1])
    check_size([template, wire], value)
    check(all(answer and all(isinstance(t, str) for t in answer) for answer in wire.values()), "[]")
    _check_template(template, wire)


def _check_template(template: Template, wire: dict[str, list[str]]) -> None:
    natural = template.decode(wire)
    merged = template.merged(wire, {})
    check(set(natural) == set(merged), "questions and answers differ")
    template.unanswered(merged)
    for refuse in (lambda: template.check_complete(merged), lambda: template.encode(natural)):
        try:
            refuse()
        except InvalidAnswersError as error:
            str(error)


def _template_seeds() -> list[bytes]:
    answers = {"q1": ["42"], "q2": ["-1.5"], "q3": ["any", "auto"], "id": [""], "name": [1.5, 7]}
    endless = {"q2": "1" * 200}
    return [pack_value([_TEMPLATE, answers]), pack_value([[_TEMPLATE], endless])]


TARGETS = {
    "status": Target(_status, _status_seeds),
    "rest": Target(_rest, _rest_seeds, (ProtocolError, DeviceError)),
    "camera_control": Target(_camera, _camera_seeds),
    "template": Target(_template, _template_seeds),
}
