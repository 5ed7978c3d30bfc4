"""Waiting for other threads in an event loop, without a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from psychopy_neon.client.sample_buffer import SampleBuffer


async def called_back(
    watch: Callable[[Callable[[], None]], Callable[[], None]],
    is_due: Callable[[], bool],
    timeout_s: float | None = None,
) -> None:
    """Wait for a call from another thread, unless what it tells is due already.

    Safe to cancel.

    Parameters
    ----------
    watch : callable
        Takes what shall be called, and returns what ends that.
    is_due : callable
        Asked once, after `watch`.
    timeout_s : float, optional
    """
    loop = asyncio.get_running_loop()
    changed: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits
            loop.call_soon_threadsafe(_finish, changed)

    unwatch = watch(wake)
    try:
        if not is_due():
            await asyncio.wait((changed,), timeout=timeout_s)
    finally:
        unwatch()


async def sample_exists(
    buffer: SampleBuffer[Any], number: int, timeout_s: float | None = None
) -> bool:
    """Wait until sample `number` exists; False if it does not after `timeout_s`, or never will.

    Safe to cancel: nothing is taken from the buffer.
    """

    def is_due() -> bool:
        return buffer.appended > number or buffer.is_closed

    await called_back(buffer.watch, is_due, timeout_s)
    return buffer.appended > number


def _finish(changed: asyncio.Future[None]) -> None:
    if not changed.done():
        changed.set_result(None)
