"""What `receive_...` hands out: each sample at most once, newest first or in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from psychopy_neon.client.matching import MAX_DISTANCE_NS
from psychopy_neon.client.sample_buffer import SampleBuffer, Timed
from psychopy_neon.client.sensor_stream import SensorStream, StreamState
from psychopy_neon.exceptions import ClosedError
from psychopy_neon.samples import AudioFrame, GazeSample, VideoFrame

T = TypeVar("T", bound=Timed)
R = TypeVar("R")

SLICE_S = 0.1  # so that Ctrl-C is heard, on Windows too
SOUND_DISTANCE_NS = 34_000_000
SILENCE_NS = 1_000_000_000


def wait_until(
    take: Callable[[], R | None], wait: Callable[[float], object], timeout_s: float | None
) -> R | None:
    """Take something, waiting until there is something; None waits for ever, 0 not at all."""
    end_s = None if timeout_s is None else time.perf_counter() + timeout_s
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

    A picture is handed out once its partners have samples later than it, since before that the
    nearest is not known; of several such pictures the newest. Partners are not used up.
    """

    def __init__(self, scene: SensorStream[VideoFrame], *partners: SensorStream[Any]) -> None:
        self.streams: tuple[SensorStream[Any], ...] = (scene, *partners)
        self._scene = scene.buffer
        self._partners: list[SampleBuffer[Any]] = [partner.buffer for partner in partners]
        self._next = scene.buffer.appended
        self._lock = threading.Lock()
        for stream in self.streams:
            stream.start()

    def receive(self, timeout_s: float | None) -> tuple[Any, ...] | None:
        """The picture, then one sample of each partner; None after `timeout_s`."""
        return wait_until(self._take, self._wait, timeout_s)

    def _take(self) -> tuple[Any, ...] | None:
        with self._lock:
            frames, gone = self._scene.since(self._next)
            ready = [n for n, frame in enumerate(frames) if self._awaited(frame) is None]
            if not ready:
                return None
            self._next += gone + ready[-1] + 1
            return _match(frames[ready[-1]], self._partners)

    def _wait(self, slice_s: float) -> None:
        check_open(*self.streams)
        frames, _ = self._scene.since(self._next)
        awaited = self._awaited(frames[-1]) if frames else (self._scene, self._next)
        if awaited is not None:
            buffer, number = awaited
            buffer.wait_for(number, slice_s)

    def _awaited(self, frame: VideoFrame) -> tuple[SampleBuffer[Any], int] | None:
        """A partner that has nothing later than the picture, and the number of its next sample."""
        for partner in self._partners:
            number, latest = partner.appended, partner.latest
            if latest is None or latest.device_ns < frame.device_ns:
                return partner, number
        return None


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
        self._scene, self._audio, self._gaze = scene.buffer, audio.buffer, gaze.buffer
        self._next = scene.buffer.appended
        self._lock = threading.Lock()
        for stream in self.streams:
            stream.start()

    def receive(
        self, timeout_s: float | None
    ) -> tuple[VideoFrame, list[AudioFrame], GazeSample | None] | None:
        """The picture, its sound and its gaze if there is any; None after `timeout_s`."""
        return wait_until(self._take, self._wait, timeout_s)

    def _take(self) -> tuple[VideoFrame, list[AudioFrame], GazeSample | None] | None:
        with self._lock:
            frames, gone = self._scene.since(self._next)
            if not frames or not self._has_its_sound(frames[0]):
                return None
            self._next += gone + 1
        t = frames[0].device_ns
        sound = self._audio.between(t - SOUND_DISTANCE_NS, t + SOUND_DISTANCE_NS + 1)
        return frames[0], sound, _nearest(self._gaze, t)

    def _wait(self, slice_s: float) -> None:
        check_open(*self.streams)
        number = self._audio.appended
        frames, _ = self._scene.since(self._next)
        if not frames:
            self._scene.wait_for(self._next, slice_s)
        elif not self._has_its_sound(frames[0]):
            self._audio.wait_for(number, slice_s)

    def _has_its_sound(self, frame: VideoFrame) -> bool:
        latest = self._audio.latest
        if latest is None:
            return True  # the microphone is off
        lead_ns = latest.device_ns + _duration_ns(latest) - frame.device_ns
        return lead_ns > SOUND_DISTANCE_NS or lead_ns < -SILENCE_NS


def check_open(*streams: SensorStream[Any]) -> None:
    """Raise `ClosedError` if one of the streams has ended for good: nothing more will come."""
    for stream in streams:
        if stream.health.state is StreamState.CLOSED:
            raise ClosedError(f"the {stream.name} stream was stopped while something waited for it")


def _match(frame: VideoFrame, partners: list[SampleBuffer[Any]]) -> tuple[Any, ...] | None:
    nearest = [_nearest(partner, frame.device_ns) for partner in partners]
    return None if None in nearest else (frame, *nearest)


def _nearest(buffer: SampleBuffer[T], device_ns: int) -> T | None:
    nearest = buffer.nearest(device_ns)
    near = nearest is not None and abs(nearest.device_ns - device_ns) <= MAX_DISTANCE_NS
    return nearest if near else None


def _duration_ns(sound: AudioFrame) -> int:
    return len(sound.pcm) * 1_000_000_000 // max(1, sound.sampling_rate_hz)
