"""Values that users receive from the glasses: frozen, typed, with units in their names.

Three clocks occur, and every time says which one it is on:

``device_ns``
    The phone's Unix clock, integer nanoseconds. The time of the sample itself.
``host_ns``
    This computer's monotonic clock, ``time.perf_counter_ns()``. When something reached us.
``experiment_s``
    The experiment's own clock in seconds, as handed to `psychopy_neon.Neon`.
"""

from __future__ import annotations

from psychopy_neon.samples.axes import Point, Vector
from psychopy_neon.samples.eye_events import EyeEvent, EyeEventKind, EyeMovement
from psychopy_neon.samples.gaze import Eyelid, EyeState, GazeSample
from psychopy_neon.samples.imu import ImuSample
from psychopy_neon.samples.matched import MatchedSceneAudio, MatchedSceneEyesGaze, MatchedSceneGaze
from psychopy_neon.samples.screen_gaze import (
    GazeProblem,
    LookedAt,
    PoseSource,
    ScreenGaze,
    SettledGaze,
)
from psychopy_neon.samples.sound import AudioFrame
from psychopy_neon.samples.video import VideoFrame

__all__ = [
    "AudioFrame",
    "EyeEvent",
    "EyeEventKind",
    "EyeMovement",
    "EyeState",
    "Eyelid",
    "GazeProblem",
    "GazeSample",
    "ImuSample",
    "LookedAt",
    "MatchedSceneAudio",
    "MatchedSceneEyesGaze",
    "MatchedSceneGaze",
    "Point",
    "PoseSource",
    "ScreenGaze",
    "SettledGaze",
    "Vector",
    "VideoFrame",
]
