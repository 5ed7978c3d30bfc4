from __future__ import annotations

import asyncio
import threading

import pytest

from psychopy_neon.aio.in_thread import in_thread


def test_results_and_errors_come_back(run):
    async def main():
        assert await in_thread(lambda: threading.current_thread().name) != "MainThread"
        with pytest.raises(ValueError, match="no"):
            await in_thread(lambda: int("no"))

    run(main())


def test_the_loop_goes_on_meanwhile(run):
    async def main():
        go = threading.Event()
        asyncio.get_running_loop().call_soon(go.set)
        return await in_thread(lambda: go.wait(10.0))

    assert run(main()) is True


def test_a_result_that_nobody_waits_for_is_handed_over(run):
    given: list[str] = []
    given_up = threading.Event()

    def abandoned(result):
        given.append(result)
        given_up.set()

    async def main():
        go = threading.Event()
        waiting = asyncio.create_task(in_thread(lambda: go.wait(10.0) and "late", abandoned))
        await asyncio.sleep(0.02)
        waiting.cancel()
        await asyncio.wait((waiting,))
        assert waiting.cancelled()
        go.set()
        await in_thread(lambda: given_up.wait(10.0))

    run(main())
    assert given == ["late"]


def test_so_is_one_that_comes_after_the_loop_was_closed(run):
    go, given_up = threading.Event(), threading.Event()

    async def main():
        waiting = asyncio.create_task(
            in_thread(lambda: go.wait(10.0), lambda _result: given_up.set())
        )
        await asyncio.sleep(0.02)
        waiting.cancel()
        await asyncio.wait((waiting,))

    run(main())
    go.set()
    assert given_up.wait(10.0)


def test_so_is_one_that_comes_together_with_the_cancellation(run):
    given_up = threading.Event()

    async def main():
        done = threading.Event()
        waiting = asyncio.create_task(
            in_thread(lambda: done.set() or "result", lambda _result: given_up.set())
        )
        await asyncio.sleep(0)
        done.wait(10.0)  # holds the loop up, so that result and cancellation meet in one turn
        waiting.cancel()
        await asyncio.wait((waiting,))
        assert waiting.cancelled()
        assert await in_thread(lambda: given_up.wait(10.0))

    run(main())


def test_so_is_one_whose_news_the_loop_did_not_live_to_hear(run):
    """It was scheduled, and then the loop ended."""
    given_up = threading.Event()

    async def main():
        loop = asyncio.get_running_loop()
        scheduled = threading.Event()
        schedule = loop.call_soon_threadsafe

        def schedule_and_say(*arguments):
            handle = schedule(*arguments)
            handle.cancel()
            scheduled.set()
            return handle

        loop.call_soon_threadsafe = schedule_and_say
        waiting = asyncio.create_task(in_thread(lambda: "result", lambda _: given_up.set()))
        await asyncio.sleep(0)
        assert scheduled.wait(10.0)
        waiting.cancel()
        await asyncio.wait((waiting,))

    run(main())
    assert given_up.wait(10.0)
