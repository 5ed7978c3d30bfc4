"""Where the window is in the scene picture, kept up to date by one thread."""

from __future__ import annotations

import threading

from psychopy_neon.client.matching import nearest_within
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.samples import GazeSample, ScreenGaze, VideoFrame
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.screen.mapper import map_gaze
from psychopy_neon.screen.pose import ScreenPose, estimate_pose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.transport.worker import Worker

WAIT_S = 0.25
POSES_KEPT = 300  # as many seconds as of gaze: ten, at 30 Hz


class ScreenTracker:
    """Maps gaze to the window that shows the given tags.

    The thread takes the newest scene picture, finds the tags, and publishes the pose; pictures
    that arrive while it works are skipped. It, and the scene video, run from the first
    `set_surface` on. Mapping itself happens in the caller's thread and takes about 0.1 ms.

    Parameters
    ----------
    scene : SensorStream of VideoFrame
    camera : SceneCamera
    max_gaze_age_s, max_pose_age_s : float
        Older gaze, or gaze farther in time from the nearest pose, is not valid.

    Attributes
    ----------
    pose : ScreenPose or None
        The newest one; None before the first.
    camera : SceneCamera
        As given.
    frames, frames_skipped, frames_without_screen : int
        Pictures searched; left out because the thread was busy; searched in vain.
    """

    def __init__(
        self,
        scene: SensorStream[VideoFrame],
        camera: SceneCamera,
        *,
        max_gaze_age_s: float = 0.1,
        max_pose_age_s: float = 0.5,
    ) -> None:
        self.pose: ScreenPose | None = None
        self.frames = self.frames_skipped = self.frames_without_screen = 0
        self.camera = camera
        self._scene = scene
        self._surface: Surface | None = None
        self._max_gaze_age_s = max_gaze_age_s
        self._max_pose_age_s = max_pose_age_s
        self._poses: SampleBuffer[ScreenPose] = SampleBuffer(POSES_KEPT)
        self._worker = Worker("neon-screen", self._run)

    def set_surface(self, surface: Surface) -> None:
        """Look for these tags from now on; call it from one thread.

        The same tags in the same places again change nothing, so that gaze goes on.
        """
        first = self._surface is None
        if first or not surface.equals(self._surface):
            self._surface = surface
        if first:
            self._scene.start()
            self._worker.start()

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""
        self._worker.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread."""
        return self._worker.join(timeout_s)

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
        return nearest_within(self._poses, device_ns, round(distance_s * 1e9))

    def map(self, gaze: GazeSample | None, now_device_ns: int) -> ScreenGaze:
        """Where on the window this sample looks, by the pose nearest to it; never blocks."""
        nearest = self.pose if gaze is None else self._poses.nearest(gaze.device_ns)
        return map_gaze(
            gaze,
            nearest,
            self.camera,
            now_device_ns=now_device_ns,
            max_gaze_age_s=self._max_gaze_age_s,
            max_pose_age_s=self._max_pose_age_s,
        )

    def _run(self, stopping: threading.Event) -> None:
        reader = self._scene.reader()
        taken = self._scene.buffer.appended
        surface: Surface | None = None
        while not stopping.is_set():
            if surface is not self._surface and self._surface is not None:
                surface = self._surface
                detector = MarkerDetector(surface.tag_ids)
                # The poses were those of the old tags.
                self.pose, self._poses = None, SampleBuffer(POSES_KEPT)
            frame = reader.skip_to_latest(WAIT_S)
            if frame is None or surface is None:
                continue
            appended = self._scene.buffer.appended
            self.frames_skipped += max(0, appended - taken - 1)
            taken = appended
            if not frame.damaged:
                self._search(detector, surface, frame)

    def _search(self, detector: MarkerDetector, surface: Surface, frame: VideoFrame) -> None:
        detected = detector.detect(frame.luma)
        pose = estimate_pose(detected, surface, self.camera, frame.device_ns)
        self.frames += 1
        if pose is None:
            self.frames_without_screen += 1  # the last pose stays, and gets too old by itself
        else:
            self._poses.append(pose)
            self.pose = pose
