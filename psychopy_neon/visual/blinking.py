"""What blinks for the scene camera, on or between the markers of a window."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from psychopy.visual.basevisual import MinimalStim

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.patch import Points
from psychopy_neon.visual.markers import ON_TOP_DEPTH, NeonMarkers


class BlinkingStim(MinimalStim):
    """Bright or dark, and arranged anew whenever the markers are.

    Parameters
    ----------
    markers : NeonMarkers
        The frame of tags that it belongs to.
    name : str
        For PsychoPy's log.
    autoLog : bool or None
        Whether changes are logged; None asks the window.

    Attributes
    ----------
    bright : bool
        Which of the two is drawn.
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
        self._layout = markers.layout
        self._arrange()
        self.__dict__["autoLog"] = self.win.autoLog if autoLog is None else autoLog

    @property
    @abstractmethod
    def points(self) -> Points:
        """Where its brightness is measured, ``norm`` units of the window, shape (N, 2)."""

    def draw(self, win: Any = None) -> None:
        """Draw it into the back buffer; it appears with the next flip.

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
            raise UsageError(f"a {type(self).__name__} belongs to the window of its markers.")
        if self._layout != self._markers.layout:
            self._layout = self._markers.layout
            self._arrange()
        self._draw()

    @abstractmethod
    def _arrange(self) -> None:
        """Make what `_draw` needs, for the present layout."""

    @abstractmethod
    def _draw(self) -> None: ...
