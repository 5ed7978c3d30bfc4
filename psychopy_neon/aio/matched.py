"""Matched samples of several streams, read with ``await`` and ``async for``."""

from __future__ import annotations

import time
from typing import Generic, TypeVar

from psychopy_neon.aio.waiting import sample_exists
from psychopy_neon.client.matching import SLICE_S, Matcher
from psychopy_neon.client.sample_buffer import clipped_s

R = TypeVar("R")


class AsyncMatcher(Generic[R]):
    """Hands out scene pictures with what belongs to them, each once and in order.

    Waiting may be cancelled at any time; what it waited for comes with the next read.
    """

    def __init__(self, matcher: Matcher[R]) -> None:
        self._matcher = matcher

    @property
    def dropped(self) -> int:
        """Pictures that left the history before they could be handed out."""
        return self._matcher.dropped

    async def read(self, timeout_s: float | None = None) -> R | None:
        """The next match; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float, optional
            Longest wait, seconds; without it the wait has no limit.

        Returns
        -------
        object or None
            A match. None if there was none in time, or a stream has ended.
        """
        end_s = None if timeout_s is None else time.perf_counter() + clipped_s(timeout_s)
        while (found := self._matcher.poll()) is None:
            left_s = SLICE_S if end_s is None else min(SLICE_S, end_s - time.perf_counter())
            if left_s <= 0 or not await self._wait(left_s):
                return None
        return found

    async def _wait(self, slice_s: float) -> bool:
        awaited = self._matcher.awaited()
        if awaited is None:
            return True
        buffer, number = awaited
        return await sample_exists(buffer, number, slice_s) or not buffer.is_closed

    def __aiter__(self) -> AsyncMatcher[R]:
        return self

    async def __anext__(self) -> R:
        found = await self.read()
        if found is None:
            raise StopAsyncIteration
        return found
