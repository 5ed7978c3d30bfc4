"""A patch that blinks for the scene camera."""

from __future__ import annotations

import numpy as np
from psychopy.visual.image import ImageStim

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import Corners
from psychopy_neon.screen.patch import BRIGHT, DARK, Points, patch_corners, patch_points
from psychopy_neon.visual.blinking import BlinkingStim
from psychopy_neon.visual.markers import NeonMarkers, grey_picture


class NeonPatch(BlinkingStim):
    """A square between the first two markers of the top row, black or white.

    Its edges are whole device pixels, whatever the units of the window. Set `bright`, and the
    next flip shows it.

    Parameters
    ----------
    markers : NeonMarkers
        The frame of tags that is shown with it.
    name : str
        For PsychoPy's log.
    white : int
        Grey level when bright, 1-255. Full white overexposes the scene camera sooner.
    autoLog : bool or None
        Whether changes are logged; None asks the window.

    Attributes
    ----------
    bright : bool
        Which of the two is drawn.

    Raises
    ------
    UsageError
        If there is no room between these markers, or `white` is impossible.
    """

    def __init__(
        self,
        markers: NeonMarkers,
        name: str = "",
        white: int = BRIGHT,
        autoLog: bool | None = None,  # noqa: N803  PsychoPy's name
    ) -> None:
        if not 1 <= white <= 255:
            raise UsageError(f"the white of the patch must be between 1 and 255, not {white}.")
        self._white = int(white)
        super().__init__(markers, name, autoLog)

    @property
    def corners(self) -> Corners:
        """``norm`` units of the window: top left, top right, bottom right, bottom left."""
        return patch_corners(self._markers.layout)

    @property
    def points(self) -> Points:
        """Where its brightness is measured, ``norm`` units of the window, shape (N, 2)."""
        return patch_points(self.corners)

    def _arrange(self) -> None:
        self._squares = {False: self._square(DARK), True: self._square(self._white)}

    def _draw(self) -> None:
        self._squares[self.bright].draw()

    def _square(self, level: int) -> ImageStim:
        # PsychoPy's pix are points: on a retina screen one is two device pixels.
        half_px = np.array(self._layout.size_px) / 2 / (2.0 if self.win.useRetina else 1.0)
        points = np.array(self.corners) * half_px
        return ImageStim(
            self.win,
            image=grey_picture(np.full((2, 2), level, np.uint8)),
            units="pix",
            size=tuple(points[1] - points[3]),
            pos=tuple(points.mean(axis=0)),
            interpolate=False,
            name=f"{self.name} {level}",
            autoLog=False,
        )
