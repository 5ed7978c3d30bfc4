"""Streams that are read with ``await`` and ``async for``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from psychopy_neon.aio.waiting import sample_exists
from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader, Timed, clipped_s
from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.client.stream_health import StreamHealth, StreamSample

T = TypeVar("T", bound=StreamSample)
R = TypeVar("R", bound=Timed)

TURN = 50  # samples in a row, then the other tasks of the loop have their turn


class AsyncReader(Generic[R]):
    """Reads every sample of a stream once, in order.

    Nothing is lost while the reader is at most the length of the stream's history behind.
    Waiting may be cancelled at any time; the sample it waited for comes with the next read.
    """

    def __init__(self, buffer: SampleBuffer[R]) -> None:
        self._buffer = buffer
        self._reader = SampleReader(buffer)
        self._in_a_row = 0

    @property
    def dropped(self) -> int:
        """Samples that this reader lost because it came too late for them."""
        return self._reader.dropped

    def drain(self) -> list[R]:
        """All unread samples, oldest first; never waits."""
        return self._reader.drain()

    async def read(self, timeout_s: float | None = None) -> R | None:
        """The next unread sample; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float, optional
            Longest wait, seconds; without it the wait has no limit.

        Returns
        -------
        sample or None
            None if none came in time, or the stream has ended.
        """
        end_s = None if timeout_s is None else time.perf_counter() + clipped_s(timeout_s)
        self._in_a_row += 1
        if self._in_a_row > TURN:
            await asyncio.sleep(0)
            self._in_a_row = 0
        while (sample := self._reader.poll()) is None:
            left_s = None if end_s is None else end_s - time.perf_counter()
            if left_s is not None and left_s <= 0:
                return None
            self._in_a_row = 0
            await sample_exists(self._buffer, self._reader.next_number, left_s)
            if self._buffer.is_closed:
                return self._reader.poll()
        return sample

    def __aiter__(self) -> AsyncReader[R]:
        return self

    async def __anext__(self) -> R:
        sample = await self.read()
        if sample is None:
            raise StopAsyncIteration
        return sample


class AsyncStream(Generic[T]):
    """Samples of one sensor; the first use starts the stream.

    ``async for sample in stream`` gives every sample from then on, each such loop on its own.

    Parameters
    ----------
    stream : callable
        Returns the stream; after it was stopped, its successor.
    """

    def __init__(self, stream: Callable[[], SensorStream[T]]) -> None:
        self._stream = stream
        self._kept: tuple[SampleBuffer[T], AsyncReader[T]] | None = None

    @property
    def health(self) -> StreamHealth:
        """State, last error and packet counts."""
        return self._stream().health

    def start(self) -> None:
        """Start streaming if it does not run yet; returns at once."""
        self._stream().start()

    def latest(self) -> T | None:
        """The newest sample, or None before the first; never waits."""
        return self._stream().latest()

    def between(self, start_device_ns: int, end_device_ns: int) -> list[T]:
        """Samples of the history with ``start <= device_ns < end``, in order; never waits.

        Parameters
        ----------
        start_device_ns, end_device_ns : int
            Phone's Unix clock, ns.
        """
        return self._stream().buffer.between(start_device_ns, end_device_ns)

    async def read(self, timeout_s: float | None = None) -> T | None:
        """The next sample that this method has not returned yet; waits up to `timeout_s`.

        The first call waits for the next sample to come.

        Parameters
        ----------
        timeout_s : float, optional
            Longest wait, seconds; without it the wait has no limit.

        Returns
        -------
        sample or None
            None if none came in time, or the stream was stopped.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        return await self._own_reader().read(timeout_s)

    def reader(self) -> AsyncReader[T]:
        """A reader of its own, which gets every sample from now on and counts what it lost.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        stream = self._stream()
        stream.start()
        return AsyncReader(stream.buffer)

    def __aiter__(self) -> AsyncReader[T]:
        return self.reader()

    def _own_reader(self) -> AsyncReader[T]:
        stream = self._stream()
        stream.start()
        if self._kept is None or self._kept[0] is not stream.buffer:
            self._kept = stream.buffer, AsyncReader(stream.buffer)
        return self._kept[1]
