"""Calls that block, made in a thread so that the event loop goes on."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")

_numbers = itertools.count(1)


def _ignore(_: object) -> None:
    """What nobody waits for any more needs no care, as a rule."""


async def in_thread(call: Callable[[], R], abandoned: Callable[[R], object] = _ignore) -> R:
    """Make a call in a thread of its own and wait for its outcome.

    Cancelling the wait does not end the call: it goes on to its own time limit. The thread is a
    daemon, and none of the loop's executor, so that a program which ends does not wait for it.

    Parameters
    ----------
    call : callable
    abandoned : callable
        Gets, in a thread, a result that nobody waits for any more.
    """
    loop = asyncio.get_running_loop()
    returned: asyncio.Future[None] = loop.create_future()
    # Whoever takes the result out has it: the one who waits, or `abandoned`.
    box: queue.SimpleQueue[R] = queue.SimpleQueue()
    gone = threading.Event()

    def run() -> None:
        failure = None
        try:
            box.put(call())
        except BaseException as error:  # outermost frame: it belongs to whoever waits
            failure = error
        try:
            loop.call_soon_threadsafe(_settle, returned, failure)
        except RuntimeError:  # the loop was closed meanwhile
            gone.set()
        if gone.is_set():
            _empty(box, abandoned)

    _start(run)
    try:
        await returned
    except BaseException:
        gone.set()
        if not box.empty():  # it came too late to be returned, and too early to see `gone`
            _start(lambda: _empty(box, abandoned))
        raise
    return box.get_nowait()


def _settle(returned: asyncio.Future[None], failure: BaseException | None) -> None:
    if returned.cancelled():
        return
    if failure is None:
        returned.set_result(None)
    else:
        returned.set_exception(failure)


def _empty(box: queue.SimpleQueue[R], abandoned: Callable[[R], object]) -> None:
    with contextlib.suppress(queue.Empty):
        abandoned(box.get_nowait())


def _start(run: Callable[[], object]) -> None:
    threading.Thread(target=run, name=f"neon-aio-{next(_numbers)}", daemon=True).start()
