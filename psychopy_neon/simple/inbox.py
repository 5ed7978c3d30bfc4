"""What `receive_...` hands out: each sample at most once, newest first or in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from psychopy_neon.client.matching import Matcher, NearestMatcher, SoundMatcher
from psychopy_neon.client.sample_buffer import clipped_s
from psychopy_neon.client.sensor_stream import SensorStream, StreamState
from psychopy_neon.client.stream_health import StreamSample
from psychopy_neon.exceptions import ClosedError
from psychopy_neon.samples import AudioFrame, GazeSample, VideoFrame

T = TypeVar("T", bound=StreamSample)
R = TypeVar("R")

SLICE_S = 0.1  # so that Ctrl-C is heard, on Windows too


def wait_until(
    take: Callable[[], R | None], wait: Callable[[float], object], timeout_s: float | None
) -> R | None:
    """Take something, waiting until there is something; None waits for ever, 0 not at all."""
    end_s = None if timeout_s is None else time.perf_counter() + clipped_s(timeout_s)
    while (taken := take()) is None:
        left_s = SLICE_S if end_s is None else end_s - time.perf_counter()
        if left_s <= 0:
            return None
        wait(min(left_s, SLICE_S))
    return taken


class Inbox(Generic[T]):
    """Samples of one stream that have not been handed out yet; safe from any thread.

    Parameters
    ----------
    stream : SensorStream
        Is started.
    every : bool
        Whether to hand out every sample in order. Otherwise the newest, and those before it
        count as handed out too.
    """

    def __init__(self, stream: SensorStream[T], *, every: bool = False) -> None:
        self.streams: tuple[SensorStream[Any], ...] = (stream,)
        self._buffer = stream.buffer
        self._every = every
        self._next = stream.buffer.appended
        self._lock = threading.Lock()
        stream.start()

    def receive(self, timeout_s: float | None) -> T | None:
        """The next sample; None after `timeout_s`."""
        return wait_until(self._take, self._wait, timeout_s)

    def _take(self) -> T | None:
        with self._lock:
            samples, gone = self._buffer.since(self._next)
            if not samples:
                return None
            taken = 1 if self._every else len(samples)
            self._next += gone + taken
            return samples[taken - 1]

    def _wait(self, slice_s: float) -> None:
        check_open(*self.streams)
        self._buffer.wait_for(self._next, slice_s)


class MatchedInbox:
    """Scene pictures with the sample of each partner nearest in time; safe from any thread.

    Of several pictures that can be matched the newest. Partners are not used up.
    """

    def __init__(self, scene: SensorStream[VideoFrame], *partners: SensorStream[Any]) -> None:
        self.streams: tuple[SensorStream[Any], ...] = (scene, *partners)
        buffers = [partner.buffer for partner in partners]
        self._matcher: Matcher[tuple[Any, ...]] = NearestMatcher(
            _as_tuple, scene.buffer, *buffers, newest=True
        )
        for stream in self.streams:
            stream.start()

    def receive(self, timeout_s: float | None) -> tuple[Any, ...] | None:
        """The picture, then one sample of each partner; None after `timeout_s`."""
        return _receive_match(self._matcher, self.streams, timeout_s)


class SoundInbox:
    """Scene pictures, each with the sound that starts within 34 ms of it; safe from any thread.

    In order, so that no sound is left out. A picture waits for its sound while there is any.
    """

    def __init__(
        self,
        scene: SensorStream[VideoFrame],
        audio: SensorStream[AudioFrame],
        gaze: SensorStream[GazeSample],
    ) -> None:
        self.streams: tuple[SensorStream[Any], ...] = (scene, audio, gaze)
        self._matcher = SoundMatcher(scene.buffer, audio.buffer, gaze.buffer)
        for stream in self.streams:
            stream.start()

    def receive(
        self, timeout_s: float | None
    ) -> tuple[VideoFrame, list[AudioFrame], GazeSample | None] | None:
        """The picture, its sound and its gaze if there is any; None after `timeout_s`."""
        found = _receive_match(self._matcher, self.streams, timeout_s)
        return None if found is None else (found.scene, list(found.audio), found.gaze)


def _receive_match(
    matcher: Matcher[R], streams: tuple[SensorStream[Any], ...], timeout_s: float | None
) -> R | None:
    def wait(slice_s: float) -> None:
        check_open(*streams)
        awaited = matcher.awaited()
        if awaited is not None:
            buffer, number = awaited
            buffer.wait_for(number, slice_s)

    return wait_until(matcher.poll, wait, timeout_s)


def _as_tuple(*samples: Any) -> tuple[Any, ...]:
    return samples


def check_open(*streams: SensorStream[Any]) -> None:
    """Raise `ClosedError` if one of the streams has ended for good: nothing more will come."""
    for stream in streams:
        if stream.health.state is StreamState.CLOSED:
            raise ClosedError(f"the {stream.name} stream was stopped while something waited for it")
