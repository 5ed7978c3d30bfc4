"""Follows the brightness of a patch of the window through the scene video."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader
from psychopy_neon.client.screen_tracker import ScreenTracker
from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.experiment_clock import pair
from psychopy_neon.samples import VideoFrame
from psychopy_neon.screen.patch import Points, mean_luma
from psychopy_neon.screen.patch_blinking import PatchLevel
from psychopy_neon.transport.worker import Worker

WAIT_S = 0.25
LEVELS_KEPT = 9_000  # five minutes at 30 Hz
MAX_POSE_DISTANCE_S = 0.1
_END_NS = 2**63
PICTURES_HELD = 2  # until their own pose is known; the scene stream keeps six


def flip_on_phone(
    clock_map: ClockMap, clock: Callable[[], float], flip_s: float
) -> tuple[int, int]:
    """Time of a flip on the phone's Unix clock and its bound, ns: as an event's is converted.

    Parameters
    ----------
    clock_map : ClockMap
    clock : callable
        Returns seconds.
    flip_s : float
        On that clock.
    """
    clocks = pair(time.perf_counter_ns, clock)
    host_ns = clocks.host_from_experiment(flip_s)
    bound_ns = clock_map.bound_ns(host_ns) + clocks.half_gap_ns
    return clock_map.device_from_host(host_ns), bound_ns


class PatchWatcher:
    """Measures the patch in every scene picture, in a thread of its own.

    Costs about 0.2 ms for each picture, beside the search for the tags that the tracker does
    anyway; pictures are not converted.

    Parameters
    ----------
    scene : SensorStream of VideoFrame
        Started if it does not run.
    tracker : ScreenTracker
        Knows where the window is.
    points : ndarray, shape (N, 2)
        Where to measure, ``norm`` units of the window: from `patch_points` or `inverting_points`.

    Attributes
    ----------
    levels : SampleBuffer of PatchLevel
        The newest five minutes; any thread may read them.
    frames, frames_left_out : int
        Pictures looked at; those among them in which the patch could not be measured, because
        they were damaged, not yet dated for sure, or showed no tags.
    """

    def __init__(
        self,
        scene: SensorStream[VideoFrame],
        tracker: ScreenTracker,
        points: Points,
    ) -> None:
        self.levels: SampleBuffer[PatchLevel] = SampleBuffer(LEVELS_KEPT)
        self.frames = self.frames_left_out = 0
        self._scene = scene
        self._tracker = tracker
        self._points = points
        self._worker = Worker("neon-patch", self._run)

    def start(self) -> None:
        """Begin to watch."""
        self._scene.start()
        self._worker.start()

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""
        self._worker.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread, at most `timeout_s`; whether it has ended."""
        return self._worker.join(timeout_s)

    def levels_after(self, device_ns: int, most: int | None = None) -> list[PatchLevel]:
        """Levels of pictures later than this, oldest first; never waits.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.
        most : int, optional
            No more than so many.
        """
        return self.levels.between(device_ns + 1, _END_NS)[:most]

    def _run(self, stopping: threading.Event) -> None:
        reader = SampleReader(self._scene.buffer)
        held: deque[VideoFrame] = deque()
        while not (stopping.is_set() or self._scene.buffer.is_closed):
            frame = reader.read(WAIT_S)
            if frame is not None:
                held.append(frame)
            # The tracker may still be at work on a picture that has just come.
            while len(held) > (PICTURES_HELD if frame is not None else 0):
                self._measure(held.popleft())

    def _measure(self, frame: VideoFrame) -> None:
        self.frames += 1
        level = None
        pose = self._tracker.pose_near(frame.device_ns, MAX_POSE_DISTANCE_S)
        if pose is not None and not frame.damaged and not frame.provisional:
            level = mean_luma(frame.luma, pose, self._tracker.camera, self._points)
        if level is None:
            self.frames_left_out += 1
        else:
            self.levels.append(PatchLevel(frame.device_ns, level))
