"""Where the window is in the scene picture, kept up to date by one thread."""

from __future__ import annotations

import math
import threading

from psychopy_neon.client.head_sense import HeadSense
from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader
from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.client.settling import Settling
from psychopy_neon.exceptions import UsageError
from psychopy_neon.samples import GazeSample, ImuSample, ScreenGaze, SettledGaze, VideoFrame
from psychopy_neon.screen.alignment_fit import AlignmentState
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.detector import DetectedMarkers, MarkerDetector
from psychopy_neon.screen.expected_markers import expected_markers
from psychopy_neon.screen.head_motion import HeadMotion
from psychopy_neon.screen.mapper import map_gaze
from psychopy_neon.screen.pose import ScreenPose, estimate_pose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.transport.worker import Worker

WAIT_S = 0.25
FORESEEN_NS = 500_000_000


class ScreenTracker:
    """Maps gaze to the window that shows the given tags.

    The thread takes the newest scene picture, finds the tags, and publishes the pose; pictures
    that arrive while it works are skipped. It, the scene video and the motion samples run from
    the first call of ``set_surface`` on.

    Gaze can be read in two ways: `map` gives its place at once, by the pose carried on to the
    sample's own time by the gyroscope; `settled` has every sample again some 100 ms later, by the
    poses before and after it, for data that are saved.

    Parameters
    ----------
    scene : SensorStream of VideoFrame
    camera : SceneCamera
    imu : SensorStream of ImuSample, optional
        Without it the head is taken to turn on as it did, which is much less exact.
    gaze : SensorStream of GazeSample, optional
        Needed for `settled` only.
    max_gaze_age_s, max_pose_age_s : float
        Older gaze, or gaze farther in time from the nearest picture of the window, is not valid.

    Attributes
    ----------
    camera : SceneCamera
        As given.
    correction : GazeCorrection or None
        Applied to all gaze that is mapped from now on; set it from any thread.
    frames, frames_skipped, frames_late, frames_without_screen : int
        Pictures searched; left out because the thread was busy; left out because a newer one
        had come before; searched in vain.
    """

    def __init__(
        self,
        scene: SensorStream[VideoFrame],
        camera: SceneCamera,
        *,
        imu: SensorStream[ImuSample] | None = None,
        gaze: SensorStream[GazeSample] | None = None,
        max_gaze_age_s: float = 0.1,
        max_pose_age_s: float = 0.5,
    ) -> None:
        self.frames = self.frames_skipped = self.frames_late = self.frames_without_screen = 0
        self.camera = camera
        self.correction: GazeCorrection | None = None
        self._scene = scene
        self._gaze = gaze
        self._surface: Surface | None = None
        self._max_gaze_age_s = max_gaze_age_s
        self._max_pose_age_s = max_pose_age_s
        self._motion = HeadMotion()
        self._sense = HeadSense(self._motion, imu)
        self._settling = Settling(self._settle, round(max_pose_age_s * 1e9))
        self._unsettled: SampleReader[GazeSample] | None = None
        self._worker = Worker("neon-screen", self._run)

    def set_surface(self, surface: Surface) -> None:
        """Look for these tags from now on; call it from one thread.

        The same tags in the same places again change nothing, so that gaze goes on.

        Parameters
        ----------
        surface : Surface
        """
        first = self._surface is None
        if first or not surface.equals(self._surface):
            self._surface = surface
        if first:
            self._scene.start()
            self._sense.start()
            self._worker.start()

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""
        self._sense.stop()
        self._worker.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        bool
            Whether it has ended.
        """
        return self._worker.join(timeout_s)

    @property
    def pose(self) -> ScreenPose | None:
        """The newest one, as in its picture; None before the first."""
        return self._motion.history.newest

    @property
    def gyroscope(self) -> AlignmentState | None:
        """Whether the gyroscope agrees with the pictures; None while nothing came from it.

        "assumed" before there was motion to judge by, "fitted" to the pictures, or "disagrees":
        then it is not used.
        """
        return self._sense.state

    def pose_near(self, device_ns: int, max_distance_s: float | None = None) -> ScreenPose | None:
        """Where the window was at a time, by the nearest of the newest 300 poses; never blocks.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns, as of a gaze sample.
        max_distance_s : float, optional
            Without it `max_pose_age_s`.

        Returns
        -------
        ScreenPose or None
            None if no picture that near showed the window.
        """
        distance_s = self._max_pose_age_s if max_distance_s is None else max_distance_s
        return self._motion.history.nearest(device_ns, round(distance_s * 1e9))

    def pose_at(self, device_ns: int) -> ScreenPose | None:
        """Where the window was at a time, as `map` takes it to be; never blocks.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns, as of a gaze sample.

        Returns
        -------
        ScreenPose or None
            Its `device_ns` is that of the picture it rests on. None before the first.
        """
        placed = self._motion.at(device_ns)
        return None if placed is None else placed.pose

    def map(self, gaze: GazeSample | None, now_device_ns: int) -> ScreenGaze:
        """Where on the window this sample looks, as well as it is known now.

        Never blocks, and takes about 0.15 ms. A sample later than the newest picture gets its
        pose carried on to the sample's time; an earlier one gets that between two pictures.

        Parameters
        ----------
        gaze : GazeSample or None
        now_device_ns : int
            The present on the phone's Unix clock, ns.
        """
        placed = None if gaze is None else self._motion.at(gaze.device_ns)
        return map_gaze(
            gaze,
            placed.pose if placed else None,
            self.camera,
            now_device_ns=now_device_ns,
            max_gaze_age_s=self._max_gaze_age_s,
            max_pose_age_s=self._max_pose_age_s,
            pose_source=placed.source if placed else "held",
            expected_error_deg=placed.expected_error_deg if placed else math.nan,
            correction=self.correction,
        )

    @property
    def settled(self) -> SampleBuffer[SettledGaze]:
        """Every gaze sample from the first use of this on, mapped when it is known best.

        That is as soon as a later picture showed the window, about 0.1 s after the sample, or
        after `max_pose_age_s` without one. Follow it with a `SampleReader`.

        Raises
        ------
        UsageError
            If the tracker was made without `gaze`.
        """
        if self._gaze is None:
            raise UsageError("a ScreenTracker needs the gaze stream to settle gaze: give gaze=.")
        if self._unsettled is None:
            self._unsettled = self._gaze.reader()
        return self._settling.settled

    def _settle(self, gaze: GazeSample) -> ScreenGaze:
        return self.map(gaze, gaze.device_ns)

    def _run(self, stopping: threading.Event) -> None:
        reader = self._scene.reader()
        taken = self._scene.buffer.appended
        surface: Surface | None = None
        while not stopping.is_set():
            if surface is not self._surface and self._surface is not None:
                surface = self._surface
                detector = MarkerDetector(surface.tag_ids)
                self._motion.clear()  # the poses were those of the old tags
            frame = reader.skip_to_latest(WAIT_S)
            if frame is not None and surface is not None:
                appended = self._scene.buffer.appended
                self.frames_skipped += max(0, appended - taken - 1)
                taken = appended
                self._take(detector, surface, frame)
            self._settle_gaze()
        self._settling.finish()

    def _take(self, detector: MarkerDetector, surface: Surface, frame: VideoFrame) -> None:
        if frame.damaged:
            return
        if self._motion.history.is_late(frame.device_ns):
            self.frames_late += 1
            return
        detected = detector.detect(frame.luma, self._expected(surface, frame))
        pose = estimate_pose(detected, surface, self.camera, frame.device_ns)
        self.frames += 1
        if pose is None:
            self.frames_without_screen += 1  # the last pose stays, and gets too old by itself
            return
        self._motion.take_pose(pose)
        self._sense.check()

    def _expected(self, surface: Surface, frame: VideoFrame) -> DetectedMarkers | None:
        """Where the tags should be by what is known of the head; None if that is too old."""
        placed = self._motion.at(frame.device_ns)
        if placed is None or frame.device_ns - placed.pose.device_ns > FORESEEN_NS:
            return None
        return expected_markers(placed.pose, surface, self.camera)

    def _settle_gaze(self) -> None:
        if self._unsettled is not None:
            pose = self.pose
            self._settling.take(self._unsettled.drain(), None if pose is None else pose.device_ns)
