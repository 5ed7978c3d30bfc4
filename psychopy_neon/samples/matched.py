"""Samples of several streams that belong to the same moment."""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.samples.gaze import GazeSample
from psychopy_neon.samples.sound import AudioFrame
from psychopy_neon.samples.video import VideoFrame


@dataclass(frozen=True, eq=False, slots=True)
class MatchedSceneGaze:
    """A scene picture and the gaze sample nearest to it in time.

    Attributes
    ----------
    scene : VideoFrame
        The picture.
    gaze : GazeSample
        As a rule within 3 ms of it; at most as far away as was asked for.
    """

    scene: VideoFrame
    gaze: GazeSample

    @property
    def distance_ns(self) -> int:
        """Gaze time minus picture time, ns."""
        return self.gaze.device_ns - self.scene.device_ns


@dataclass(frozen=True, eq=False, slots=True)
class MatchedSceneEyesGaze:
    """A scene picture, and the picture of the eyes and the gaze sample nearest to it in time.

    Attributes
    ----------
    scene : VideoFrame
        The picture of the scene.
    eyes : VideoFrame
        Both eyes side by side.
    gaze : GazeSample
        Where they look.
    """

    scene: VideoFrame
    eyes: VideoFrame
    gaze: GazeSample


@dataclass(frozen=True, eq=False, slots=True)
class MatchedSceneAudio:
    """A scene picture, the sound that starts within 34 ms of it, and the nearest gaze if any.

    Attributes
    ----------
    scene : VideoFrame
        The picture.
    audio : tuple of AudioFrame
        In order; empty without a microphone, and for about half of the pictures, since a piece
        of sound lasts 128 ms.
    gaze : GazeSample or None
        Nearest to the picture.
    """

    scene: VideoFrame
    audio: tuple[AudioFrame, ...]
    gaze: GazeSample | None
