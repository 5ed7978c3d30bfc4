"""The window that the experiment shows, as far as the device needs to know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psychopy_neon.samples import Point, ScreenGaze

MAX_PX = 65_535


@dataclass(frozen=True, slots=True)
class WindowScale:
    """Its units and its size.

    Attributes
    ----------
    units_per_norm : tuple of 2 float
        Window units per ``norm`` unit.
    size_px : tuple of 2 int
        Width and height; 0 if unknown.
    """

    units_per_norm: Point = (1.0, 1.0)
    size_px: tuple[int, int] = (0, 0)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> WindowScale:
        """Of what the markers' ``surface()`` returns.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it makes no sense.
        """
        x, y = (float(scale) for scale in message["units_per_norm"])
        width, height = (int(side) for side in message.get("size_px", (0, 0)))
        if not (0 <= width <= MAX_PX and 0 <= height <= MAX_PX):
            raise ValueError(f"a window of {width} x {height} pixels")
        return cls((x, y), (width, height))

    def in_units(self, gaze: ScreenGaze) -> Point:
        """Gaze in the window's units."""
        return self.scaled((gaze.x, gaze.y))

    def scaled(self, norm: Point) -> Point:
        """A point in the window's units."""
        return norm[0] * self.units_per_norm[0], norm[1] * self.units_per_norm[1]
