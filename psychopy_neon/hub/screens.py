"""Windows and other surfaces on which the device in ioHub finds gaze."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from psychopy.layout import Position

from psychopy_neon.exceptions import UsageError
from psychopy_neon.hub.phone import HubPhone
from psychopy_neon.hub.screen import HubScreen
from psychopy_neon.samples import GazeSample, LookedAt, ScreenGaze
from psychopy_neon.screen.surface_names import WINDOW, surface_name
from psychopy_neon.transport.gaze_board import NO_GAZE

if TYPE_CHECKING:
    from psychopy_neon.screen.markers import Marker

MOST = 16


class HubScreens(HubPhone):
    """Gaze on any number of surfaces, with the names that `Neon` has for it."""

    _window: Any

    def track_screen(
        self,
        markers: Iterable[Marker],
        name: str | None = None,
        *,
        height_mm: float | None = None,
        max_gaze_age_s: float | None = None,
        max_pose_age_s: float | None = None,
    ) -> HubScreen:
        """Find gaze on a window that shows markers.

        Call it again for each further window or surface: each has tags, poses and gaze of its own.
        ioHub's samples and events stay those of "screen", the window.

        Parameters
        ----------
        markers : iterable of Marker
            As they are drawn: ``psychopy_neon.screen.markers.frame_layout(size_px).markers``.
            Several windows need different tags: ``frame_layout(size_px, first_id=100)``.
        name : str, optional
            Of this window or surface; without it a new one, "screen", "screen 2" and so on. A name
            that is tracked already gets the new markers.
        height_mm : float, optional
            Of another surface than the window. It need not be exact; of two behind each other, the
            nearer one by it is the one that is looked at.
        max_gaze_age_s, max_pose_age_s : float, optional
            Belong to the settings of the device; leave them out.

        Returns
        -------
        HubScreen
            Its ``map`` and ``latest`` tell gaze on the window.

        Raises
        ------
        UsageError
            If the markers cannot be used: fewer than three, or one that another surface has; if
            the name or the height cannot be; if an age is given.
        """
        if max_gaze_age_s is not None or max_pose_age_s is not None:
            raise UsageError(
                "max_gaze_age_s and max_pose_age_s belong to ioHub's settings of the device: give "
                "them to psychopy_neon.iohub.connect()"
            )
        chosen = self._free_name() if name is None else surface_name(name)
        tags = [[m.tag_id, [list(corner) for corner in m.corners]] for m in markers]
        surface = {"tags": tags, **_scale(self._window if chosen == WINDOW else None)}
        if height_mm is not None:
            surface["height_mm"] = float(height_mm)
        if not self.neon_tracker.set_surface(surface, owner=self, name=chosen):
            reason = self.neon_tracker.surface_problem or "ioHub's message above says why"
            raise UsageError(f"the markers cannot be used: {reason}")
        return self._screen(chosen)

    @property
    def screens(self) -> dict[str, HubScreen]:
        """The windows and surfaces that are tracked, by name; a round trip, below 1 ms."""
        told = self.neon_tracker.ask("neon_surfaces", dict) or {}
        return {name: self._screen(name) for name in told}

    def looked_at(self, gaze: GazeSample | None, now_device_ns: int) -> LookedAt:
        """Which of the tracked windows and surfaces this sample rests on.

        Takes microseconds for the newest sample, and a round trip (below 1 ms) for an earlier one.

        Parameters
        ----------
        gaze : GazeSample or None
            Of the last ten seconds.
        now_device_ns : int
            Has no effect: the present is taken from the clock.

        Returns
        -------
        LookedAt
            Its name, and gaze on each of them.
        """
        if gaze is None:
            return LookedAt(None, dict.fromkeys(self.screens, NO_GAZE))
        newest = self.neon_tracker.looked_at()
        if newest.on and all(on.device_ns == gaze.device_ns for on in newest.on.values()):
            return newest
        told = self.neon_tracker.ask("neon_looked_at", dict, gaze.device_ns)
        if not told:
            return LookedAt(None, dict.fromkeys(self.screens, NO_GAZE))
        on = {name: ScreenGaze(**fields) for name, fields in told["on"].items()}
        return LookedAt(told["name"], on)

    # -- inside ---------------------------------------------------------------------------------

    def _screen(self, name: str) -> HubScreen:
        return HubScreen(self.neon_tracker, functools.partial(self._ask, "neon_status"), name)

    def _free_name(self) -> str:
        """That of the window first, also if other objects of the experiment have drawn there."""
        if not isinstance(self.neon_tracker.owner_of(WINDOW), HubScreens):
            return WINDOW
        known = self.neon_tracker.ask("neon_surfaces", dict) or {}
        names = (WINDOW if number == 1 else f"{WINDOW} {number}" for number in range(1, MOST + 2))
        return next((name for name in names if name not in known), f"{WINDOW} {MOST}")


def _scale(window: Any) -> dict[str, Any]:
    """The window's units and size for the data file; ``norm`` units without a window."""
    if window is None:
        return {"units_per_norm": [1.0, 1.0]}
    corner = getattr(Position((1.0, 1.0), "norm", window), str(window.units))
    return {
        "units_per_norm": [float(side) for side in corner],
        "size_px": [int(side) for side in window.size],
    }
