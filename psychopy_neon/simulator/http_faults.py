"""What can go wrong with the phone's REST calls; switched by `faults.Faults`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

from psychopy_neon.simulator.rest_api import Reply

DRIPS = 20
ENDLESS_PIECE, ENDLESS_PAUSE_S = b" " * 10_000, 0.01


@dataclass(frozen=True, slots=True)
class HttpFault:
    """One kind of failure.

    Attributes
    ----------
    path : str
        Only requests whose path begins with this.
    count : int
        How many requests are left to fail.
    status : int or None
        Status code instead of the real reply's.
    body : bytes or None
        Body instead of the real reply's.
    content_type : str or None
        Content type instead of the real reply's.
    delay_s : float
        How long the reply is held back.
    drip_s : float
        Time over which the body is spread, piece by piece.
    is_endless : bool
        Whether the body never ends.
    """

    path: str = "/"
    count: int = 1
    status: int | None = None
    body: bytes | None = None
    content_type: str | None = None
    delay_s: float = 0.0
    drip_s: float = 0.0
    is_endless: bool = False

    def spoil(self, reply: Reply) -> Reply:
        """The reply that is sent instead."""
        return Reply(
            reply.status if self.status is None else self.status,
            reply.body if self.body is None else self.body,
            reply.content_type if self.content_type is None else self.content_type,
        )


class HttpFaults:
    """The failures that are on; used by all connections at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[HttpFault] = []
        self._closed = threading.Event()

    def add(self, fault: HttpFault) -> None:
        """Switch a failure on; those switched on first come first."""
        with self._lock:
            if fault.count > 0:
                self._faults.append(fault)

    def clear(self) -> None:
        """Switch all failures off."""
        with self._lock:
            self._faults.clear()

    def take(self, path: str) -> HttpFault | None:
        """The failure that this request meets, or None."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if not path.startswith(fault.path):
                    continue
                if fault.count <= 1:
                    del self._faults[index]
                else:
                    self._faults[index] = replace(fault, count=fault.count - 1)
                return fault
        return None

    def hold_back(self, fault: HttpFault) -> None:
        """Wait for the time that the failure takes, at most until `close`."""
        self._closed.wait(fault.delay_s)

    def pieces(self, fault: HttpFault, body: bytes) -> Iterator[bytes]:
        """The body, as slowly or as long as the failure wants; ends early at `close`."""
        if fault.is_endless:
            while not self._closed.wait(ENDLESS_PAUSE_S):
                yield ENDLESS_PIECE
            return
        size = -(-len(body) // DRIPS)
        for start in range(0, len(body), max(1, size)):
            if self._closed.wait(fault.drip_s / DRIPS):
                return
            yield body[start : start + size]

    def close(self) -> None:
        """End all waiting. Idempotent."""
        self._closed.set()
