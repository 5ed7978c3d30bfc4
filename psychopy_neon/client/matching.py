"""Samples of several streams that belong to the same moment."""

from __future__ import annotations

import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from psychopy_neon.client.sample_buffer import SampleBuffer, Timed
from psychopy_neon.samples import (
    AudioFrame,
    GazeSample,
    MatchedSceneAudio,
    MatchedSceneGaze,
    VideoFrame,
)
from psychopy_neon.transport.deadline import clipped_s

MAX_DISTANCE_NS = 50_000_000
SOUND_DISTANCE_NS = 34_000_000
SILENCE_NS = 1_000_000_000
SLICE_S = 0.1  # a microphone that was switched off ends a wait without a sample
T = TypeVar("T", bound=Timed)
R = TypeVar("R")


def nearest_within(
    buffer: SampleBuffer[T], device_ns: int, max_distance_ns: int = MAX_DISTANCE_NS
) -> T | None:
    """The sample truly nearest to a time; None if all are farther away than `max_distance_ns`."""
    nearest = buffer.nearest(device_ns)
    near = nearest is not None and abs(nearest.device_ns - device_ns) <= max_distance_ns
    return nearest if near else None


def match_gaze(
    frame: VideoFrame, gaze: SampleBuffer[GazeSample], max_distance_ns: int = MAX_DISTANCE_NS
) -> MatchedSceneGaze | None:
    """A picture with the gaze sample nearest to it among those that are here; never waits."""
    nearest = nearest_within(gaze, frame.device_ns, max_distance_ns)
    return None if nearest is None else MatchedSceneGaze(frame, nearest)


class Matcher(ABC, Generic[R]):
    """Hands out scene pictures with what belongs to them, each once; safe from any thread.

    Nothing is taken from the streams: other readers, and the next picture, see the same samples.

    Attributes
    ----------
    dropped : int
        Pictures that left the history before they could be handed out.
    """

    def __init__(self, scene: SampleBuffer[VideoFrame]) -> None:
        self.dropped = 0
        self._scene = scene
        self._next = scene.appended
        self._lock = threading.Lock()

    @abstractmethod
    def poll(self) -> R | None:
        """What is ready by now; never waits."""

    @abstractmethod
    def awaited(self) -> tuple[SampleBuffer[Any], int] | None:
        """What the next match waits for, a buffer and a sample's number; None if for nothing."""

    def read(self, timeout_s: float) -> R | None:
        """The next match; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        object or None
            A match as `poll` makes it. None if there was none in time, or a stream has ended.
        """
        end_s = time.perf_counter() + clipped_s(timeout_s)
        while (found := self.poll()) is None:
            left_s = end_s - time.perf_counter()
            if left_s <= 0 or not self._wait(min(left_s, SLICE_S)):
                return None
        return found

    def __iter__(self) -> Iterator[R]:
        while (found := self.read(timeout_s=math.inf)) is not None:
            yield found

    def _wait(self, slice_s: float) -> bool:
        """Wait a little for what is awaited; False if it will never come."""
        awaited = self.awaited()
        if awaited is None:
            return True
        buffer, number = awaited
        return buffer.wait_for(number, slice_s) or not buffer.is_closed

    def _advance(self, gone: int, taken: int) -> None:
        self.dropped += gone
        self._next += gone + taken


class NearestMatcher(Matcher[R]):
    """Scene pictures with the sample of each partner nearest in time.

    A picture is handed out once its partners have samples later than it, since before that the
    nearest is not known. Pictures without a near sample of each partner are left out.

    Parameters
    ----------
    make : callable
        Makes the result of the picture and one sample of each partner.
    scene : SampleBuffer of VideoFrame
    *partners : SampleBuffer
    newest : bool
        Whether to skip to the newest picture that is ready; else all come in order.
    max_distance_ns : int
        Samples farther away do not match.
    """

    def __init__(
        self,
        make: Callable[..., R],
        scene: SampleBuffer[VideoFrame],
        *partners: SampleBuffer[Any],
        newest: bool = False,
        max_distance_ns: int = MAX_DISTANCE_NS,
    ) -> None:
        super().__init__(scene)
        self._make = make
        self._partners = partners
        self._newest = newest
        self._max_distance_ns = max_distance_ns

    def poll(self) -> R | None:
        """What is ready by now; never waits."""
        with self._lock:
            while (frame := self._take()) is not None:
                nearest = [
                    nearest_within(partner, frame.device_ns, self._max_distance_ns)
                    for partner in self._partners
                ]
                if None not in nearest:
                    return self._make(frame, *nearest)
            return None

    def awaited(self) -> tuple[SampleBuffer[Any], int] | None:
        """The scene, or a partner that has nothing later than the picture yet."""
        frames, _ = self._scene.since(self._next)
        if not frames:
            return self._scene, self._next
        return self._behind(frames[-1 if self._newest else 0])

    def _take(self) -> VideoFrame | None:
        frames, gone = self._scene.since(self._next)
        ready = [n for n, frame in enumerate(frames) if self._behind(frame) is None]
        if not ready:
            return None
        taken = ready[-1 if self._newest else 0]
        self._advance(gone, taken + 1)
        return frames[taken]

    def _behind(self, frame: VideoFrame) -> tuple[SampleBuffer[Any], int] | None:
        for partner in self._partners:
            number, latest = partner.appended, partner.latest
            if latest is None or latest.device_ns < frame.device_ns:
                return partner, number
        return None


class SoundMatcher(Matcher[MatchedSceneAudio]):
    """Scene pictures, in order, each with the sound that starts within 34 ms of it.

    A picture waits for its sound while there is any; without a microphone it comes at once.
    """

    def __init__(
        self,
        scene: SampleBuffer[VideoFrame],
        audio: SampleBuffer[AudioFrame],
        gaze: SampleBuffer[GazeSample],
    ) -> None:
        super().__init__(scene)
        self._audio = audio
        self._gaze = gaze

    def poll(self) -> MatchedSceneAudio | None:
        """What is ready by now; never waits."""
        with self._lock:
            frames, gone = self._scene.since(self._next)
            if not frames or not self._has_its_sound(frames[0]):
                return None
            self._advance(gone, 1)
        t = frames[0].device_ns
        sound = self._audio.between(t - SOUND_DISTANCE_NS, t + SOUND_DISTANCE_NS + 1)
        return MatchedSceneAudio(frames[0], tuple(sound), nearest_within(self._gaze, t))

    def awaited(self) -> tuple[SampleBuffer[Any], int] | None:
        """The scene, or the sound of the next picture."""
        number = self._audio.appended
        frames, _ = self._scene.since(self._next)
        if not frames:
            return self._scene, self._next
        return None if self._has_its_sound(frames[0]) else (self._audio, number)

    def _has_its_sound(self, frame: VideoFrame) -> bool:
        latest = self._audio.latest
        if latest is None:
            return True  # the microphone is off
        lead_ns = latest.device_ns + _duration_ns(latest) - frame.device_ns
        return lead_ns > SOUND_DISTANCE_NS or lead_ns < -SILENCE_NS


def _duration_ns(sound: AudioFrame) -> int:
    return len(sound.pcm) * 1_000_000_000 // max(1, sound.sampling_rate_hz)
