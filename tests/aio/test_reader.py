from __future__ import annotations

import asyncio
import threading
import time

from psychopy_neon.aio import AsyncReader
from psychopy_neon.aio.waiting import sample_exists


def test_every_sample_comes_once_and_in_order(run, buffer, sample):
    async def main():
        reader = AsyncReader(buffer)
        feeder = threading.Thread(target=feed)
        feeder.start()
        times = [read.device_ns async for read in reader]
        feeder.join()
        return times, reader.dropped

    def feed():
        for n in range(500):
            buffer.append(sample(n))
            if n % 5 == 4:
                time.sleep(0.001)  # the pace of a stream, which the reader has to keep
        buffer.close()

    times, dropped = run(main())
    assert times == sorted(set(times))
    assert len(times) + dropped == 500


def test_a_slow_reader_learns_what_it_lost(run, buffer, sample):
    async def main():
        reader = AsyncReader(buffer)
        for n in range(20):
            buffer.append(sample(n))
        return await reader.read(1.0), reader.dropped

    assert run(main()) == (sample(12), 12)


def test_a_timeout_is_kept(run, buffer):
    async def main():
        started_s = time.perf_counter()
        assert await AsyncReader(buffer).read(0.2) is None
        return time.perf_counter() - started_s

    assert 0.2 <= run(main()) < 2.0


def test_what_a_cancelled_read_waited_for_comes_with_the_next(run, buffer, sample):
    async def main():
        reader = AsyncReader(buffer)
        reading = asyncio.create_task(reader.read())
        await asyncio.sleep(0)
        buffer.append(sample(1))  # in the same turn of the loop
        reading.cancel()
        await asyncio.wait((reading,))
        assert reading.cancelled()
        return await reader.read(1.0)

    assert run(main()) == sample(1)


def test_waiting_takes_no_thread_and_leaves_nothing_behind(run, buffer, sample):
    async def main():
        before = threading.active_count()
        tasks = [asyncio.create_task(AsyncReader(buffer).read()) for _ in range(50)]
        await asyncio.sleep(0.05)
        assert threading.active_count() == before
        assert buffer.is_awaited
        buffer.append(sample(1))
        assert await asyncio.gather(*tasks) == [sample(1)] * 50
        assert not buffer.is_awaited

    run(main())


def test_the_end_of_a_stream_ends_the_loop_over_it(run, buffer, sample):
    async def main():
        reader = AsyncReader(buffer)
        buffer.append(sample(1))
        asyncio.get_running_loop().call_later(0.05, buffer.close)
        assert [read async for read in reader] == [sample(1)]
        assert await reader.read() is None

    run(main())


def test_a_reader_that_is_always_behind_lets_other_tasks_run(run, buffer, sample):
    async def main():
        turns = 0

        async def other():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        reader = AsyncReader(buffer)
        for n in range(1000):
            buffer.append(sample(n))
            assert await reader.read(1.0) == sample(n)
        task.cancel()
        return turns

    assert run(main()) >= 10


def test_a_sample_after_the_loop_was_closed_disturbs_nobody(buffer, sample):
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(sample_exists(buffer, 0))
    loop.run_until_complete(asyncio.sleep(0.01))
    assert buffer._watchers
    loop.close()
    buffer.append(sample(1))
    assert buffer.latest == sample(1)
    waiting._log_destroy_pending = False  # it is what this test is about
