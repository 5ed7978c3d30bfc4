"""Pairs of samples that belong to the same moment."""

from __future__ import annotations

from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.samples import GazeSample, MatchedSceneGaze, VideoFrame
from psychopy_neon.transport.deadline import Deadline

MAX_DISTANCE_NS = 50_000_000


def match_gaze(
    frame: VideoFrame, gaze: SampleBuffer[GazeSample], max_distance_ns: int = MAX_DISTANCE_NS
) -> MatchedSceneGaze | None:
    """The gaze sample truly nearest to a picture; None if all are too far away.

    Nothing is consumed: the next picture may match the same sample.
    """
    nearest = gaze.nearest(frame.device_ns)
    if nearest is None or abs(nearest.device_ns - frame.device_ns) > max_distance_ns:
        return None
    return MatchedSceneGaze(frame, nearest)


def wait_for_later_gaze(
    frame: VideoFrame, gaze: SampleBuffer[GazeSample], deadline: Deadline
) -> None:
    """Wait until a sample later than the picture is there: before that, "nearest" is not known."""
    while gaze.latest is None or gaze.latest.device_ns < frame.device_ns:
        gaze.wait_for(gaze.appended, deadline.left_s())
