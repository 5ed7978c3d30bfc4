"""The phone's REST calls: path and body in, status and JSON out (reference, section 2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from psychopy_neon.simulator.camera_control import CameraControl
from psychopy_neon.simulator.model import NEON, Model
from psychopy_neon.simulator.refusal import RefusalError
from psychopy_neon.simulator.state import PhoneState

JSON_TYPE = "application/json"
_PAGE = b"<!doctype html><title>Simulated Neon</title><p>This is a simulated Neon Companion.\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE


@dataclass(frozen=True, slots=True)
class _Result:
    message: str
    result: Any


class RestApi:
    """Answers requests from the state; knows nothing of sockets.

    Parameters
    ----------
    state : PhoneState
    calibration : bytes
        The module's 803 bytes.
    camera : CameraControl
    glasses : Model
        Says which parts of the API there are.
    """

    def __init__(
        self, state: PhoneState, calibration: bytes, camera: CameraControl, glasses: Model = NEON
    ) -> None:
        self._glasses = glasses
        self._state = state
        self._calibration = calibration
        self._camera = camera
        self._calls: dict[tuple[str, str], Callable[[Any], _Result]] = {
            ("GET", "/api/status"): self._status,
            ("POST", "/api/recording:start"): self._start,
            ("POST", "/api/recording:stop_and_save"): self._stop,
            ("POST", "/api/recording:cancel"): self._cancel,
            ("POST", "/api/event"): self._event,
        }
        if glasses.has_template:
            self._calls |= {
                ("GET", "/api/template_def"): lambda _: _success(state.template()),
                ("GET", "/api/template_data"): lambda _: _success(state.answers()),
                ("POST", "/api/template_data"): lambda body: _success(state.store_answers(body)),
            }

    def handle(self, method: str, target: str, body: bytes) -> Reply:
        """Answer one request; refusals and bad requests become error replies."""
        try:
            path, query = urlsplit(target).path, urlsplit(target).query
        except ValueError as error:
            return _json_reply(400, f"Address is not understood: {error}", None)
        if method == "GET" and path == "/calibration.bin" and self._glasses.has_calibration:
            if not self._state.is_plugged_in:
                return _json_reply(404, "No glasses are plugged in", None)
            return Reply(200, self._calibration, "application/octet-stream")
        if method == "GET" and path == "/":
            return Reply(200, _PAGE, "text/html; charset=utf-8")
        try:
            if path == "/api/camera_control" and self._glasses.has_camera_control:
                result = self._control_camera(method, query)
            else:
                result = self._find(method, path)(_decode(body))
        except RefusalError as refusal:
            return _json_reply(refusal.status, refusal.message, None)
        return _json_reply(200, result.message, result.result)

    def _find(self, method: str, path: str) -> Callable[[Any], _Result]:
        call = self._calls.get((method, path))
        if call is None:
            raise RefusalError(404, f"{method} {path} does not exist")
        return call

    def _control_camera(self, method: str, query: str) -> _Result:
        try:
            controls = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=20))
        except ValueError as error:
            raise RefusalError(400, f"Query is not understood: {error}") from error
        if method == "GET":
            return _success(self._camera.get(controls))
        self._camera.set(controls)
        return _success(None)

    def _status(self, _: Any) -> _Result:
        return _success([component.to_json() for component in self._state.components()])

    def _start(self, _: Any) -> _Result:
        return _Result("Started recording", {"id": self._state.start_recording()})

    def _stop(self, _: Any) -> _Result:
        self._state.stop_and_save_recording()
        return _Result("Stopped recording", None)

    def _cancel(self, _: Any) -> _Result:
        self._state.cancel_recording()
        return _Result("Stopped recording", None)

    def _event(self, body: Any) -> _Result:
        if not isinstance(body, dict):
            raise RefusalError(400, "Event must be a JSON object")
        stored = self._state.store_event(body.get("name"), body.get("timestamp"))
        # The phone does not repeat the name here, only in the status push.
        return _success({"timestamp": stored.timestamp, "recording_id": stored.recording_id})


def _success(result: Any) -> _Result:
    return _Result("Success", result)


def _decode(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, f"Body is not JSON: {error}") from error


def _json_reply(status: int, message: str, result: Any) -> Reply:
    return Reply(status, json.dumps({"message": message, "result": result}).encode())
