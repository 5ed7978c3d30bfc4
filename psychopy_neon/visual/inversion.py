"""Markers that are inverted for the scene camera, instead of a patch."""

from __future__ import annotations

from typing import Any

from psychopy.visual.basevisual import MinimalStim

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import MODULES
from psychopy_neon.screen.patch import Points, inverted_levels, inverting_markers, inverting_points
from psychopy_neon.visual.markers import ON_TOP_DEPTH, NeonMarkers


class NeonInversion(MinimalStim):
    """Inverts the markers between the corners of the top row, margins included.

    The other markers stay as they are and tell where the window is. With two columns only the
    first marker is inverted. Set `bright`, and the next flip shows it.

    Parameters
    ----------
    markers : NeonMarkers
        The frame of tags that is shown below it.
    name : str
        For PsychoPy's log.
    autoLog : bool or None
        Whether changes are logged; None asks the window.

    Attributes
    ----------
    bright : bool
        Whether the markers are as always; otherwise they are inverted.
    """

    def __init__(
        self,
        markers: NeonMarkers,
        name: str = "",
        autoLog: bool | None = None,  # noqa: N803  PsychoPy's name
    ) -> None:
        super().__init__(name=name, autoLog=False)
        self.win = markers.win
        self.depth = ON_TOP_DEPTH
        self.bright = False
        self._markers = markers
        self._arrange()
        self.__dict__["autoLog"] = self.win.autoLog if autoLog is None else autoLog

    @property
    def points(self) -> Points:
        """Where brightness is measured, ``norm`` units of the window, shape (N, 2)."""
        return inverting_points(self._markers.layout)

    def draw(self, win: Any = None) -> None:
        """Draw what is inverted into the back buffer; it appears with the next flip.

        Parameters
        ----------
        win : psychopy.visual.Window, optional
            Must be the markers' own window.

        Raises
        ------
        UsageError
            If it is another window.
        """
        if win is not None and win is not self.win:
            raise UsageError("a NeonInversion belongs to the window of its markers.")
        if self._layout != self._markers.layout:
            self._arrange()
        if not self.bright:
            for tile in self._tiles:
                tile.draw()

    def _arrange(self) -> None:
        layout = self._layout = self._markers.layout
        quiet_modules = layout.quiet_px * MODULES // layout.side_px
        self._tiles = [
            self._markers.tile(
                marker.tag_id,
                inverted_levels(
                    marker.tag_id, quiet_modules=quiet_modules, white=self._markers.white
                ),
            )
            for marker in inverting_markers(layout)
        ]
