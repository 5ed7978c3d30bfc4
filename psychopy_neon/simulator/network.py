"""The network between the simulated phone and its clients: it may be cut, and it may delay."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

MAX_DELAYED = 20_000
POLL_S = 0.02


class Network:
    """A link that is up unless it was cut, and a line of packets that are late."""

    def __init__(self) -> None:
        self._down_until = 0.0
        self._closed = False
        self._late: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def is_up(self) -> bool:
        """Whether anything gets through."""
        return time.monotonic() >= self._down_until

    def cut(self, seconds: float) -> None:
        """Let nothing through for so long. Connections stay open, as when Wi-Fi is out of reach."""
        self._down_until = time.monotonic() + seconds

    def restore(self) -> None:
        """End a cut before its time."""
        self._down_until = 0.0

    def wait_until_up(self) -> None:
        """Block while the link is cut, at most until `close`."""
        while not self.is_up and not self._closed:
            time.sleep(POLL_S)

    def at(self, moment_s: float, action: Callable[[], None]) -> None:
        """Call `action` at a moment of ``time.monotonic()``, in a thread of the network's."""
        with self._changed:
            if self._closed or len(self._late) >= MAX_DELAYED:
                return
            heapq.heappush(self._late, (moment_s, next(self._numbers), action))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="neon-sim-delay", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Drop what is late, and end the thread and all waiting. Idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        while (action := self._next()) is not None:
            action()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._closed:
                wait_s = self._late[0][0] - time.monotonic() if self._late else None
                if wait_s is not None and wait_s <= 0:
                    return heapq.heappop(self._late)[2]
                self._changed.wait(wait_s)
            return None
