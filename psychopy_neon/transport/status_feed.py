"""The phone's status WebSocket, kept open by one thread (reference, section 3)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from ..exceptions import ProtocolError
from ..protocol.rest import MAX_REPLY_BYTES, STATUS_PATH
from ..protocol.status import Component, parse_component
from .backoff import Backoff
from .http import bracketed
from .worker import Worker

OPEN_TIMEOUT_S = 3.0
POLL_S = 0.25
# A phone that left the network does not say goodbye: notice it within about six seconds.
PING_INTERVAL_S, PING_TIMEOUT_S = 3.0, 3.0


class StatusFeed:
    """Delivers status components as the phone sends them, and reconnects for ever.

    Parameters
    ----------
    host, port : str, int
    on_component : callable
        Called in the thread ``neon-status`` with each component.
    on_link : callable
        Called in the same thread when the connection opens (None) or is lost (the reason).
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_component: Callable[[Component], None],
        on_link: Callable[[str | None], None],
    ) -> None:
        self._url = f"ws://{bracketed(host)}:{port}{STATUS_PATH}"
        self._on_component = on_component
        self._on_link = on_link
        self._worker = Worker("neon-status", self._run)

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def close(self, timeout_s: float) -> None:
        """Stop the thread and wait for it."""
        self._worker.stop()
        self._worker.join(timeout_s)

    def _run(self, stopping: threading.Event) -> None:
        backoff = Backoff()
        lost = False
        while not stopping.is_set():
            try:
                with connect(
                    self._url,
                    open_timeout=OPEN_TIMEOUT_S,
                    close_timeout=0.5,
                    ping_interval=PING_INTERVAL_S,
                    ping_timeout=PING_TIMEOUT_S,
                    max_size=MAX_REPLY_BYTES,
                    proxy=None,
                ) as link:
                    self._on_link(None)
                    backoff.reset()
                    lost = False
                    self._receive(link, stopping)
            except (OSError, WebSocketException, ProtocolError) as error:
                if not lost and not stopping.is_set():  # one report for each loss, not each retry
                    self._on_link(str(error) or type(error).__name__)
                lost = True
            stopping.wait(backoff.next_delay_s())

    def _receive(self, link: ClientConnection, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                message = link.recv(timeout=POLL_S)
            except TimeoutError:
                continue
            component = _decode(message)
            if component is not None:
                self._on_component(component)


def _decode(message: str | bytes) -> Component | None:
    """One bad message costs one message."""
    try:
        return parse_component(json.loads(message))
    except (ValueError, ProtocolError):
        return None
