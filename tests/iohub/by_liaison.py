"""An experiment that is run from outside, through PsychoPy's Liaison: calls over a WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from psychopy import liaison
from psychopy.session import Session, _queue
from websockets.sync.client import ClientConnection, connect

HOST = "localhost"
CALL_S, RUN_S = 20.0, 60.0
Message = dict[str, Any]


class Caller:
    """Calls methods of the Session from outside, and hears what it tells everybody."""

    def __init__(self, link: ClientConnection, heard: list[Message]) -> None:
        self._link, self._heard = link, heard

    def call(self, method: str, *arguments: Any) -> Any:
        """What the method returns."""
        call = {"object": "session", "method": method, "args": arguments, "messageId": method}
        self._link.send(json.dumps(call))
        return self.wait_for(CALL_S, messageId=method)["result"]

    def call_in_main_thread(self, method: str, *arguments: Any) -> None:
        """What has to do with windows is put into a queue, and told when it is done."""
        self.call(method, *arguments, False)
        self.wait_for(RUN_S, method=method)

    def wait_for(self, limit_s: float, **known: Any) -> Message:
        """The next message in which this stands."""
        while True:
            message = json.loads(self._link.recv(timeout=limit_s))
            self._heard.append(message)
            if message.get("type") == "error":
                raise RuntimeError(message["msg"])
            if all(message.get(key) == value for key, value in known.items()):
                return message


def call_from_outside(calls: Callable[[Caller], None]) -> tuple[Session, list[Message]]:
    """What ``python -m psychopy.session --host`` does, with somebody who makes these calls.

    That program does not start on Linux, where its server asks for signals outside of the main
    thread.
    """
    server, port = liaison.WebSocketServer(), _free_port()
    server.registerClass(Session, "session")
    heard: list[Message] = []

    def outside() -> None:
        try:
            with _connected(port) as link:
                calls(Caller(link, heard))
        finally:
            _queue.stop()

    threads = [
        threading.Thread(target=target, daemon=True)
        for target in (lambda: _serve(server, port), outside)
    ]
    for thread in threads:
        thread.start()
    _queue.start()  # works through the calls until it is stopped
    threads[1].join(CALL_S)
    return server._methods["session"][0], heard


def run_once(root: Path, script: str, name: str) -> Callable[[Caller], None]:
    """Calls that make a Session, and have it run an experiment."""

    def calls(caller: Caller) -> None:
        caller.call("init", str(root), str(root / "data"))
        caller.call("registerMethods")
        caller.call("start")
        caller.call("addExperiment", script, name)
        caller.call_in_main_thread("setupWindowFromExperiment", name, None)
        caller.call_in_main_thread("setupDevicesFromExperiment", name, None, None)
        caller.call_in_main_thread("runExperiment", name, None)
        caller.call("sendExperimentData", name)
        caller.wait_for(CALL_S, type="trials_data")

    return calls


def _serve(server: Any, port: int) -> None:
    loop = asyncio.new_event_loop()
    loop.add_signal_handler = lambda *_: None  # type: ignore[method-assign]
    server.loop = loop
    loop.run_until_complete(server.run(HOST, port))


@contextlib.contextmanager
def _connected(port: int) -> Iterator[ClientConnection]:
    pause = threading.Event()
    for _ in range(200):
        with contextlib.suppress(ConnectionRefusedError), connect(f"ws://{HOST}:{port}") as link:
            yield link
            return
        pause.wait(0.05)
    raise TimeoutError("Liaison did not answer.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
