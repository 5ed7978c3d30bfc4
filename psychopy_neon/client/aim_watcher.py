"""Gaze on a target that somebody is to look at, for validation."""

from __future__ import annotations

from itertools import islice

from psychopy_neon.client.sample_buffer import SampleReader
from psychopy_neon.client.screen_tracker import ScreenTracker
from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.samples import GazeSample, Point
from psychopy_neon.screen.aiming import AimedGaze, aim


class AimWatcher:
    """Sees each gaze sample beside a target, when asked; has no thread and costs nothing else.

    Parameters
    ----------
    gaze : SensorStream of GazeSample
    tracker : ScreenTracker
        Knows where the window is.
    """

    def __init__(self, gaze: SensorStream[GazeSample], tracker: ScreenTracker) -> None:
        self._gaze = gaze
        self._tracker = tracker
        self._reader = SampleReader(gaze.buffer)
        self._target: Point = (0.0, 0.0)

    def look_at(self, target: Point) -> None:
        """Begin anew with this target, ``norm`` units of the window; older samples are left out."""
        self._reader = SampleReader(self._gaze.buffer)
        self._target = target

    def aimed(self, most: int) -> list[AimedGaze]:
        """Samples since the last call, the oldest first and at most so many; never waits."""
        # Ends with the first that is not there: each look costs a call to the operating system.
        unread = islice(iter(self._reader.poll, None), most)
        return [self._seen(sample) for sample in unread if sample is not None]

    def _seen(self, sample: GazeSample) -> AimedGaze:
        # The age of a sample does not matter: the target stays for as long as it is asked about.
        problem = self._tracker.map(sample, sample.device_ns).problem
        pose, camera = self._tracker.pose_at(sample.device_ns), self._tracker.camera
        return aim(sample, pose, camera, self._target, problem)
