"""The frame of markers for scripts that draw none themselves: one call, and every flip shows it."""

from __future__ import annotations

from typing import Any

from psychopy.iohub.client import ioHubConnection

from psychopy_neon import visual
from psychopy_neon.runtime.surface_marks import SurfaceMarks
from psychopy_neon.runtime.tracker import connect
from psychopy_neon.screen.surface_names import WINDOW, surface_name


class MarkerFrame(visual.NeonMarkers):
    """Markers that find the glasses by themselves, as soon as ioHub runs.

    They step back as long as other markers are drawn automatically on the same window, such as
    those of a *Neon Markers* Component.

    Parameters
    ----------
    win : psychopy.visual.Window
        Where they are drawn.
    tracker : ioHubDeviceView, optional
        See `connect`. Without it, that of the ioHub which runs at a flip.
    name : str
        For PsychoPy's log.
    surface : str
        Name of the window, if there are several; see `NeonMarkers`.
    **layout
        Of the stimulus: tag_size, columns, rows, first_id.
    """

    def __init__(
        self,
        win: Any,
        tracker: Any = None,
        name: str = "neonMarkerFrame",
        *,
        surface: str = "",
        **layout: Any,
    ) -> None:
        self.surface_name = surface_name(surface)
        super().__init__(win, name=name, **layout)
        self._marks: SurfaceMarks | None = None
        self._hub: Any = None
        if tracker is not None:
            self._use(tracker)

    def draw(self, *args: Any, **kwargs: Any) -> None:
        """Draw the markers into the back buffer, unless others are shown.

        Parameters
        ----------
        *args, **kwargs
            As for the stimulus.
        """
        if self._steps_back():
            return
        self._look_for_tracker()
        if self._marks is not None:
            self._marks.tell_changes()
        super().draw(*args, **kwargs)

    def _steps_back(self) -> bool:
        others = [each for each in self.win._toDraw if each is not self]
        return any(
            isinstance(each, visual.NeonMarkers) and _surface_of(each) == self.surface_name
            for each in others
        )

    def _look_for_tracker(self) -> None:
        hub = ioHubConnection.getActiveConnection()
        if hub is None or hub is self._hub:
            return
        self._hub = hub  # asked once for each ioHub, also if it has no Neon
        for view in list(hub.devices.getAll()):
            if "neon_realtime" in view.getIOHubDeviceClass(full=True):
                self._use(view)

    def _use(self, view: Any) -> None:
        tracker = connect(view)
        tracker.know(self.win, None)
        self._marks = SurfaceMarks(self, tracker, self.surface_name)


def _surface_of(markers: visual.NeonMarkers) -> str:
    return str(getattr(markers, "surface_name", WINDOW))


def show_markers(win: Any, tracker: Any = None, *, surface: str = "", **layout: Any) -> MarkerFrame:
    """Draw the frame of markers with every flip from now on.

    This is all that a script needs which was written for another eye tracker; it may be called
    before ioHub is started. The setting *Frame of markers* of Builder's experiments calls it.

    Parameters
    ----------
    win : psychopy.visual.Window
        Where they are drawn, on top of everything else.
    tracker : ioHubDeviceView, optional
        As ioHub offers it, e.g. ``io.devices.tracker``; then this call waits for the phone, at
        most 15 s. Without it, the first flip after the start of ioHub does.
    surface : str
        Name of the window, if there are several in view of the glasses. Empty for the one whose
        gaze is in the data file. Each needs numbers of its own, as with ``first_id=100``.
    **layout
        Of the stimulus `psychopy_neon.visual.NeonMarkers`: tag_size, columns, rows, first_id.

    Returns
    -------
    MarkerFrame
        Set its ``autoDraw`` to False to hide it.

    Raises
    ------
    UsageError
        If the tags do not fit into the window, or as `connect` does.
    NeonConnectionError
        As `connect` does; without `tracker`, from a flip.
    """
    frame = MarkerFrame(win, tracker, surface=surface, **layout)
    frame.autoDraw = True
    return frame
