"""Wakes a thread that waits for sockets, so that a server ends at once and not at its next look."""

from __future__ import annotations

import contextlib
import selectors
import socket
from types import TracebackType


class Bell:
    """Waits for one socket to become readable, or for somebody to ring.

    Parameters
    ----------
    listener : socket
        Stays its owner's.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._ear, self._button = socket.socketpair()
        self._button.setblocking(False)

    def ring(self) -> None:
        """End all waiting, now and from now on. Idempotent."""
        with contextlib.suppress(OSError):  # rung so often that it is full, or its thread is over
            self._button.send(b"\0")

    def waiting(self) -> Waiting:
        """What the waiting thread uses, as a context manager."""
        return Waiting(self._listener, self._ear)

    def close(self) -> None:
        """Free the bell's own sockets, when nobody waits any more. Idempotent."""
        self._ear.close()
        self._button.close()


class Waiting:
    """Within its context, `wait` waits."""

    def __init__(self, listener: socket.socket, ear: socket.socket) -> None:
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        for one in (listener, ear):
            self._selector.register(one, selectors.EVENT_READ)

    def wait(self, timeout_s: float) -> bool:
        """Whether there is something to read within that time."""
        ready = [key.fileobj for key, _ in self._selector.select(timeout_s)]
        return self._listener in ready

    def __enter__(self) -> Waiting:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._selector.close()
