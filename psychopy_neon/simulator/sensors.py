"""All sensors of the simulated glasses, whoever wears them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Protocol

from psychopy_neon.simulator.audio_sensor import AudioSensor
from psychopy_neon.simulator.patch_screen import PatchScreen
from psychopy_neon.simulator.stream import Stream
from psychopy_neon.simulator.truth import TruthLog


class Feed(Protocol):
    """What all of them have."""

    stream: Stream

    def start(self) -> None:
        """Begin to sense."""

    def close(self) -> None:
        """End all threads. Idempotent."""


class GazeFeed(Feed, Protocol):
    """Where the wearer looks; the attributes may be changed while running."""

    worn: bool
    gaze_bytes: int
    eye_state_is_nan: bool

    @property
    def variants(self) -> tuple[int, ...]:
        """Lengths of gaze that it can fill."""

    @property
    def late(self) -> int:
        """Samples that left late."""


class MotionFeed(Feed, Protocol):
    """What the head feels; the attributes may be changed while running."""

    skew_ns: int
    truncated: int

    @property
    def late(self) -> int:
        """Samples that left late."""


class EyeEventFeed(Feed, Protocol):
    """What the eyes did; the attributes may be changed while running."""

    skew_ns: int
    unknown: int


class CameraFeed(Feed, Protocol):
    """Video of the scene, or of the eyes."""

    @property
    def error(self) -> BaseException | None:
        """Why there is no video, if it cannot be made."""

    @property
    def shortfall(self) -> str:
        """What this computer is too slow for, one sentence; empty if it is not."""


class SceneFeed(CameraFeed, Protocol):
    """Video of the scene."""

    @property
    def how(self) -> str:
        """How its pictures are made: ahead or as they are sent, and how many a second."""

    @property
    def late(self) -> int:
        """Pictures that left late."""

    def wait_until_drawn(self, timeout_s: float = 10.0) -> bool:
        """Wait until there is something to show; False if it takes longer or cannot be."""


class Sensors:
    """Gaze, eyes, motion, eye events and, if wanted, scene and sound; one clock, one wearer.

    Parameters
    ----------
    truth : TruthLog
    listed : sequence of str
        Those that the glasses have, by their names in the status.

    Attributes
    ----------
    gaze, eyes, imu, eye_events
    scene, audio, patch
        None if they were not wanted.
    """

    def __init__(
        self,
        truth: TruthLog,
        listed: Sequence[str],
        *,
        gaze: GazeFeed,
        eyes: CameraFeed,
        imu: MotionFeed,
        eye_events: EyeEventFeed,
        scene: SceneFeed | None,
        audio: AudioSensor | None = None,
        patch: PatchScreen | None = None,
    ) -> None:
        self._truth = truth
        self._listed = listed
        self.gaze = gaze
        self.eyes = eyes
        self.imu = imu
        self.eye_events = eye_events
        self.scene = scene
        self.audio = audio
        self.patch = patch

    def start(self) -> None:
        """Begin to sense."""
        for sensor in self._all():
            sensor.start()

    def close(self) -> None:
        """End all threads, and note in the truth log what left late. Idempotent."""
        for sensor in self._all():
            sensor.close()
        self._truth.add_late(self.late)

    @property
    def late(self) -> dict[str, int]:
        """How many samples of each sensor that has a clock of its own left late so far."""
        late = {"gaze": self.gaze.late, "imu": self.imu.late}
        return late if self.scene is None else {**late, "world": self.scene.late}

    @property
    def streams(self) -> Mapping[str, Sequence[Stream]]:
        """Streams by the sensor's name in the status; sound comes before the scene's video."""
        streams: dict[str, Sequence[Stream]] = {"imu": (self.imu.stream,)}
        if self.scene is not None:
            sound = (self.audio.stream,) if self.audio else ()
            streams["world"] = (*sound, self.scene.stream)
        streams["gaze"] = (self.gaze.stream,)
        streams["eye_events"] = (self.eye_events.stream,)
        streams["eyes"] = (self.eyes.stream,)
        return {name: those for name, those in streams.items() if name in self._listed}

    def log_sends(self) -> None:
        """Note in the truth log when each sample really leaves."""
        for streams in self.streams.values():
            for stream in streams:
                stream.on_sent = functools.partial(self._truth.add_sent, stream.name)

    def problems(self) -> list[str]:
        """What does not work, one sentence each."""
        cameras = {"scene": self.scene, "eye": self.eyes}
        there = {name: camera for name, camera in cameras.items() if camera is not None}
        errors = {name: camera.error for name, camera in there.items()}
        missing = [f"There is no {name} video: {why}." for name, why in errors.items() if why]
        return missing + [camera.shortfall for camera in there.values() if camera.shortfall]

    @property
    def scene_is_watched(self) -> bool:
        """Whether anybody receives scene video."""
        return self.scene is not None and self.scene.stream.is_watched

    def _all(self) -> list[Feed]:
        found: list[Feed | None] = [
            *(self.gaze, self.eyes, self.imu, self.eye_events, self.scene, self.audio)
        ]
        return [sensor for sensor in found if sensor is not None]
