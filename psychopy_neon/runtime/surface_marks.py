"""Tells the device where markers are, as often as that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psychopy import logging

from psychopy_neon.runtime.hub_tracker import NeonTracker

if TYPE_CHECKING:  # needs a display
    from psychopy_neon import visual


class SurfaceMarks:
    """Markers of one surface, as the device has to know them.

    Parameters
    ----------
    markers : psychopy_neon.visual.NeonMarkers
    tracker : NeonTracker
    name : str
        Of the surface.
    """

    def __init__(self, markers: visual.NeonMarkers, tracker: NeonTracker, name: str) -> None:
        self._markers = markers
        self._tracker = tracker
        self._name = name
        self._has_warned = False

    def tell_changes(self) -> None:
        """Tell, if others were drawn before or the window has another size."""
        if self._tracker.owner_of(self._name) is not self._markers or self._markers.size_changed():
            self.tell()

    def tell(self) -> str:
        """Tell; returns why they cannot be used, or an empty text."""
        self._warn_of_two_windows(self._tracker.owner_of(self._name))
        surface = self._markers.surface()
        self._tracker.set_surface(surface, owner=self._markers, name=self._name)
        return self._tracker.surface_problem

    def _warn_of_two_windows(self, before: Any) -> None:
        other: Any = getattr(before, "win", None)
        if self._has_warned or other is None or other is self._markers.win:
            return
        if not getattr(other, "_closed", False):
            self._has_warned = True
            logging.warning(
                f"psychopy_neon: two windows show markers as the surface {self._name!r}, and gaze "
                "is on the one that drew them last: give those of the second window a name, as in "
                "NeonMarkers(surface='left'), and another first_id"
            )
