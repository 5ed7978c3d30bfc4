"""Waiting for samples in an event loop, without a thread."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from psychopy_neon.client.sample_buffer import SampleBuffer


async def sample_exists(
    buffer: SampleBuffer[Any], number: int, timeout_s: float | None = None
) -> bool:
    """Wait until sample `number` exists; False if it does not after `timeout_s`, or never will.

    Safe to cancel: nothing is taken from the buffer.
    """
    loop = asyncio.get_running_loop()
    changed: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits
            loop.call_soon_threadsafe(_finish, changed)

    unwatch = buffer.watch(wake)
    try:
        if buffer.appended <= number and not buffer.is_closed:
            await asyncio.wait((changed,), timeout=timeout_s)
    finally:
        unwatch()
    return buffer.appended > number


def _finish(changed: asyncio.Future[None]) -> None:
    if not changed.done():
        changed.set_result(None)
