"""Markers that are inverted for the scene camera, instead of a patch."""

from __future__ import annotations

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import MODULES
from psychopy_neon.screen.patch import Points, inverted_levels, inverting_markers, inverting_points
from psychopy_neon.visual.blinking import BlinkingStim


class NeonInversion(BlinkingStim):
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

    Raises
    ------
    UsageError
        If the markers are not shown.
    """

    @property
    def points(self) -> Points:
        """Where brightness is measured, ``norm`` units of the window, shape (N, 2)."""
        return inverting_points(self._markers.layout)

    def _arrange(self) -> None:
        if not self._markers.shown:
            raise UsageError("markers that are not shown cannot be inverted.")
        layout = self._layout
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

    def _draw(self) -> None:
        if not self.bright:
            for tile in self._tiles:
                tile.draw()
