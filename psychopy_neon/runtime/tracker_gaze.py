"""Markers and gaze on them: the part of `NeonTracker` that frame loops use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.runtime.surface_boards import SurfaceBoards
from psychopy_neon.samples import LookedAt, ScreenGaze
from psychopy_neon.screen.correction import NO_CORRECTION, GazeCorrection
from psychopy_neon.screen.surface_names import WINDOW, surface_name


class TrackerGaze:
    """Tells the device where markers are, and reads gaze on the window and on other surfaces."""

    _call: Callable[..., Any]
    _complain: Callable[[Exception], None]

    def __init__(self, boards: SurfaceBoards) -> None:
        self._boards = boards
        self._told: dict[str, tuple[dict[str, Any], object]] = {}
        self._given: list[str] = []
        self.surface_problem = ""
        self.correction: GazeCorrection = NO_CORRECTION

    def read_gaze(self, surface: str = WINDOW) -> ScreenGaze:
        """Newest gaze on the window; takes microseconds and never waits for ioHub.

        Gaze grows old, and then invalid, when ioHub or the phone stops delivering it.

        Parameters
        ----------
        surface : str
            Name of another surface, after `set_surface` or `watch_surface`.
        """
        return self._boards.read(surface)

    def looked_at(self) -> LookedAt:
        """Which of the surfaces the newest gaze rests on; takes microseconds and never waits.

        Returns
        -------
        LookedAt
            Its name, and gaze on each of those that were given markers by this process. Gaze on
            two of them may be one sample apart.
        """
        return self._boards.looked_at(self._given)

    def watch_surface(self, name: str) -> str:
        """Have gaze on this surface at hand, whose markers may be given later.

        Parameters
        ----------
        name : str
            Empty for the window.

        Returns
        -------
        str
            The name for `read_gaze`.

        Raises
        ------
        UsageError
            If it cannot have that name, or there are too many surfaces.
        NeonConnectionError
            If ioHub does not answer.
        """
        checked = surface_name(name)
        if not self._boards.open(checked):
            raise UsageError(str(self._call("neon_surface_problem", str) or "no such surface"))
        return checked

    def set_surface(self, surface: dict[str, Any], owner: object, name: str = "") -> bool:
        """Tell the device where the markers of the window, or of another surface, are.

        Parameters
        ----------
        surface : dict
            As `surface` of the markers returns it.
        owner : object
            Who draws the markers.
        name : str
            Of the surface; empty for the window.

        Returns
        -------
        bool
            False if they cannot be used; the log, and the attribute ``surface_problem``, say why.

        Raises
        ------
        UsageError
            If a surface cannot have that name.
        """
        name = surface_name(name)
        self._told[name] = surface, owner
        more = () if name == WINDOW else (name,)
        if not self._call("neon_set_surface", bool, surface, *more):
            self._tell_surface_problem(name)
            return False
        self.surface_problem = ""
        if self._boards.open(name) and name not in self._given:
            self._given.append(name)
        return True

    def forget_surface(self, name: str) -> bool:
        """Look for a surface no longer.

        Parameters
        ----------
        name : str

        Returns
        -------
        bool
            False if there is none of that name, or if it is the window.
        """
        self._told.pop(name, None)
        self._given = [given for given in self._given if given != name or name == WINDOW]
        return bool(self._call("neon_forget_surface", bool, name))

    @property
    def window_markers(self) -> tuple[dict[str, Any], object] | None:
        """What was told of the window's markers last, and who draws them; None for nothing."""
        return self._told.get(WINDOW)

    @property
    def surface_owner(self) -> object:
        """Who draws the window's markers; None for nobody."""
        return self.owner_of(WINDOW)

    def owner_of(self, name: str) -> object:
        """Who draws the markers of a surface; None for nobody.

        Parameters
        ----------
        name : str
        """
        return self._told.get(name, (None, None))[1]

    def correct_gaze(self, correction: GazeCorrection) -> bool:
        """Correct all gaze on all surfaces from now on; ``GazeCorrection()`` ends that.

        Parameters
        ----------
        correction : GazeCorrection
            Takes the place of the one before; the attribute ``correction`` has the present one.

        Returns
        -------
        bool
            False if the phone has not answered yet, or ioHub does not; then nothing changes.
        """
        accepted = bool(self._call("neon_set_correction", bool, correction.to_json()))
        if accepted:
            self.correction = correction
        return accepted

    def _forget_surfaces(self) -> None:
        """Another experiment may use the same ioHub, and the same tags elsewhere."""
        for name in [given for given in self._given if given != WINDOW]:
            self.forget_surface(name)

    def _tell_surface_problem(self, name: str) -> None:
        self.surface_problem = self._call("neon_surface_problem", str) or ""
        if self.surface_problem:
            said = f"the markers of the surface {name!r} cannot be used: {self.surface_problem}"
            self._complain(UsageError(said))
