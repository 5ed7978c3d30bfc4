"""Gaze on one window or other surface, as the device knows it and shows it to all processes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from psychopy_neon.client.screen_tracker import ScreenTracker
from psychopy_neon.client.screen_watch import ScreenWatch
from psychopy_neon.iohub.window_scale import WindowScale
from psychopy_neon.samples import GazeSample, ScreenGaze
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.neck import TYPICAL_WINDOW_HEIGHT_MM
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.transport.gaze_board import NO_GAZE, GazeBoardWriter

NOT_GIVEN = replace(NO_GAZE, problem="no screen")


@dataclass(frozen=True, slots=True)
class Ages:
    """Older gaze, or gaze farther from the nearest picture of the markers, is not valid."""

    max_gaze_s: float
    max_pose_s: float


class SurfaceGaze:
    """One surface: its markers, once they are given, and the board that shows gaze on it.

    Parameters
    ----------
    name : str
    ages : Ages

    Attributes
    ----------
    tracker : ScreenTracker or None
        Knows where the surface is; None before there are glasses (and markers, if it is not the
        window).
    scale : WindowScale
        Units and size of it, as the experiment tells.
    board : GazeBoardWriter
        Shows the newest gaze.
    """

    def __init__(self, name: str, ages: Ages) -> None:
        self.name = name
        self.tracker: ScreenTracker | None = None
        self.scale = WindowScale()
        self.board = GazeBoardWriter()
        self._ages = ages
        self._height_mm = TYPICAL_WINDOW_HEIGHT_MM
        self._surface: Surface | None = None

    # -- what a surface needs to be told apart from others ------------------------------------

    @property
    def tag_ids(self) -> tuple[int, ...]:
        """Ids of its tags."""
        return () if self._surface is None else self._surface.tag_ids

    def shows(self, surface: Surface) -> bool:
        """Whether these are its tags, in the same places."""
        return surface.equals(self._surface)

    @property
    def is_given(self) -> bool:
        """Whether the experiment has told where its markers are."""
        return self._surface is not None

    def give(self, surface: Surface, scale: WindowScale, height_mm: float | None) -> None:
        """Note its markers, its units and, if it is known, its height."""
        self._surface, self.scale = surface, scale
        self._height_mm = self._height_mm if height_mm is None else height_mm

    def track(self, watch: ScreenWatch, correction: GazeCorrection | None) -> None:
        """Find it from now on, if its markers are given."""
        if self.tracker is None:
            tracker = watch.screen(
                self.name,
                height_mm=self._height_mm,
                max_gaze_age_s=self._ages.max_gaze_s,
                max_pose_age_s=self._ages.max_pose_s,
            )
            tracker.correction = correction
            self.tracker = tracker
        if self._surface is not None:
            watch.track(self.tracker, self._surface)

    def forget(self) -> None:
        """Find it no longer; returns at once."""
        tracker, self.tracker, self._surface = self.tracker, None, None
        if tracker is not None:
            tracker.stop()

    # -- gaze ---------------------------------------------------------------------------------

    @property
    def pose(self) -> ScreenPose | None:
        """Where it was in the newest picture that showed it; None before the first."""
        tracker = self.tracker
        return None if tracker is None else tracker.pose

    def show(self, sample: GazeSample, host_ns: int) -> None:
        """Map a sample, and show where on the surface it looks."""
        tracker = self.tracker
        if tracker is None:
            self.board.write(NOT_GIVEN, host_ns)
            return
        self.show_mapped(tracker.map(sample, sample.device_ns), host_ns, is_one_of_several=True)

    def show_mapped(self, gaze: ScreenGaze, host_ns: int, *, is_one_of_several: bool) -> None:
        """Show gaze that was mapped already; one of several tells how far away it is."""
        distance_mm = self._distance_mm(gaze) if is_one_of_several else math.nan
        self.board.write(gaze, host_ns, distance_mm)

    def counts(self) -> dict[str, Any]:
        """How the search for it goes, as plain values; empty before it has begun."""
        tracker = self.tracker
        if tracker is None:
            return {}
        return {
            "frames": tracker.frames,
            "frames_without_screen": tracker.frames_without_screen,
            "gyroscope": tracker.gyroscope,
        }

    def _distance_mm(self, gaze: ScreenGaze) -> float:
        tracker = self.tracker
        is_within = gaze.valid and max(abs(gaze.x), abs(gaze.y)) <= 1
        return tracker.distance_mm(gaze) if tracker is not None and is_within else math.nan
