"""Finding phones with ``async for``."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

from psychopy_neon.aio.in_thread import in_thread
from psychopy_neon.client.connecting import DEFAULT_PORT
from psychopy_neon.client.finding import Sweep, phones_as_found
from psychopy_neon.protocol.service_name import DiscoveredPhone

CLOSE_S = 3.0


async def discover(
    timeout_s: float = 5.0, *, sweep: Sweep = False, port: int = DEFAULT_PORT
) -> AsyncIterator[DiscoveredPhone]:
    """Each phone of this network as soon as it is found; waits for more until `timeout_s`.

    Parameters
    ----------
    timeout_s : float
        How long to look, seconds.
    sweep, port
        As for `psychopy_neon.discover`.

    Raises
    ------
    NeonConnectionError
        If this computer cannot listen for announcements, and `sweep` is off.
    UsageError
        If `sweep` is one text instead of a list, or holds what is no IPv4 address.

    Examples
    --------
    >>> async for phone in aio.discover():
    ...     print(phone.phone_name, phone.addresses)
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Queue[DiscoveredPhone | None] = asyncio.Queue()  # a search ends at 100 phones
    stopping = threading.Event()

    def search() -> None:
        for phone in phones_as_found(timeout_s, stopping, sweep=sweep, port=port):
            loop.call_soon_threadsafe(found.put_nowait, phone)

    searching = asyncio.ensure_future(in_thread(search))
    searching.add_done_callback(lambda _: found.put_nowait(None))
    try:
        while (phone := await found.get()) is not None:
            yield phone
        await searching
    finally:
        stopping.set()
        await asyncio.wait((searching,), timeout=CLOSE_S)
