"""Matched data of one device: what the scene camera, the eyes and the gaze were at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from psychopy_neon.client.matching import (
    MAX_DISTANCE_NS,
    Matcher,
    NearestMatcher,
    SoundMatcher,
    match_gaze,
    nearest_within,
)
from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.samples import (
    AudioFrame,
    GazeSample,
    MatchedSceneAudio,
    MatchedSceneEyesGaze,
    MatchedSceneGaze,
    VideoFrame,
)

R = TypeVar("R")


class MatchedData:
    """Pairs and triples of samples; each of the methods starts the streams that it needs.

    Nothing is used up: ``neon.scene.read`` and all other readers get the same samples.
    """

    scene: SensorStream[VideoFrame]
    eyes: SensorStream[VideoFrame]
    gaze: SensorStream[GazeSample]
    audio: SensorStream[AudioFrame]

    def __init__(self) -> None:
        super().__init__()
        self._matchers: dict[str, tuple[tuple[SensorStream[Any], ...], Matcher[Any]]] = {}
        self._matchers_lock = threading.Lock()

    # -- a reader of one's own ----------------------------------------------------------------

    def match_scene_and_gaze(
        self, max_distance_ns: int = MAX_DISTANCE_NS
    ) -> Matcher[MatchedSceneGaze]:
        """A reader of its own: every scene picture from now on, with the nearest gaze sample.

        Parameters
        ----------
        max_distance_ns : int
            Samples farther away in time do not match, ns.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        scene, gaze = _started(self.scene, self.gaze)
        return NearestMatcher(
            MatchedSceneGaze, scene.buffer, gaze.buffer, max_distance_ns=max_distance_ns
        )

    def match_scene_eyes_and_gaze(
        self, max_distance_ns: int = MAX_DISTANCE_NS
    ) -> Matcher[MatchedSceneEyesGaze]:
        """A reader of its own: as `match_scene_and_gaze`, with the nearest picture of the eyes too.

        Parameters
        ----------
        max_distance_ns : int
            Samples farther away in time do not match, ns.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        scene, eyes, gaze = _started(self.scene, self.eyes, self.gaze)
        return NearestMatcher(
            MatchedSceneEyesGaze,
            scene.buffer,
            eyes.buffer,
            gaze.buffer,
            max_distance_ns=max_distance_ns,
        )

    def match_scene_and_audio(self) -> Matcher[MatchedSceneAudio]:
        """A reader of its own: every scene picture from now on, with its sound and its gaze.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        scene, audio, gaze = _started(self.scene, self.audio, self.gaze)
        return SoundMatcher(scene.buffer, audio.buffer, gaze.buffer)

    # -- the next one -------------------------------------------------------------------------

    def latest_scene_and_gaze(self) -> MatchedSceneGaze | None:
        """The newest scene picture and the gaze sample nearest to it; None if there is no pair.

        Never blocks.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        self.gaze.start()
        frame = self.scene.latest()
        return None if frame is None else match_gaze(frame, self.gaze.buffer)

    def read_scene_and_gaze(self, timeout_s: float) -> MatchedSceneGaze | None:
        """The next scene picture and the gaze sample nearest to it; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        MatchedSceneGaze or None
            None if there was no pair in time, or a stream was stopped.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        used = self.scene, self.gaze
        return self._kept("gaze", self.match_scene_and_gaze, *used).read(timeout_s)

    def read_scene_eyes_and_gaze(self, timeout_s: float) -> MatchedSceneEyesGaze | None:
        """The next scene picture, with the nearest picture of the eyes and gaze sample.

        Waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        MatchedSceneEyesGaze or None
            None if nothing matched in time, or a stream was stopped.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        used = self.scene, self.eyes, self.gaze
        return self._kept("eyes", self.match_scene_eyes_and_gaze, *used).read(timeout_s)

    def read_scene_and_audio(self, timeout_s: float) -> MatchedSceneAudio | None:
        """The next scene picture and the sound that starts within 34 ms of it.

        Waits up to `timeout_s`. Without a microphone the picture comes alone.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        MatchedSceneAudio or None
            None if no picture came in time, or a stream was stopped.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        used = self.scene, self.audio, self.gaze
        return self._kept("audio", self.match_scene_and_audio, *used).read(timeout_s)

    # -- from gaze to picture -----------------------------------------------------------------

    def scene_near(
        self, device_ns: int, max_distance_ns: int = MAX_DISTANCE_NS
    ) -> VideoFrame | None:
        """The scene picture nearest to a time, of the fifth of a second that is kept.

        Never blocks. Pictures reach this computer later than gaze does: for the newest gaze
        sample, the picture nearest to it may still be on its way.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns, as of a gaze sample.
        max_distance_ns : int
            How far from it the picture may be, ns.

        Returns
        -------
        VideoFrame or None
            None if no picture is that near.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        self.scene.start()
        return nearest_within(self.scene.buffer, device_ns, max_distance_ns)

    def _kept(
        self, key: str, make: Callable[[], Matcher[R]], *used: SensorStream[Any]
    ) -> Matcher[R]:
        """The matcher of earlier calls, unless a stream of it was stopped since."""
        _started(*used)
        with self._matchers_lock:
            if key not in self._matchers or self._matchers[key][0] != used:
                self._matchers[key] = used, make()
            return self._matchers[key][1]


def _started(*streams: SensorStream[Any]) -> tuple[SensorStream[Any], ...]:
    for stream in streams:
        stream.start()
    return streams
