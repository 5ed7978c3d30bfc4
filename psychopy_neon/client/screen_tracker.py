"""Where the window is in the scene picture, kept up to date by one thread."""

from __future__ import annotations

import threading

from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.samples import GazeSample, ScreenGaze, VideoFrame
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.screen.mapper import map_gaze
from psychopy_neon.screen.pose import ScreenPose, estimate_pose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.transport.worker import Worker

WAIT_S = 0.25


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
        Older gaze, or gaze farther in time from the newest pose, is not valid.

    Attributes
    ----------
    pose : ScreenPose or None
        The newest one; None before the first.
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
        self._scene = scene
        self._camera = camera
        self._surface: Surface | None = None
        self._max_gaze_age_s = max_gaze_age_s
        self._max_pose_age_s = max_pose_age_s
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

    def map(self, gaze: GazeSample | None, now_device_ns: int) -> ScreenGaze:
        """Where on the window this sample looks; never blocks."""
        return map_gaze(
            gaze,
            self.pose,
            self._camera,
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
                self.pose = None  # it was that of the old tags
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
        pose = estimate_pose(detected, surface, self._camera, frame.device_ns)
        self.frames += 1
        if pose is None:
            self.frames_without_screen += 1  # the last pose stays, and gets too old by itself
        else:
            self.pose = pose
