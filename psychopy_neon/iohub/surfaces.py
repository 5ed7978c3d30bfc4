"""The window and whatever else the experiment has given markers."""

from __future__ import annotations

import threading

from psychopy_neon.client.distinct_tags import check_distinct
from psychopy_neon.client.screen_watch import ScreenWatch
from psychopy_neon.exceptions import UsageError
from psychopy_neon.iohub.surface_gaze import Ages, SurfaceGaze
from psychopy_neon.iohub.window_scale import WindowScale
from psychopy_neon.samples import GazeSample, LookedAt, ScreenGaze
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.looked_at import choose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.screen.surface_names import WINDOW

MOST = 16


class Surfaces:
    """All surfaces by name; may be given markers before there are glasses.

    Parameters
    ----------
    ages : Ages

    Attributes
    ----------
    window : SurfaceGaze
        That whose gaze is in the data file; always there.
    """

    def __init__(self, ages: Ages) -> None:
        self.window = SurfaceGaze(WINDOW, ages)
        self._ages = ages
        self._all: tuple[SurfaceGaze, ...] = (self.window,)
        self._watch: ScreenWatch | None = None
        self._correction: GazeCorrection | None = None
        self._lock = threading.Lock()  # guards the list, the connection, and who has which tags

    @property
    def given(self) -> list[SurfaceGaze]:
        """Those whose markers the experiment has told."""
        return [surface for surface in self._all if surface.is_given]

    def connect(self, watch: ScreenWatch) -> None:
        """Find them with this from now on."""
        with self._lock:
            self._watch = watch
            for surface in self._all:
                if surface is self.window or surface.is_given:
                    surface.track(watch, self._correction)

    def named(self, name: str) -> SurfaceGaze:
        """That of this name, or a new one.

        Raises
        ------
        UsageError
            If there are too many.
        """
        with self._lock:
            return self._named(name)

    def give(
        self,
        surface: Surface,
        name: str = WINDOW,
        scale: WindowScale | None = None,
        height_mm: float | None = None,
    ) -> None:
        """Tell where the markers of a surface are; it is found from the next picture on.

        Raises
        ------
        UsageError
            If another surface has one of the tags, or there are too many surfaces.
        """
        with self._lock:
            check_distinct(name, surface, [each for each in self._all if each.name != name])
            found = self._named(name)
            found.give(surface, scale or WindowScale(), height_mm)
            if self._watch is not None:
                found.track(self._watch, self._correction)

    def forget(self, name: str) -> bool:
        """Find it no longer; False for the window, and if there is none of that name."""
        with self._lock:
            found = self._find(name)
            if found is None or found is self.window or not found.is_given:
                return False
            found.forget()
            return True

    def correct(self, correction: GazeCorrection | None) -> None:
        """Correct gaze on all of them from now on, and on those to come."""
        with self._lock:
            self._correction = correction
            for surface in self._all:
                if surface.tracker is not None:
                    surface.tracker.correction = correction

    def map(self, name: str, sample: GazeSample, now_device_ns: int) -> ScreenGaze | None:
        """Where on a surface this sample looks; None if it is not known."""
        found = self._find(name)
        tracker = None if found is None else found.tracker
        return None if tracker is None else tracker.map(sample, now_device_ns)

    def looked_at(self, sample: GazeSample, now_device_ns: int) -> LookedAt:
        """Which of them this sample rests on."""
        trackers = {each.name: each.tracker for each in self.given if each.tracker is not None}
        seen = {name: tracker.map(sample, now_device_ns) for name, tracker in trackers.items()}

        def distance_mm(name: str) -> float:
            return trackers[name].distance_mm(seen[name])

        return choose(seen, distance_mm)

    def show(self, newest: GazeSample, on_window: ScreenGaze, host_ns: int) -> None:
        """Show a sample on the boards of all; it is mapped on the window already."""
        others = self._all[1:]
        self.window.show_mapped(on_window, host_ns, is_one_of_several=bool(others))
        for surface in others:
            surface.show(newest, host_ns)

    def close(self) -> None:
        """Remove the boards."""
        for surface in self._all:
            surface.board.close()

    def _named(self, name: str) -> SurfaceGaze:
        found = self._find(name)
        if found is not None:
            return found
        if len(self._all) >= MOST:
            raise UsageError(f"there are {MOST} surfaces already; use one of these names again")
        made = SurfaceGaze(name, self._ages)
        self._all = (*self._all, made)
        return made

    def _find(self, name: str) -> SurfaceGaze | None:
        return next((each for each in self._all if each.name == name), None)
