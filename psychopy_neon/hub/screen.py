"""Gaze on the window, mapped in the ioHub process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.hub.refusals import IN_THE_FILES, Refused, refused
from psychopy_neon.runtime.hub_tracker import NeonTracker
from psychopy_neon.samples import GazeSample, ScreenGaze
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.surface_names import WINDOW
from psychopy_neon.transport.gaze_board import NO_GAZE

OWN_COUNTS = ("frames", "frames_without_screen")
COMMON_COUNTS = ("frames_skipped", "frames_late")


class HubScreen:
    """As `psychopy_neon.client.screen_tracker.ScreenTracker`: where on the window somebody looks.

    Made by `HubNeon.track_screen`. Poses of all surfaces, and settled gaze on the window, are in
    the HDF5 file.

    Parameters
    ----------
    tracker : NeonTracker
    status : callable
        The device's status.
    name : str

    Attributes
    ----------
    name : str
        Of the surface, as `HubNeon.looked_at` names it.
    frames, frames_without_screen : int
        Pictures searched, and those among them that did not show enough of its tags.
    frames_skipped, frames_late : int
        Pictures left out because ioHub was busy, and because a newer one had come before.
    """

    settled: Any = Refused(IN_THE_FILES)
    pose: Any = Refused(IN_THE_FILES)
    pose_near: Any = Refused(IN_THE_FILES)
    pose_at: Any = Refused(IN_THE_FILES)
    camera: Any = Refused("gaze is mapped in ioHub's process")
    placement: Any = Refused("psychopy_neon.runtime.check_glasses shows it")
    viewing_distance: Any = Refused("PsychoPy's log tells when it has changed")

    def __init__(
        self, tracker: NeonTracker, status: Callable[[], dict[str, Any]], name: str = WINDOW
    ) -> None:
        self.name = name
        self._tracker = tracker
        self._status = status

    def __repr__(self) -> str:
        return f"<surface {self.name!r} through ioHub>"

    def stop(self) -> None:
        """Track this surface no longer; gaze on it is not valid from now on.

        Raises
        ------
        UsageError
            If it is the window.
        """
        if self.name == WINDOW:
            raise refused("stop", "ioHub needs the window for its data file")
        self._tracker.forget_surface(self.name)

    def join(self, timeout_s: float) -> bool:
        """Wait until it is not tracked any more: a round trip, below 1 ms, as `stop` has waited.

        Parameters
        ----------
        timeout_s : float
            Has no effect: it is not needed.

        Returns
        -------
        bool
            Whether it is so.
        """
        return self.name not in (self._tracker.ask("neon_surfaces", dict) or {})

    def latest(self) -> ScreenGaze:
        """The newest gaze on the window; takes microseconds and never waits."""
        return self._tracker.read_gaze(self.name)

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
        newest = self._tracker.read_gaze(self.name)
        if newest.device_ns == gaze.device_ns:
            return newest
        fields = self._tracker.ask("neon_map_gaze", dict, gaze.device_ns, self.name)
        return ScreenGaze(**fields) if fields else NO_GAZE

    @property
    def correction(self) -> GazeCorrection | None:
        """What gaze is corrected by; may be set, and holds for all surfaces of this ioHub."""
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
        if name in COMMON_COUNTS:
            return int(self._status().get(f"screen_{name}", 0))
        if name in OWN_COUNTS:
            known = self._tracker.ask("neon_surfaces", dict) or {}
            return int(known.get(self.name, {}).get(name, 0))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
