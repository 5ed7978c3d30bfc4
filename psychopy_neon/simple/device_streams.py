"""`Device`: its streams."""

from __future__ import annotations

from psychopy_neon.simple.eye_events import AnyEyeEvent, eye_event_tuple
from psychopy_neon.simple.gaze import AnyGaze, gaze_tuple
from psychopy_neon.simple.motion import IMUData, imu_tuple
from psychopy_neon.simple.receiving import Receiving
from psychopy_neon.simple.sound import AudioFrame, audio_tuple
from psychopy_neon.simple.video import (
    MatchedGazeEyesSceneItem,
    MatchedItem,
    MatchedSceneAudioItem,
    SimpleVideoFrame,
    video_tuple,
)


class DeviceStreams:
    """Streams, each started by its first use.

    Every call to receive returns something that no earlier call has returned, and waits until
    there is something: for ever if `timeout_seconds` is None, not at all if it is 0. On timeout
    it returns None; when the device is closed meanwhile, it raises `ClosedError`.
    """

    _receiving: Receiving

    @property
    def is_currently_streaming(self) -> bool:
        """Whether any stream was started and not stopped; one that broke restarts by itself."""
        return self._receiving.is_streaming

    def receive_scene_video_frame(
        self, timeout_seconds: float | None = None
    ) -> SimpleVideoFrame | None:
        """The newest picture of the scene camera."""
        frame = self._receiving.inbox("world").receive(timeout_seconds)
        return None if frame is None else video_tuple(frame)

    def receive_eyes_video_frame(
        self, timeout_seconds: float | None = None
    ) -> SimpleVideoFrame | None:
        """The newest picture of both eyes, side by side."""
        frame = self._receiving.inbox("eyes").receive(timeout_seconds)
        return None if frame is None else video_tuple(frame)

    def receive_gaze_datum(self, timeout_seconds: float | None = None) -> AnyGaze | None:
        """The newest gaze; its class tells what this phone sends."""
        sample = self._receiving.inbox("gaze").receive(timeout_seconds)
        return None if sample is None else gaze_tuple(sample)

    def receive_imu_datum(self, timeout_seconds: float | None = None) -> IMUData | None:
        """The newest motion data."""
        sample = self._receiving.inbox("imu").receive(timeout_seconds)
        return None if sample is None else imu_tuple(sample)

    def receive_eye_events(self, timeout_seconds: float | None = None) -> AnyEyeEvent | None:
        """The next eye event; none is left out."""
        event = self._receiving.inbox("eye_events").receive(timeout_seconds)
        return None if event is None else eye_event_tuple(event)

    def receive_audio_frame(self, timeout_seconds: float | None = None) -> AudioFrame | None:
        """The next piece of sound; none is left out."""
        sample = self._receiving.inbox("audio").receive(timeout_seconds)
        return None if sample is None else audio_tuple(sample)

    def receive_matched_scene_video_frame_and_gaze(
        self, timeout_seconds: float | None = None
    ) -> MatchedItem | None:
        """The newest scene picture whose nearest gaze is known, with that gaze."""
        found = self._receiving.matched("gaze").receive(timeout_seconds)
        if found is None:
            return None
        scene, gaze = found
        return MatchedItem(video_tuple(scene), gaze_tuple(gaze))

    def receive_matched_scene_and_eyes_video_frames_and_gaze(
        self, timeout_seconds: float | None = None
    ) -> MatchedGazeEyesSceneItem | None:
        """The same, with the nearest picture of the eyes too."""
        found = self._receiving.matched("eyes", "gaze").receive(timeout_seconds)
        if found is None:
            return None
        scene, eyes, gaze = found
        return MatchedGazeEyesSceneItem(video_tuple(scene), video_tuple(eyes), gaze_tuple(gaze))

    def receive_matched_scene_video_frame_and_audio(
        self, timeout_seconds: float | None = None
    ) -> MatchedSceneAudioItem | None:
        """The next scene picture with its sound, which is empty while the microphone is off."""
        found = self._receiving.with_sound().receive(timeout_seconds)
        if found is None:
            return None
        scene, sound, gaze = found
        return MatchedSceneAudioItem(
            video_tuple(scene),
            [audio_tuple(sample) for sample in sound],
            None if gaze is None else gaze_tuple(gaze),
        )

    def streaming_start(self, stream_name: str | None) -> None:
        """Start a stream: gaze, world, eyes, imu, eye_events or audio; None starts all.

        Raises
        ------
        UnknownStreamError
            If there is none of that name; it is a KeyError.
        """
        self._receiving.start(stream_name)

    def streaming_stop(self, stream_name: str | None = None) -> None:
        """Stop a stream, or all; raises as `streaming_start` does."""
        self._receiving.stop(stream_name)

    def start_stream_if_needed(self, sensor: str) -> None:
        """The same as `streaming_start`, which does nothing to a stream that runs."""
        self._receiving.start(sensor)
