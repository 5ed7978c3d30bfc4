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
    """One picture of a camera (reference, 5.4).

    Attributes
    ----------
    bgr_pixels : ndarray of uint8, shape (height, width, 3)
        In the order blue, green, red.
    timestamp_unix_seconds : float
        Phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    damaged : bool
        True if packets were lost and the picture may show rubbish. The official client hands
        out such pictures too, but does not tell.
    """

    damaged: bool = False


class MatchedItem(NamedTuple):
    """A scene picture and the gaze nearest to it in time.

    Attributes
    ----------
    frame : SimpleVideoFrame
        Of the scene camera.
    gaze : GazeData or another class of gaze
        Nearest to it.
    """

    frame: SimpleVideoFrame
    gaze: AnyGaze


class MatchedGazeEyesSceneItem(NamedTuple):
    """A scene picture, and the picture of the eyes and the gaze nearest to it in time.

    Attributes
    ----------
    scene, eyes : SimpleVideoFrame
        Of the scene camera; of both eyes, side by side.
    gaze : GazeData or another class of gaze
        Nearest to the scene picture.
    """

    scene: SimpleVideoFrame
    eyes: SimpleVideoFrame
    gaze: AnyGaze


class MatchedSceneAudioItem(NamedTuple):
    """A scene picture, the sound that starts within 34 ms of it, and the nearest gaze if any.

    Attributes
    ----------
    frame : SimpleVideoFrame
        Of the scene camera.
    audio : list of AudioFrame
        Empty without a microphone.
    gaze : GazeData or another class of gaze, or None
        Nearest to the picture.
    """

    frame: SimpleVideoFrame
    audio: list[AudioFrame]
    gaze: AnyGaze | None


def video_tuple(frame: VideoFrame) -> SimpleVideoFrame:
    """The official tuple of a picture; converts its colours."""
    picture = SimpleVideoFrame(frame.bgr(), unix_seconds(frame.device_ns))
    picture.damaged = frame.damaged
    return picture.stamped(frame.device_ns)
