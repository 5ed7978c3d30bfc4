from __future__ import annotations

import asyncio
import threading

import pytest

from psychopy_neon.aio.event_receipt import AsyncReceipt
from psychopy_neon.client.events import EventReceipt, EventState


@pytest.fixture
def event():
    """The receipt of an event that is on its way."""
    return EventReceipt(1, "go", 0, 0.0)


def test_whoever_waits_is_woken_at_once(run, event, stopwatch):
    passing, settled_s = stopwatch(), []

    def settle():
        settled_s.append(passing.own_s)
        event.settle(EventState.CONFIRMED)

    async def main():
        thread = threading.Timer(0.05, settle)
        thread.start()
        state = await AsyncReceipt(event)
        woken_s = passing.own_s
        thread.join()
        return state, woken_s - settled_s[0]

    state, late_s = run(main())
    assert state is EventState.CONFIRMED
    assert late_s < 0.5


def test_the_loop_rests_while_an_event_is_on_its_way(run, event):
    async def main():
        loop = asyncio.get_running_loop()
        turns = []
        select = loop._selector.select
        loop._selector.select = lambda timeout: turns.append(timeout) or select(timeout)
        assert await AsyncReceipt(event).wait(0.3) is EventState.PENDING
        return len(turns)

    assert run(main()) < 8


def test_an_event_that_is_settled_needs_no_wait(run, event):
    event.settle(EventState.DISCARDED)

    async def main():
        return await AsyncReceipt(event).wait(0.0)

    assert run(main()) is EventState.DISCARDED


def test_a_wait_that_ends_leaves_nothing_behind(run, event):
    async def main():
        waiting = [asyncio.create_task(AsyncReceipt(event).wait(t)) for t in (0.01, 10.0)]
        await asyncio.wait(waiting[:1])
        assert len(event._callbacks) == 1
        waiting[1].cancel()
        await asyncio.wait(waiting)
        assert event._callbacks == ()

    run(main())


def test_an_answer_after_the_loop_was_closed_disturbs_nobody(event):
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(AsyncReceipt(event).wait())
    loop.run_until_complete(asyncio.sleep(0.01))
    assert event._callbacks
    loop.close()
    event.settle(EventState.CONFIRMED)
    waiting._log_destroy_pending = False  # it is what this test is about
