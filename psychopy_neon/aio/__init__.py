"""The glasses for programs that are written with ``async`` and ``await``.

A thin layer over `psychopy_neon.Neon`: the device does its work in threads of its own, and here
the event loop of the program waits for them. One thread at a time may use a device of this
module, the one in which the loop runs.

Examples
--------
>>> from psychopy_neon import aio
>>> async with await aio.Neon.connect() as neon:
...     async for sample in neon.gaze:
...         print(sample.x, sample.y)
"""

from psychopy_neon.aio.discovery import discover
from psychopy_neon.aio.event_receipt import AsyncReceipt
from psychopy_neon.aio.matched import AsyncMatcher
from psychopy_neon.aio.neon import Neon
from psychopy_neon.aio.screens import AsyncScreen
from psychopy_neon.aio.stream import AsyncReader, AsyncStream

__all__ = [
    "AsyncMatcher",
    "AsyncReader",
    "AsyncReceipt",
    "AsyncScreen",
    "AsyncStream",
    "Neon",
    "discover",
]
