"""What became of an event, with ``await``."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from psychopy_neon.aio.waiting import called_back
from psychopy_neon.client.events import EventReceipt, EventState


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
        """Wait until the phone answered, at most `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        EventState
            What became of it by then; `EventState.PENDING` if there was no answer.
        """
        await called_back(self.event.add_done_callback, self._is_settled, timeout_s)
        return self.state

    def _is_settled(self) -> bool:
        return self.state is not EventState.PENDING

    def __await__(self) -> Generator[Any, None, EventState]:
        return self.wait().__await__()
