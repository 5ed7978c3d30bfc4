"""Finds the tags of all tracked windows and surfaces in the scene video, in one thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from psychopy_neon.client.distinct_tags import check_distinct
from psychopy_neon.client.head_sense import HeadSense
from psychopy_neon.client.sample_buffer import SampleReader
from psychopy_neon.client.sample_gaps import SampleGaps
from psychopy_neon.client.screen_tracker import ScreenTracker
from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.exceptions import UsageError
from psychopy_neon.samples import GazeSample, ImuSample, LookedAt, VideoFrame
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import DetectedMarkers, MarkerDetector
from psychopy_neon.screen.looked_at import choose
from psychopy_neon.screen.neck import TYPICAL_WINDOW_HEIGHT_MM
from psychopy_neon.screen.pose_history import CLOCK_SET_BACK_NS
from psychopy_neon.screen.surface import Surface
from psychopy_neon.transport.worker import Worker

WAIT_S = 0.25


class ScreenWatch:
    """Searches each scene picture once for the tags of all surfaces that are tracked.

    The thread takes the newest picture; those that arrive while it works are skipped. It, the
    scene video and the motion samples run from the first call of `track` on.

    Parameters
    ----------
    scene : SensorStream of VideoFrame
    camera : SceneCamera
    imu : SensorStream of ImuSample, optional
        Without it the head is taken to turn on as it did, which is much less exact.
    gaze : SensorStream of GazeSample, optional
        Needed for `ScreenTracker.settled` only.

    Attributes
    ----------
    camera : SceneCamera
        As given.
    frames_skipped, frames_late : int
        Pictures left out because the thread was busy, and because a newer one had come before.
    """

    def __init__(
        self,
        scene: SensorStream[VideoFrame],
        camera: SceneCamera,
        *,
        imu: SensorStream[ImuSample] | None = None,
        gaze: SensorStream[GazeSample] | None = None,
    ) -> None:
        self.camera = camera
        self.frames_skipped = self.frames_late = 0
        self._scene = scene
        self._gaze = gaze
        self._sense = HeadSense(imu)
        self._screens: tuple[ScreenTracker, ...] = ()
        self._lock = threading.Lock()  # guards the list of screens, and what they track
        self._detector: MarkerDetector | None = None
        self._newest_ns: int | None = None
        self._gaps = SampleGaps(None if gaze is None else gaze.buffer)
        self._undated = False
        self._worker = Worker("neon-screen", self._run)

    @property
    def screens(self) -> dict[str, ScreenTracker]:
        """Those that are tracked, or are to be, by name."""
        return {screen.name: screen for screen in self._screens if not screen.is_stopped}

    @property
    def is_over(self) -> bool:
        """Whether the scene video was stopped: no picture will come any more."""
        return self._scene.buffer.is_closed

    def screen(
        self,
        name: str | None = None,
        *,
        height_mm: float = TYPICAL_WINDOW_HEIGHT_MM,
        max_gaze_age_s: float = 0.1,
        max_pose_age_s: float = 0.5,
    ) -> ScreenTracker:
        """The one of that name, or a new one, which shows nothing before `track`.

        Parameters
        ----------
        name : str, optional
            Without it a new one, named "screen", "screen 2" and so on.
        height_mm, max_gaze_age_s, max_pose_age_s : float
            See `ScreenTracker`; of a new one.
        """
        with self._lock:
            known = self.screens
            if name is not None and name in known:
                return known[name]
            made = ScreenTracker(
                self.camera,
                self._sense,
                self._gaze,
                name=_free_name(known) if name is None else name,
                height_mm=height_mm,
                max_gaze_age_s=max_gaze_age_s,
                max_pose_age_s=max_pose_age_s,
            )
            self._screens = (*known.values(), made)
            return made

    def track(self, screen: ScreenTracker, surface: Surface) -> None:
        """Look for these tags from now on.

        The same tags in the same places again change nothing, so that gaze goes on.

        Parameters
        ----------
        screen : ScreenTracker
            One of ours.
        surface : Surface
            Where its tags are from now on.

        Raises
        ------
        UsageError
            If another screen has one of the tags, except if it is the same surface.
        """
        with self._lock:
            others = [each for each in self.screens.values() if each is not screen]
            try:
                check_distinct(screen.name, surface, others)
            except UsageError:
                if not screen.tag_ids:
                    screen.stop()  # it never was one
                raise
            screen.follow(surface)
            self._scene.start()
            self._sense.start()
            self._worker.start()

    def looked_at(self, gaze: GazeSample | None, now_device_ns: int) -> LookedAt:
        """Which of the screens this sample rests on; never blocks.

        Parameters
        ----------
        gaze : GazeSample or None
        now_device_ns : int
            The present on the phone's Unix clock, ns.
        """
        screens = self.screens
        seen = {name: screen.map(gaze, now_device_ns) for name, screen in screens.items()}
        return choose(seen, lambda name: screens[name].distance_mm(seen[name]))

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""
        self._sense.stop()
        self._worker.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread, at most `timeout_s`; whether it has ended."""
        return self._worker.join(timeout_s)

    # -- the thread ---------------------------------------------------------------------------

    def _run(self, stopping: threading.Event) -> None:
        try:
            self._watch(stopping)
        finally:
            self._sense.stop()
            for screen in self._screens:
                screen.finish()

    def _watch(self, stopping: threading.Event) -> None:
        reader = SampleReader(self._scene.buffer)
        taken = self._scene.buffer.appended
        while not (stopping.is_set() or self.is_over):
            frame = reader.skip_to_latest(WAIT_S)
            screens = self._present()
            if frame is not None and screens:
                appended = self._scene.buffer.appended
                self.frames_skipped += max(0, appended - taken - 1)
                taken = appended
                self._take(frame, screens)
            for screen in screens:
                screen.settle_gaze()

    def _present(self) -> list[ScreenTracker]:
        """Those to look for now; the ones that were stopped are let go."""
        with self._lock:
            gone = [screen for screen in self._screens if screen.is_stopped]
            self._screens = tuple(each for each in self._screens if not each.is_stopped)
        for screen in gone:
            screen.finish()
        return [screen for screen in self._screens if screen.begin()]

    def _take(self, frame: VideoFrame, screens: Sequence[ScreenTracker]) -> None:
        if frame.damaged:
            return
        if frame.provisional != self._undated:
            # What is dated by its arrival is dated late: its times do not go before true ones.
            self._undated, self._newest_ns = frame.provisional, None
        if self._is_late(frame):
            self.frames_late += 1
            return
        self._newest_ns = frame.device_ns
        with self._gaps.work("motion"):
            self._sense.refresh()
        with self._gaps.work("search"):
            places = [screen.expected(frame.device_ns) for screen in screens]
            found = self._detector_of(screens).detect(
                frame.luma, _together(places), elsewhere=None in places
            )
        for screen in screens:
            with self._gaps.work("pose"):
                screen.take(found, frame)
        with self._gaps.work("head"):
            self._sense.check()

    def _is_late(self, frame: VideoFrame) -> bool:
        newest_ns = self._newest_ns
        return newest_ns is not None and 0 <= newest_ns - frame.device_ns < CLOCK_SET_BACK_NS

    def _detector_of(self, screens: Sequence[ScreenTracker]) -> MarkerDetector:
        tag_ids = sorted({tag_id for screen in screens for tag_id in screen.tag_ids})
        if self._detector is None or self._detector.tag_ids != tag_ids:
            self._detector = MarkerDetector(tag_ids)
        return self._detector


def _together(places: Sequence[DetectedMarkers | None]) -> DetectedMarkers | None:
    parts = [part for part in places if part is not None]
    if not parts:
        return None
    ids, first = np.unique(np.concatenate([part.ids for part in parts]), return_index=True)
    return DetectedMarkers(ids, np.concatenate([part.corners_px for part in parts])[first])


def _free_name(known: dict[str, ScreenTracker]) -> str:
    names = ("screen" if number == 1 else f"screen {number}" for number in range(1, len(known) + 2))
    return next(name for name in names if name not in known)
