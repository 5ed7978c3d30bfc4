"""What became of an event, with ``await``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from typing import Any

from psychopy_neon.client.events import EventReceipt, EventState

LOOK_S = 0.005  # a thread for each event on its way would cost more than these looks


class AsyncReceipt:
    """Follows one event; ``await receipt`` waits for the phone's answer, up to 10 s.

    Attributes
    ----------
    event : EventReceipt
        Number, name, times, tries and recording of the event.
    """

    def __init__(self, event: EventReceipt) -> None:
        self.event = event

    def __repr__(self) -> str:
        return repr(self.event)

    @property
    def state(self) -> EventState:
        """What became of it so far."""
        return self.event.state

    async def wait(self, timeout_s: float = 10.0) -> EventState:
        """Wait until the phone answered, at most `timeout_s`; returns the state by then."""
        end_s = time.perf_counter() + timeout_s
        while self.state is EventState.PENDING and time.perf_counter() < end_s:
            await asyncio.sleep(LOOK_S)
        return self.state

    def __await__(self) -> Generator[Any, None, EventState]:
        return self.wait().__await__()
