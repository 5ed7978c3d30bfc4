"""Picture tuples of the official client, and what it matches them with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psychopy_neon.samples import VideoFrame
from psychopy_neon.simple.gaze import AnyGaze
from psychopy_neon.simple.sound import AudioFrame
from psychopy_neon.simple.timestamps import Stamped, unix_seconds


class _Video(NamedTuple):
    bgr_pixels: npt.NDArray[np.uint8]
    timestamp_unix_seconds: float


class SimpleVideoFrame(Stamped, _Video):
    """A picture: pixels (height, width, 3) in the order blue, green, red; time.

    Attributes
    ----------
    damaged : bool
        True if packets were lost and the picture may show rubbish. The official client hands
        out such pictures too, but does not tell.
    """

    damaged: bool = False


class MatchedItem(NamedTuple):
    """A scene picture and the gaze nearest to it in time."""

    frame: SimpleVideoFrame
    gaze: AnyGaze


class MatchedGazeEyesSceneItem(NamedTuple):
    """A scene picture, and the picture of the eyes and the gaze nearest to it in time."""

    scene: SimpleVideoFrame
    eyes: SimpleVideoFrame
    gaze: AnyGaze


class MatchedSceneAudioItem(NamedTuple):
    """A scene picture, the sound that starts within 34 ms of it, and the nearest gaze if any."""

    frame: SimpleVideoFrame
    audio: list[AudioFrame]
    gaze: AnyGaze | None


def video_tuple(frame: VideoFrame) -> SimpleVideoFrame:
    """The official tuple of a picture; converts its colours."""
    picture = SimpleVideoFrame(frame.bgr(), unix_seconds(frame.device_ns))
    picture.damaged = frame.damaged
    return picture.stamped(frame.device_ns)
