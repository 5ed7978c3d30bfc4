"""Gaze on the window, mapped in the ioHub process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.hub.refusals import IN_THE_FILES, Refused
from psychopy_neon.runtime.hub_tracker import NO_GAZE, NeonTracker
from psychopy_neon.samples import GazeSample, ScreenGaze
from psychopy_neon.screen.correction import GazeCorrection

COUNTS = ("frames", "frames_skipped", "frames_late", "frames_without_screen")


class HubScreen:
    """As `psychopy_neon.client.screen_tracker.ScreenTracker`: where on the window somebody looks.

    Made by `HubNeon.track_screen`. Poses of the window and settled gaze are in the HDF5 file.

    Parameters
    ----------
    tracker : NeonTracker
    status : callable
        The device's status.
    """

    settled: Any = Refused(IN_THE_FILES)
    pose: Any = Refused(IN_THE_FILES)
    pose_near: Any = Refused(IN_THE_FILES)
    pose_at: Any = Refused(IN_THE_FILES)
    camera: Any = Refused("gaze is mapped in ioHub's process")

    def __init__(self, tracker: NeonTracker, status: Callable[[], dict[str, Any]]) -> None:
        self._tracker = tracker
        self._status = status

    def latest(self) -> ScreenGaze:
        """The newest gaze on the window; takes microseconds and never waits."""
        return self._tracker.read_gaze()

    def map(self, gaze: GazeSample | None, now_device_ns: int) -> ScreenGaze:
        """Where on the window this sample looks, as well as it is known now.

        Takes microseconds for the newest sample, and a round trip (below 1 ms) for an earlier one.

        Parameters
        ----------
        gaze : GazeSample or None
            Of the last ten seconds.
        now_device_ns : int
            Has no effect: the present is taken from the clock.
        """
        if gaze is None:
            return NO_GAZE
        newest = self._tracker.read_gaze()
        if newest.device_ns == gaze.device_ns:
            return newest
        fields = self._tracker.ask("neon_map_gaze", dict, gaze.device_ns)
        return ScreenGaze(**fields) if fields else NO_GAZE

    @property
    def correction(self) -> GazeCorrection | None:
        """What gaze on the window is corrected by; may be set."""
        correction = self._tracker.correction
        return None if correction.changes_nothing else correction

    @correction.setter
    def correction(self, correction: GazeCorrection | None) -> None:
        if not self._tracker.correct_gaze(correction or GazeCorrection()):
            raise UsageError("gaze could not be corrected: the phone has not answered yet")

    @property
    def gyroscope(self) -> str | None:
        """Whether the gyroscope agrees with the pictures; None while nothing came from it."""
        return self._status().get("gyroscope")

    def __getattr__(self, name: str) -> int:
        if name not in COUNTS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return int(self._status().get(f"screen_{name}", 0))
