"""The frame of markers, made known to the glasses."""

from __future__ import annotations

from typing import Any

from psychopy_neon import visual
from psychopy_neon.exceptions import UsageError
from psychopy_neon.runtime.surface_marks import SurfaceMarks
from psychopy_neon.runtime.tracker import connect
from psychopy_neon.screen.surface_names import WINDOW, surface_name


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
    surface : str
        Name of the window or surface that they are on, if there are several in view of the
        glasses; each needs markers with numbers of its own. Empty for the experiment's window,
        whose gaze is in the data file. With a name, and without markers on the window, `printed`
        is a sheet or object of its own, and `win` does not matter.
    **layout
        Of the stimulus: tag_size, columns, rows, first_id; white, the grey level of its white,
        1 to 255; printed, the file with the places of markers on paper around the screen; shown,
        False to show none on the window.

    Raises
    ------
    UsageError
        If the tags do not fit into the window, if another surface has one of them, or as
        `connect` does.
    NeonConnectionError
        As `connect` does.
    """

    def __init__(
        self,
        win: Any,
        tracker: Any,
        name: str = "neonMarkers",
        *,
        surface: str = "",
        **layout: Any,
    ) -> None:
        self.surface_name = surface_name(surface)
        super().__init__(win, name=name, **layout)
        self.tracker = connect(tracker)
        self._marks = SurfaceMarks(self, self.tracker, self.surface_name)
        problem = self._marks.tell()
        if problem:
            raise UsageError(f"the markers {name} cannot be used: {problem}")

    @property
    def fills_window(self) -> bool:
        """Whether the surface is a window, or a screen that it fills; else it is only printed."""
        return self.shown or self.surface_name == WINDOW

    def draw(self, *args: Any, **kwargs: Any) -> None:
        """Draw the markers into the back buffer; they appear with the next flip.

        Parameters
        ----------
        *args, **kwargs
            As for the stimulus.
        """
        self._marks.tell_changes()
        super().draw(*args, **kwargs)
