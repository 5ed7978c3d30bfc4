"""One sensor's samples, as they are read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader
from psychopy_neon.client.stream_health import StreamHealth as StreamHealth
from psychopy_neon.client.stream_health import StreamSample, age_s, rate_hz
from psychopy_neon.client.stream_health import StreamState as StreamState
from psychopy_neon.client.stream_keeper import DecoderType, StreamKeeper, StreamSource
from psychopy_neon.client.subscription import Subscription
from psychopy_neon.exceptions import ClosedError

RATED_SAMPLES = 100
T = TypeVar("T", bound=StreamSample)


class SensorStream(Generic[T]):
    """Samples of one sensor, over RTSP and RTP (reference, 4; RFC 2326, RFC 3550).

    The first read starts the stream; nothing here waits unless it has a timeout.

    Parameters
    ----------
    name : str
        Of the stream.
    source : StreamSource
        The phone.
    decoder_type : type
        Makes samples of packets.
    capacity : int
        Samples kept.
    sensor : str
        The phone's name of the sensor ("gaze", "world", ...) if it is another.
    """

    def __init__(
        self,
        name: str,
        source: StreamSource,
        decoder_type: DecoderType[T],
        capacity: int,
        *,
        sensor: str | None = None,
    ) -> None:
        self.name = name
        self.buffer: SampleBuffer[T] = SampleBuffer(capacity)
        self._source = source
        self._keeper = StreamKeeper(name, sensor or name, source, decoder_type, self.buffer)
        self._start_lock = threading.Lock()
        self._started = False
        self._reader = SampleReader(self.buffer)
        self._subscriptions: tuple[Subscription[T], ...] = ()

    # -- reading ------------------------------------------------------------------------------

    def latest(self) -> T | None:
        """The newest sample, or None before the first; never blocks."""
        if not self._started:
            self.start()
        return self.buffer.latest

    def read(self, timeout_s: float) -> T | None:
        """The next sample that this method has not returned yet; waits up to `timeout_s`.

        Starts the stream if it does not run.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        sample or None
            None if none came in time, or the stream was stopped.

        Raises
        ------
        ClosedError
            If the stream was closed.
        """
        self.start()
        return self._reader.read(timeout_s)

    def reader(self) -> SampleReader[T]:
        """A reader of its own, which gets every sample from now on; starts the stream.

        Raises
        ------
        ClosedError
            If the stream was closed.
        """
        self.start()
        return SampleReader(self.buffer)

    def __iter__(self) -> Iterator[T]:
        return iter(self.reader())

    def subscribe(self, function: Callable[[T], object]) -> Subscription[T]:
        """Have a function called with every sample from now on; starts the stream.

        Parameters
        ----------
        function : callable
            Called with one sample at a time, in order, in a thread of its own: it may take its
            time, but must not draw or touch a window.

        Returns
        -------
        Subscription
            ``close()`` ends the calls; so does closing the device.

        Raises
        ------
        ClosedError
            If the stream was closed.
        """
        self.start()
        subscription = Subscription(self.name, self.buffer, function)
        with self._start_lock:
            going_on = [each for each in self._subscriptions if each.is_open]
            self._subscriptions = (*going_on, subscription)
        return subscription

    @property
    def dropped(self) -> int:
        """Samples that `read` has lost because it came too late for them."""
        return self._reader.dropped

    @property
    def withhold_damaged(self) -> bool:
        """Video only: whether to leave out pictures that lost packets have damaged.

        By default they are given out and marked (`VideoFrame.damaged`). May be set at any time.
        """
        return self._keeper.withhold_damaged

    @withhold_damaged.setter
    def withhold_damaged(self, withhold: bool) -> None:
        self._keeper.withhold_damaged = withhold

    @property
    def health(self) -> StreamHealth:
        """State, last error, rate, age and packet counts; never blocks."""
        newest, _ = self.buffer.since(max(0, self.buffer.appended - RATED_SAMPLES))
        now_host_ns = time.perf_counter_ns()
        return self._keeper.progress.health(
            rate_hz(newest, now_host_ns), age_s(newest, self._source.clock_map, now_host_ns)
        )

    @property
    def state(self) -> StreamState:
        """What the stream is doing; `health` says more."""
        return self._keeper.progress.state

    # -- lifecycle ----------------------------------------------------------------------------

    def start(self) -> None:
        """Start streaming if it does not run yet; returns at once.

        Raises
        ------
        ClosedError
            If the stream was closed.
        """
        if self._started and not self.buffer.is_closed:
            return
        with self._start_lock:
            if self.state is StreamState.CLOSED:
                raise ClosedError(f"the {self.name} stream was closed with its device")
            if not self._started:
                self._started = True
                self._keeper.start()

    def stop(self) -> None:
        """Ask the stream to end; returns at once."""
        with self._start_lock:
            self._keeper.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the stream's thread, at most `timeout_s`; call `stop` first.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        bool
            Whether it has ended.
        """
        until_s = time.perf_counter() + timeout_s
        ended = [self._keeper.join(timeout_s)]
        self.buffer.close()
        for subscription in self._subscriptions:
            ended.append(subscription.close(max(0.0, until_s - time.perf_counter())))
        return all(ended)
