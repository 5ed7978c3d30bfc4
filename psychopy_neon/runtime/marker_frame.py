"""The frame of markers for scripts that draw none themselves: one call, and every flip shows it."""

from __future__ import annotations

from typing import Any

from psychopy.iohub.client import ioHubConnection

from psychopy_neon import visual
from psychopy_neon.runtime.tracker import NeonTracker, connect


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
    **layout
        Of the stimulus: tag_size, columns, rows, first_id.
    """

    def __init__(
        self, win: Any, tracker: Any = None, name: str = "neonMarkerFrame", **layout: Any
    ) -> None:
        super().__init__(win, name=name, **layout)
        self._tracker: NeonTracker | None = None
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
        tracker = self._tracker
        if tracker is not None and (tracker.surface_owner is not self or self.size_changed()):
            tracker.set_surface(self.surface(), owner=self)
        super().draw(*args, **kwargs)

    def _steps_back(self) -> bool:
        shown = self.win._toDraw
        return any(isinstance(each, visual.NeonMarkers) and each is not self for each in shown)

    def _look_for_tracker(self) -> None:
        hub = ioHubConnection.getActiveConnection()
        if hub is None or hub is self._hub:
            return
        self._hub = hub  # asked once for each ioHub, also if it has no Neon
        for view in list(hub.devices.getAll()):
            if "neon_realtime" in view.getIOHubDeviceClass(full=True):
                self._use(view)

    def _use(self, view: Any) -> None:
        self._tracker = connect(view)
        self._tracker.know(self.win, None)


def show_markers(win: Any, tracker: Any = None, **layout: Any) -> MarkerFrame:
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
    frame = MarkerFrame(win, tracker, **layout)
    frame.autoDraw = True
    return frame
