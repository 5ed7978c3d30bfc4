"""Degrees of the eye on the monitor: eye movements are known in degrees, places in norm units."""

from __future__ import annotations

import math
from dataclasses import dataclass

from psychopy_neon.simulator.participant import Norm


@dataclass(frozen=True, slots=True)
class ScreenAngles:
    """A monitor straight ahead of an eye.

    Attributes
    ----------
    half_width, half_height : float
        Of the monitor, in units of the eye's distance from its middle.
    """

    half_width: float
    half_height: float

    def between_deg(self, one: Norm, other: Norm) -> float:
        """Angle between two points of the monitor (norm units), degrees."""
        (ax, ay), (bx, by) = self._places(one), self._places(other)
        across = math.hypot(bx - ax, by - ay, ax * by - ay * bx)
        return math.degrees(math.atan2(across, 1 + ax * bx + ay * by))

    def moved(self, norm: Norm, right_deg: float, up_deg: float) -> Norm:
        """A point so many degrees to the right and above another."""
        x, y = self._places(norm)
        # The tangent grows faster further out: a large step is off by some per cent.
        x += (1 + x * x) * math.tan(math.radians(right_deg))
        y += (1 + y * y) * math.tan(math.radians(up_deg))
        return x / self.half_width, y / self.half_height

    def _places(self, norm: Norm) -> tuple[float, float]:
        return norm[0] * self.half_width, norm[1] * self.half_height
