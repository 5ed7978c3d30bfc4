"""A small HTTP endpoint on this computer to switch faults and the like while the simulator runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.actions import ACTIONS, find_action
from psychopy_neon.simulator.companion import SimulatedNeon
from psychopy_neon.simulator.threaded_server import ThreadedServer

HOST = "127.0.0.1"
MAX_BODY_BYTES = 200_000
IDLE_TIMEOUT_S = 60.0
_LOCAL_NAMES = ("127.0.0.1", "localhost")


class ControlServer:
    """Lets other programs on this computer control a simulator; a context manager.

    ``GET /`` lists what there is, ``GET /truth`` counts what happened, ``GET /state`` tells what
    is on; ``POST /cut_link`` with ``{"seconds": 10}`` calls that method of `Faults` or
    `Controls`. Bad requests are answered 400 with one sentence, ``{"error": "..."}``.

    Parameters
    ----------
    neon : SimulatedNeon
        Close this server before it.
    port : int
        Port on 127.0.0.1; 0 takes a free one.

    Raises
    ------
    UsageError
        If the port is impossible or taken.
    """

    def __init__(self, neon: SimulatedNeon, port: int = 0) -> None:
        if not 0 <= port <= 65535:
            raise UsageError(f"the control port must be 0 to 65535, not {port}.")
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            raise UsageError(f"cannot listen on control port {port}: {error}.") from error
        self._server.neon = neon
        self._thread = threading.Thread(
            target=self._server.serve, name="neon-sim-control", daemon=True
        )

    @property
    def url(self) -> str:
        """``http://127.0.0.1:port``."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def start(self) -> ControlServer:
        """Begin to answer; returns at once, itself."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening and end all connections; blocks for 2 s a connection. Idempotent."""
        self._server.end(self._thread)

    def __enter__(self) -> ControlServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Server(ThreadedServer):
    thread_name = "neon-sim-control"
    neon: SimulatedNeon


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SimulatedNeonControl"
    sys_version = ""
    timeout = IDLE_TIMEOUT_S
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        self._answer(self._tell)

    def do_POST(self) -> None:
        self._answer(self._do)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Requests are not logged; the truth log has what matters."""

    def _answer(self, make: Callable[[bytes], dict[str, Any]]) -> None:
        try:
            self._refuse_web_pages()
            status, content = 200, make(self._read_body())
        except UsageError as error:
            status, content = 400, {"error": str(error)}
        body = json.dumps(content, indent=2).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _refuse_web_pages(self) -> None:
        # A page in this computer's browser can reach loopback; its browser says where it is from.
        host = self.headers.get("Host", "").rpartition(":")[0]
        if "Origin" in self.headers or host not in _LOCAL_NAMES:
            raise UsageError("web pages cannot control the simulator: use a program or curl.")

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdecimal()) or not int(length[:9]) <= MAX_BODY_BYTES:
            self.close_connection = True  # the unread body would be taken for a request
            raise UsageError(f"a request has at most {MAX_BODY_BYTES} bytes.")
        return self.rfile.read(int(length))

    def _tell(self, body: bytes) -> dict[str, Any]:
        pages = {"/": _listing, "/truth": _truth, "/state": _state}
        path = self.path.partition("?")[0]
        if path not in pages:
            raise UsageError(f"there is no page {path[:100]!r}; there are {', '.join(pages)}.")
        return pages[path](self.server.neon)

    def _do(self, body: bytes) -> dict[str, Any]:
        action = find_action(self.path.partition("?")[0].removeprefix("/"))
        arguments = _arguments(body)
        neon = self.server.neon
        action.read(arguments)
        action.check_glasses(neon, arguments)
        answer = action.perform(neon, arguments)
        return {"done": action.name, "answer": answer, "device_ns": neon.clock.now_ns()}


def _arguments(body: bytes) -> dict[str, Any]:
    try:
        arguments = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the request is no JSON: {error}.") from None
    if not isinstance(arguments, dict):
        raise UsageError('arguments must be an object such as {"seconds": 10}.')
    return arguments


def _listing(neon: SimulatedNeon) -> dict[str, Any]:
    actions = {
        name: {
            "does": action.does,
            "arguments": {key: argument.wanted for key, argument in action.arguments.items()},
            "needed": [key for key, argument in action.arguments.items() if argument.is_needed],
        }
        for name, action in ACTIONS.items()
    }
    return {
        "simulator": neon.url,
        "GET": {
            "/": "this list",
            "/truth": "how much of each kind happened so far",
            "/state": "which faults of streams are on, how the phone is, how video is made",
        },
        "POST /NAME": actions,
    }


def _truth(neon: SimulatedNeon) -> dict[str, Any]:
    return {
        "device_ns": neon.clock.now_ns(),
        **neon.truth.counts(),
        "late_gaze": neon.gaze.late,
    }


def _state(neon: SimulatedNeon) -> dict[str, Any]:
    return {
        "device_ns": neon.clock.now_ns(),
        "is_plugged_in": neon.state.is_plugged_in,
        "link_is_up": neon.faults.link_is_up,
        "gaze_bytes": neon.gaze.gaze_bytes,
        "is_worn": neon.gaze.worn,
        "scene_video": None if neon.scene is None else neon.scene.how,
        "late": neon.sensors.late,
        "streams": {
            stream.name: asdict(stream.faults)
            for streams in neon.sensors.streams.values()
            for stream in streams
        },
    }
