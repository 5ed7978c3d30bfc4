"""REST calls as data: what to send, and what a reply means (reference, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psychopy_neon.exceptions import DeviceError, ProtocolError
from psychopy_neon.protocol.json_text import decode_json
from psychopy_neon.protocol.plain_text import plain

STATUS_PATH = "/api/status"
CALIBRATION_PATH = "/calibration.bin"
MAX_REPLY_BYTES = 1_000_000
MAX_EVENT_NAME_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the phone's REST API (reference, 2.1).

    Parameters
    ----------
    method : str
        "GET" or "POST".
    path : str
        With query, as ``"/api/status"``.
    body : dict, optional
        Sent as JSON.
    """

    method: str
    path: str
    body: dict[str, Any] | None = None


GET_STATUS = Call("GET", STATUS_PATH)
START_RECORDING = Call("POST", "/api/recording:start")
STOP_AND_SAVE_RECORDING = Call("POST", "/api/recording:stop_and_save")
CANCEL_RECORDING = Call("POST", "/api/recording:cancel")
GET_TEMPLATE = Call("GET", "/api/template_def")
GET_TEMPLATE_DATA = Call("GET", "/api/template_data")


def post_event(name: str, device_ns: int | None) -> Call:
    """An event; without a time the phone stamps it on arrival, in whole milliseconds."""
    body: dict[str, Any] = {"name": name}
    if device_ns is not None:
        body["timestamp"] = device_ns
    return Call("POST", "/api/event", body)


def post_template_data(answers: dict[str, list[str]]) -> Call:
    """Answers to the template, in wire form; see `psychopy_neon.protocol.answers`."""
    return Call("POST", "/api/template_data", answers)


@dataclass(frozen=True, slots=True)
class EventReply:
    """What the phone did with an event.

    Attributes
    ----------
    device_ns : int
        Time it stored, phone's Unix clock.
    recording_id : str or None
        Recording that took the event; None if none was running and the event was discarded.
    """

    device_ns: int
    recording_id: str | None


def parse_reply(status: int, body: bytes) -> Any:
    """Return the ``result`` of a JSON reply.

    Raises
    ------
    DeviceError
        If the HTTP status is not 200; its message is the phone's own, if it gave one.
    ProtocolError
        If the body of a 200 is not the JSON envelope.
    """
    if status != 200:
        raise DeviceError(status, _reason(body))
    envelope = decode_json(body)
    if not isinstance(envelope, dict) or "result" not in envelope:
        raise ProtocolError("the reply is not the JSON that a Companion phone sends")
    return envelope["result"]


def parse_event_reply(result: object) -> EventReply:
    """Decode the result of an event call."""
    if not isinstance(result, dict) or not _is_time(result.get("timestamp")):
        raise ProtocolError("the reply to an event carries no timestamp")
    recording_id = result.get("recording_id")
    is_text = isinstance(recording_id, str) and recording_id != ""
    return EventReply(result["timestamp"], recording_id if is_text else None)


def parse_recording_id(result: object) -> str:
    """Decode the result of a recording start."""
    if not isinstance(result, dict) or not isinstance(result.get("id"), str):
        raise ProtocolError("the reply to a recording start carries no id")
    return str(result["id"])


def _is_time(value: object) -> bool:
    """Whether it fits in 64 bits; a bool is an int, too, but no time."""
    return type(value) is int and abs(value) < 2**63


def _reason(body: bytes) -> str:
    """The phone's words, if it gave any."""
    try:
        envelope = decode_json(body)
    except ProtocolError:
        envelope = None
    message = envelope.get("message") if isinstance(envelope, dict) else None
    words = " ".join(message[:500].split()) if isinstance(message, str) else ""
    return plain(words) or "no reason given"
