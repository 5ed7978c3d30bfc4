"""What a script tells of its markers, and asks of gaze on them; called as `script_functions`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from psychopy.iohub.errors import print2err

from psychopy_neon.exceptions import NeonError, UsageError
from psychopy_neon.iohub.window_scale import WindowScale
from psychopy_neon.screen.surface_names import WINDOW, surface_name

if TYPE_CHECKING:  # neither sockets nor OpenCV in the experiment's process
    from psychopy_neon.iohub.glasses import Glasses
    from psychopy_neon.iohub.settings import Settings


class SurfaceFunctions:
    """The part of the device that knows of the window and of other surfaces with markers."""

    _glasses: Glasses
    _settings: Settings
    _window: WindowScale
    _surface_problem: str = ""

    def neon_gaze_board(self, surface: str = WINDOW) -> dict[str, Any]:
        """Where the newest gaze can be read without asking.

        Parameters
        ----------
        surface : str
            Name of another surface, which may be given its markers later.

        Returns
        -------
        dict
            ``path`` of a memory-mapped file, and ``max_age_s``. Empty if there are too many
            surfaces, or it cannot have that name; `neon_surface_problem` then says so.
        """
        try:
            board = self._glasses.window.surfaces.named(surface_name(surface)).board
        except NeonError as error:
            self._note_surface_problem(error)
            return {}
        return {"path": str(board.path), "max_age_s": self._settings.max_gaze_age_s}

    def neon_set_surface(self, surface: dict[str, Any], name: str = WINDOW) -> bool:
        """Tell where on the window the markers are; returns at once.

        Parameters
        ----------
        surface : dict
            Keys ``tags`` and ``units_per_norm``, if known also ``size_px`` and ``height_mm``, as
            ``surface()`` of the stimulus `NeonMarkers` returns it.
        name : str
            Of another window or surface; samples and events stay those of the window. The same
            name again moves its markers.

        Returns
        -------
        bool
            False if it makes no sense, or if another surface has one of the tags; the log of ioHub
            and `neon_surface_problem` then say why.
        """
        from psychopy_neon.screen.surface import Surface

        try:
            name = surface_name(name)
            tags = Surface.from_message(surface["tags"])
            scale = WindowScale.from_message(surface)
            height_mm = _height_mm(surface.get("height_mm"))
            self._glasses.window.surfaces.give(tags, name, scale, height_mm)
        except (NeonError, KeyError, TypeError, ValueError) as error:
            self._note_surface_problem(error)
            return False
        if name == WINDOW:
            self._window = scale
        return True

    def neon_forget_surface(self, name: str) -> bool:
        """Look for a surface no longer; returns at once.

        Parameters
        ----------
        name : str

        Returns
        -------
        bool
            False if there is none of that name, or if it is the window.
        """
        return bool(self._glasses.window.surfaces.forget(str(name)))

    def neon_surfaces(self) -> dict[str, dict[str, Any]]:
        """The window and the other surfaces whose markers are known.

        Returns
        -------
        dict
            By name; each with ``frames`` (pictures searched), ``frames_without_screen`` (those
            among them that did not show it) and ``gyroscope`` (as in `neon_status`), or empty
            before the phone answered.
        """
        return {each.name: each.counts() for each in self._glasses.window.surfaces.given}

    def neon_surface_problem(self) -> str:
        """Why `neon_set_surface` or `neon_gaze_board` last failed, a sentence; else empty."""
        return self._surface_problem

    def _note_surface_problem(self, error: Exception) -> None:
        is_clear = isinstance(error, NeonError)
        self._surface_problem = str(error) if is_clear else f"{type(error).__name__} {error}"
        print2err(f"psychopy_neon: the markers cannot be used: {self._surface_problem}")


def _height_mm(given: Any) -> float | None:
    if given is None:
        return None
    if not (math.isfinite(given) and given > 0):
        raise UsageError(f"the height of a surface must be above 0 mm, not {given!r}.")
    return float(given)
