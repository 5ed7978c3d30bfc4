"""The frame of markers, made known to the glasses."""

from __future__ import annotations

from typing import Any

from psychopy_neon import visual
from psychopy_neon.runtime.tracker import connect


class NeonMarkers(visual.NeonMarkers):
    """`psychopy_neon.visual.NeonMarkers` that tells the device where it draws.

    The device is told when the object is made, and again when the window changes its size or
    this frame of markers takes the place of another one.

    Parameters
    ----------
    win : psychopy.visual.Window
        Where they are drawn.
    tracker : ioHubDeviceView
        See `connect`, which may block up to 15 s and raise.
    name : str
        For PsychoPy's log.
    **layout
        Of the stimulus: tag_size, columns, rows, first_id; white, the grey level of its white,
        1 to 255; printed, the file with the places of markers on paper around the screen; shown,
        False to show none on the window.

    Raises
    ------
    UsageError
        If the tags do not fit into the window, or as `connect` does.
    NeonConnectionError
        As `connect` does.
    """

    def __init__(self, win: Any, tracker: Any, name: str = "neonMarkers", **layout: Any) -> None:
        super().__init__(win, name=name, **layout)
        self.tracker = connect(tracker)
        self._register()

    def draw(self, *args: Any, **kwargs: Any) -> None:
        """Draw the markers into the back buffer; they appear with the next flip.

        Parameters
        ----------
        *args, **kwargs
            As for the stimulus.
        """
        if self.tracker.surface_owner is not self or self.size_changed():
            self._register()
        super().draw(*args, **kwargs)

    def _register(self) -> None:
        self.tracker.set_surface(self.surface(), owner=self)
