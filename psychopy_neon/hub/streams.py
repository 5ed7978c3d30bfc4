"""Streams of samples that the ioHub process receives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader
from psychopy_neon.client.stream_health import StreamHealth, StreamSample, StreamState
from psychopy_neon.exceptions import ClosedError
from psychopy_neon.hub.refusals import PICTURES, SAVED, THREADS, Refused

KEPT = 2_000  # ten seconds of gaze
FULL_REPLY = 25
POLL_S = 0.004
T = TypeVar("T", bound=StreamSample)


class HubStream(Generic[T]):
    """As `psychopy_neon.client.sensor_stream.SensorStream`; use it from one thread.

    Each read asks the ioHub process, which takes below a millisecond; every sample from the first
    read on can be read, as long as somebody reads every ten seconds.

    Parameters
    ----------
    name : str
        Of the stream.
    ask : callable
        As `NeonTracker.ask`.
    decode : callable
        Makes a sample of its fields.
    wait : callable
        Waits some seconds.

    Attributes
    ----------
    buffer : SampleBuffer
        Samples that were read, the newest ten seconds of gaze.
    missed : int
        Samples that were gone before they were asked for.
    """

    subscribe: Any = Refused(THREADS)
    stop: Any = Refused(SAVED)
    join: Any = Refused(SAVED)
    withhold_damaged: Any = Refused(PICTURES)

    def __init__(
        self,
        name: str,
        ask: Callable[..., Any],
        decode: Callable[[list[Any]], T],
        wait: Callable[[float], None],
    ) -> None:
        self.name = name
        self.buffer: SampleBuffer[T] = SampleBuffer(KEPT)
        self.missed = 0
        self._ask = ask
        self._decode = decode
        self._wait = wait
        self._next = -1
        self._reader = SampleReader(self.buffer)
        self.buffer.source = self

    def start(self) -> None:
        """Start the stream if it does not run; samples from now on will be read.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        if self.buffer.is_closed:
            raise ClosedError(f"the {self.name} stream was closed with its device")
        if self._next < 0:
            reply = self._ask("neon_samples", list, self.name, -1)
            self._next = int(reply[0]) if reply else -1

    def close(self) -> None:
        """Give out nothing more; loops over samples end. The ioHub process goes on saving them."""
        self.buffer.close()

    def latest(self) -> T | None:
        """The newest sample, or None before the first; a round trip, below 1 ms.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        self.start()
        reply = self._ask("neon_samples", list, self.name, -1)
        return self._decode(reply[2][0]) if reply and reply[2] else None

    def read(self, timeout_s: float) -> T | None:
        """The next sample that this method has not returned yet; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        sample or None
            None if none came in time.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        self.start()
        return self._reader.read(timeout_s)

    def reader(self) -> SampleReader[T]:
        """A reader of its own, which gets every sample from now on; starts the stream.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        self.start()
        self.pump()
        return SampleReader(self.buffer)

    def __iter__(self) -> Iterator[T]:
        return iter(self.reader())

    @property
    def dropped(self) -> int:
        """Samples that `read` has lost because it came too late for them."""
        return self._reader.dropped + self.missed

    @property
    def health(self) -> StreamHealth:
        """State, last error, rate, age and packet counts; a round trip, below 1 ms."""
        closed = self.buffer.is_closed
        fields = None if closed else self._ask("neon_stream_health", dict, self.name)
        if not fields:
            state = StreamState.CLOSED if closed else StreamState.IDLE
            return StreamHealth(state, "", time.perf_counter_ns(), 0, 0, 0)
        return StreamHealth(**{**fields, "state": StreamState(fields["state"])})

    @property
    def state(self) -> StreamState:
        """What the stream is doing; `health` says more."""
        return self.health.state

    # -- the source of the buffer ---------------------------------------------------------------

    def pump(self) -> None:
        """Take over what has come since the last time."""
        if self._next < 0 or self.buffer.is_closed:
            return
        for _ in range(KEPT // FULL_REPLY):
            reply = self._ask("neon_samples", list, self.name, self._next)
            if not reply:
                return
            self._next, gone, rows = int(reply[0]), int(reply[1]), reply[2]
            self.missed += gone
            for row in rows:
                self.buffer.append(self._decode(row))
            if len(rows) < FULL_REPLY:
                return

    def lead(self, timeout_s: float) -> bool:
        """Wait for more, at most so long, and take it over."""
        until_s = time.perf_counter() + timeout_s
        number = self.buffer.appended
        while not self.buffer.is_closed and self.buffer.appended == number:
            self.start()
            self.pump()
            if time.perf_counter() >= until_s:
                break
            self._wait(POLL_S)
        return True

    def recall(self) -> None:
        """Nothing comes by itself: who waits asks."""
