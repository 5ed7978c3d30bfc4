"""The screen of a run, and gaze in its pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psychopy_neon.exceptions import UsageError
from psychopy_neon.export.columns import Columns
from psychopy_neon.screen.surface_names import WINDOW

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Screen:
    """What BIDS wants to know of the screen; None where it is not known.

    Attributes
    ----------
    size_px : tuple of 2 int or None
        Width and height of the window that gaze is relative to.
    size_m : tuple of 2 float or None
        The same in metres.
    distance_m : float or None
        From the eyes, metres.
    """

    size_px: tuple[int, int] | None = None
    size_m: tuple[float, float] | None = None
    distance_m: float | None = None

    def __post_init__(self) -> None:
        distance_m = 1.0 if self.distance_m is None else self.distance_m
        for value in (*(self.size_px or ()), *(self.size_m or ()), distance_m):
            if not 0 < value < math.inf:
                raise UsageError(f"{value!r} is no length of a screen; expected more than 0")

    def presentation(self) -> dict[str, Any]:
        """``StimulusPresentation`` of BIDS."""
        return {
            "ScreenDistance": self.distance_m or "n/a",
            "ScreenOrigin": ["top", "left"],
            "ScreenResolution": list(self.size_px) if self.size_px else "n/a",
            "ScreenSize": list(self.size_m) if self.size_m else "n/a",
        }


class WindowPixels:
    """Takes gaze from the window's units to pixels, origin top left.

    Parameters
    ----------
    poses : Columns
        Of the run: they tell the window's units and size.
    screen : Screen
        Its size in pixels is used if the run does not tell.
    """

    def __init__(self, poses: Columns, screen: Screen) -> None:
        poses = _of_window(poses)
        self.size_px = _size_of(poses) or screen.size_px
        self._units: tuple[float, float] | None = None
        if poses and "units_per_norm_x" in poses:
            self._units = (poses["units_per_norm_x"][-1], poses["units_per_norm_y"][-1])

    @property
    def unit(self) -> str:
        """Of what `convert` returns."""
        return "pixel" if self._is_known else "arbitrary"

    def convert(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Pixels; unchanged if the window's units or its size are not known."""
        if self.size_px is None or self._units is None:
            return x, y
        width, height = self.size_px
        return (x / self._units[0] + 1) * width / 2, (1 - y / self._units[1]) * height / 2

    @property
    def _is_known(self) -> bool:
        return self.size_px is not None and self._units is not None


def _of_window(poses: Columns) -> Columns:
    """Without other surfaces, whose names stand in the table since there may be any."""
    if "surface" not in poses:
        return poses
    is_window = np.asarray(poses["surface"]) == WINDOW.encode()
    return {name: column[is_window] for name, column in poses.items()} if is_window.any() else {}


def _size_of(poses: Columns) -> tuple[int, int] | None:
    if not poses or "window_width_px" not in poses:
        return None
    width, height = int(poses["window_width_px"][-1]), int(poses["window_height_px"][-1])
    return (width, height) if width and height else None
