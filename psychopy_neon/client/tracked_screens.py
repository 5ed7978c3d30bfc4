"""Windows and other surfaces with tags on them, on which one device finds gaze."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.exceptions import ClosedError
from psychopy_neon.samples import GazeSample, LookedAt

if TYPE_CHECKING:  # OpenCV is loaded only by those who track a screen
    from psychopy_neon.client.screen_tracker import ScreenTracker
    from psychopy_neon.client.screen_watch import ScreenWatch
    from psychopy_neon.screen.markers import Marker

TYPICAL_HEIGHT_MM = 300.0
NONE_TRACKED = LookedAt(None, {})


class TrackedScreens:
    """Gaze on any number of surfaces; their tags are searched for together."""

    gaze: SensorStream[GazeSample]

    def __init__(self) -> None:
        super().__init__()
        self._watch: ScreenWatch | None = None
        self._watch_lock = threading.Lock()
        self._watch_closed = False

    def track_screen(
        self,
        markers: Iterable[Marker],
        name: str | None = None,
        *,
        height_mm: float = TYPICAL_HEIGHT_MM,
        max_gaze_age_s: float = 0.1,
        max_pose_age_s: float = 0.5,
    ) -> ScreenTracker:
        """Find gaze on a window that shows markers; blocks up to 5 s for the calibration.

        Call it again for each further window or surface: each has tags, poses and gaze of its
        own, and every picture is searched once for all of them. A name that is tracked already
        gets the new markers, as when its window has been resized; its height and its greatest
        ages stay.

        Parameters
        ----------
        markers : iterable of Marker
            As they are drawn: ``psychopy_neon.screen.markers.frame_layout(size_px).markers``.
            Several windows need different tags: ``frame_layout(size_px, first_id=100)``.
        name : str, optional
            Of this window or surface; without it a new one, "screen", "screen 2" and so on.
        height_mm : float
            Of the window or surface. It need not be exact; of two behind each other, the nearer
            one by it is the one that is looked at.
        max_gaze_age_s, max_pose_age_s : float
            Older gaze, or gaze farther from the nearest picture of the markers, is not valid.

        Returns
        -------
        ScreenTracker
            Ends with this device, or when the scene video is stopped.

        Raises
        ------
        UsageError, ClosedError
            If the markers cannot be used: fewer than three, or one that another surface has, unless
            all are in the same places there; if the height is not above 0; if the device was
            closed.
        """
        from psychopy_neon.client.screen_tracking import checked_height_mm, make_watch
        from psychopy_neon.screen.surface import Surface

        surface = Surface.from_markers(markers)
        height_mm = checked_height_mm(height_mm)
        made = self._live_watch or make_watch(self)  # type: ignore[arg-type]
        with self._watch_lock:
            if self._watch_closed:
                raise ClosedError("a closed device cannot track a screen")
            watch = self._watch = self._live_watch or made
            tracker = watch.screen(
                name,
                height_mm=height_mm,
                max_gaze_age_s=max_gaze_age_s,
                max_pose_age_s=max_pose_age_s,
            )
            self.gaze.start()
            watch.track(tracker, surface)
        return tracker

    @property
    def screens(self) -> dict[str, ScreenTracker]:
        """The windows and surfaces that are tracked, by name."""
        return {} if self._watch is None else self._watch.screens

    def looked_at(self, gaze: GazeSample | None, now_device_ns: int) -> LookedAt:
        """Which of the tracked windows and surfaces this sample rests on; never blocks.

        Parameters
        ----------
        gaze : GazeSample or None
            Such as ``neon.gaze.latest()``.
        now_device_ns : int
            The present on the phone's Unix clock, ns.

        Returns
        -------
        LookedAt
            Its name, and gaze on each of them.
        """
        return NONE_TRACKED if self._watch is None else self._watch.looked_at(gaze, now_device_ns)

    # -- inside -------------------------------------------------------------------------------

    @property
    def _live_watch(self) -> ScreenWatch | None:
        """The search; None before the first surface, and after the scene video was stopped."""
        watch = self._watch
        return None if watch is None or watch.is_over else watch

    def _stop_screens(self) -> None:
        with self._watch_lock:
            self._watch_closed = True
        if self._watch is not None:
            self._watch.stop()

    def _join_screens(self, timeout_s: float) -> bool:
        return self._watch is None or self._watch.join(timeout_s)
