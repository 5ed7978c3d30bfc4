"""`Device`: its streams."""

from __future__ import annotations

from psychopy_neon.simple.eye_events import AnyEyeEvent, eye_event_tuple
from psychopy_neon.simple.gaze import AnyGaze
from psychopy_neon.simple.gaze_of_sample import gaze_tuple
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
        """The newest picture of the scene camera that was not received yet; waits for it.

        Parameters
        ----------
        timeout_seconds : float or None
            Longest wait; None waits for ever, 0 not at all.

        Returns
        -------
        SimpleVideoFrame or None
            None if there was none in time.

        Raises
        ------
        ClosedError
            If the stream was stopped or the device closed meanwhile.
        """
        frame = self._receiving.inbox("world").receive(timeout_seconds)
        return None if frame is None else video_tuple(frame)

    def receive_eyes_video_frame(
        self, timeout_seconds: float | None = None
    ) -> SimpleVideoFrame | None:
        """The newest picture of both eyes, side by side, not received yet; waits for it.

        Parameters
        ----------
        timeout_seconds : float or None
            Longest wait; None waits for ever, 0 not at all.

        Returns
        -------
        SimpleVideoFrame or None
            None if there was none in time.

        Raises
        ------
        ClosedError
            If the stream was stopped or the device closed meanwhile.
        """
        frame = self._receiving.inbox("eyes").receive(timeout_seconds)
        return None if frame is None else video_tuple(frame)

    def receive_gaze_datum(self, timeout_seconds: float | None = None) -> AnyGaze | None:
        """The newest gaze that was not received yet; waits for it.

        Parameters
        ----------
        timeout_seconds : float or None
            Longest wait; None waits for ever, 0 not at all.

        Returns
        -------
        GazeData or another class of gaze, or None
            Its class tells what this phone sends. None if there was none in time.

        Raises
        ------
        ClosedError
            If the stream was stopped or the device closed meanwhile.
        """
        sample = self._receiving.inbox("gaze").receive(timeout_seconds)
        return None if sample is None else gaze_tuple(sample)

    def receive_imu_datum(self, timeout_seconds: float | None = None) -> IMUData | None:
        """The newest motion data that were not received yet; waits for them.

        Parameters
        ----------
        timeout_seconds : float or None
            Longest wait; None waits for ever, 0 not at all.

        Returns
        -------
        IMUData or None
            None if there were none in time.

        Raises
        ------
        ClosedError
            If the stream was stopped or the device closed meanwhile.
        """
        sample = self._receiving.inbox("imu").receive(timeout_seconds)
        return None if sample is None else imu_tuple(sample)

    def receive_eye_events(self, timeout_seconds: float | None = None) -> AnyEyeEvent | None:
        """The next eye event, none is left out; waits for it.

        Parameters
        ----------
        timeout_seconds : float or None
            Longest wait; None waits for ever, 0 not at all.

        Returns
        -------
        FixationEventData, FixationOnsetEventData, BlinkEventData or None
            None if there was none in time.

        Raises
        ------
        ClosedError
            If the stream was stopped or the device closed meanwhile.
        """
        event = self._receiving.inbox("eye_events").receive(timeout_seconds)
        return None if event is None else eye_event_tuple(event)

    def receive_audio_frame(self, timeout_seconds: float | None = None) -> AudioFrame | None:
        """The next piece of sound, none is left out; waits for it.

        Parameters
        ----------
        timeout_seconds : float or None
            Longest wait; None waits for ever, 0 not at all.

        Returns
        -------
        AudioFrame or None
            None if there was none in time.

        Raises
        ------
        ClosedError
            If the stream was stopped or the device closed meanwhile.
        """
        sample = self._receiving.inbox("audio").receive(timeout_seconds)
        return None if sample is None else audio_tuple(sample)

    def receive_matched_scene_video_frame_and_gaze(
        self, timeout_seconds: float | None = None
    ) -> MatchedItem | None:
        """The newest scene picture whose nearest gaze is known, with that gaze; waits for it.

        Parameters
        ----------
        timeout_seconds : float or None
            Longest wait; None waits for ever, 0 not at all.

        Returns
        -------
        MatchedItem or None
            None if there was none in time.

        Raises
        ------
        ClosedError
            If the stream was stopped or the device closed meanwhile.
        """
        found = self._receiving.matched("gaze").receive(timeout_seconds)
        if found is None:
            return None
        scene, gaze = found
        return MatchedItem(video_tuple(scene), gaze_tuple(gaze))

    def receive_matched_scene_and_eyes_video_frames_and_gaze(
        self, timeout_seconds: float | None = None
    ) -> MatchedGazeEyesSceneItem | None:
        """The newest scene picture with the nearest picture of the eyes and gaze; waits for it.

        Parameters
        ----------
        timeout_seconds : float or None
            Longest wait; None waits for ever, 0 not at all.

        Returns
        -------
        MatchedGazeEyesSceneItem or None
            None if there was none in time.

        Raises
        ------
        ClosedError
            If the stream was stopped or the device closed meanwhile.
        """
        found = self._receiving.matched("eyes", "gaze").receive(timeout_seconds)
        if found is None:
            return None
        scene, eyes, gaze = found
        return MatchedGazeEyesSceneItem(video_tuple(scene), video_tuple(eyes), gaze_tuple(gaze))

    def receive_matched_scene_video_frame_and_audio(
        self, timeout_seconds: float | None = None
    ) -> MatchedSceneAudioItem | None:
        """The next scene picture with the sound that starts within 34 ms of it; waits for it.

        Parameters
        ----------
        timeout_seconds : float or None
            Longest wait; None waits for ever, 0 not at all.

        Returns
        -------
        MatchedSceneAudioItem or None
            Without sound while the microphone is off. None if there was none in time.

        Raises
        ------
        ClosedError
            If the stream was stopped or the device closed meanwhile.
        """
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
        """Start a stream, or all; returns at once.

        Parameters
        ----------
        stream_name : str or None
            gaze, world, eyes, imu, eye_events or audio; None starts all.

        Raises
        ------
        UnknownStreamError
            If there is none of that name; it is a KeyError.
        """
        self._receiving.start(stream_name)

    def streaming_stop(self, stream_name: str | None = None) -> None:
        """Stop a stream, or all; blocks up to 2 s for each.

        Parameters
        ----------
        stream_name : str or None
            gaze, world, eyes, imu, eye_events or audio; None stops all.

        Raises
        ------
        UnknownStreamError
            If there is none of that name; it is a KeyError.
        """
        self._receiving.stop(stream_name)

    def start_stream_if_needed(self, sensor: str) -> None:
        """The same as `streaming_start`, which does nothing to a stream that runs.

        Parameters
        ----------
        sensor : str
            gaze, world, eyes, imu, eye_events or audio.

        Raises
        ------
        UnknownStreamError
            If there is none of that name; it is a KeyError.
        """
        self._receiving.start(sensor)
