"""The streams of one device: what makes their samples, and how many of those are kept."""

from __future__ import annotations

import threading
from typing import Any

from psychopy_neon.client.journal import Journal
from psychopy_neon.client.sample_decoders import (
    AudioDecoder,
    EyeEventDecoder,
    GazeDecoder,
    ImuDecoder,
    VideoStreamDecoder,
)
from psychopy_neon.client.sensor_skew import SensorSkew
from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.client.stream_keeper import DecoderType, StreamSource
from psychopy_neon.exceptions import UsageError
from psychopy_neon.samples import AudioFrame, EyeEvent, GazeSample, ImuSample, VideoFrame

GAZE_CAPACITY = 2_000  # ten seconds at 200 Hz
# Both: a fifth of a second. Enough to match with gaze and sound, and for a loop that hangs a while.
SCENE_CAPACITY = 6  # decoded pictures of 2.9 MB
EYES_CAPACITY = 40  # 0.11 MB each
IMU_CAPACITY = 1_200
EYE_EVENT_CAPACITY = 200
AUDIO_CAPACITY = 80
JOIN_S = 2.0
# Stream -> what makes its samples, how many are kept, and the phone's name of the sensor.
STREAMS: dict[str, tuple[DecoderType[Any], int, str]] = {
    "gaze": (GazeDecoder, GAZE_CAPACITY, "gaze"),
    "scene": (VideoStreamDecoder, SCENE_CAPACITY, "world"),
    "eyes": (VideoStreamDecoder, EYES_CAPACITY, "eyes"),
    "imu": (ImuDecoder, IMU_CAPACITY, "imu"),
    "eye_events": (EyeEventDecoder, EYE_EVENT_CAPACITY, "eye_events"),
    "audio": (AudioDecoder, AUDIO_CAPACITY, "world"),
}
DATED_TWICE = ("imu", "eye_events")  # on the phone's Unix clock, and on its sensor clock


class SensorStreams:
    """One attribute per stream; each starts with its first use."""

    def _open_streams(self, source: StreamSource, journal: Journal) -> None:
        self._source = source
        self._stream_journal = journal
        self._sensor_skew = SensorSkew()
        self._streams_lock = threading.Lock()
        self._streams_closed = False
        self.gaze: SensorStream[GazeSample] = self._new_stream("gaze")
        self.scene: SensorStream[VideoFrame] = self._new_stream("scene")
        self.eyes: SensorStream[VideoFrame] = self._new_stream("eyes")
        self.imu: SensorStream[ImuSample] = self._new_stream("imu")
        self.eye_events: SensorStream[EyeEvent] = self._new_stream("eye_events")
        self.audio: SensorStream[AudioFrame] = self._new_stream("audio")

    @property
    def sensor_skew_ns(self) -> int | None:
        """Phone's Unix clock minus its sensor clock, ns; None until it is known.

        The running median of what motion samples and eye events show, once `imu` or `eye_events`
        runs. Add it to times named ``sensor_ns`` to compare them with those of gaze and video.
        More than 5 ms are logged once: the phone's clock was set after its app had started.
        """
        return self._sensor_skew.skew_ns

    def stop_stream(self, name: str) -> None:
        """End one stream and forget its samples; its next use starts it anew.

        The attribute of that name is then another `SensorStream`; readers of the old one get
        nothing more. Blocks up to 2 s.

        Parameters
        ----------
        name : str
            "gaze", "scene", "eyes", "imu", "eye_events" or "audio".

        Raises
        ------
        UsageError
            If there is no stream of that name.
        """
        if name not in STREAMS:
            raise UsageError(f"{name!r} is no stream; expected one of {', '.join(STREAMS)}")
        with self._streams_lock:
            if self._streams_closed:
                return
            stopped: SensorStream[Any] = getattr(self, name)
            setattr(self, name, self._new_stream(name))
        stopped.stop()
        stopped.join(JOIN_S)
        self._journal_stream(stopped)

    @property
    def _streams(self) -> tuple[SensorStream[Any], ...]:
        return tuple(getattr(self, name) for name in STREAMS)

    def _new_stream(self, name: str) -> SensorStream[Any]:
        decoder_type, capacity, sensor = STREAMS[name]
        stream = SensorStream(name, self._source, decoder_type, capacity, sensor=sensor)
        if name in DATED_TWICE:
            self._sensor_skew.follow(stream.buffer)
        return stream

    def _stop_streams(self) -> None:
        with self._streams_lock:
            self._streams_closed = True
        for stream in self._streams:
            stream.stop()

    def _join_streams(self) -> bool:
        """Wait for the streams' threads, and write into the journal what came; after a stop."""
        ended = [stream.join(JOIN_S) for stream in self._streams]
        for stream in self._streams:
            self._journal_stream(stream)
        return all(ended)

    def _journal_stream(self, stream: SensorStream[Any]) -> None:
        health = stream.health
        if not health.received:
            return
        self._stream_journal.write(
            "stream",
            name=stream.name,
            received=health.received,
            lost=health.lost,
            malformed=health.malformed,
        )
