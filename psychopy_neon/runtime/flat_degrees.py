"""Degrees of a flat screen, PsychoPy's ``degFlat`` and ``degFlatPos``.

Its `Position` converts from them, but to them as if all degrees were of the same size: what it
gives is drawn elsewhere, 15 % farther out at 30 degrees.
"""

from __future__ import annotations

import math

from psychopy_neon.samples import Point

FLAT = ("degFlat", "degFlatPos")


def flat_degrees(place_cm: Point, distance_cm: float) -> Point:
    """The inverse of PsychoPy's ``deg2cm(..., correctFlat=True)``.

    Parameters
    ----------
    place_cm : tuple of 2 float
        On the screen, from the middle of the window.
    distance_cm : float
        From the eyes to the screen.
    """
    x, y = (each / distance_cm for each in place_cm)
    # PsychoPy's x = tan(X) sqrt(1 + tan(Y)²), and y alike, are solved for X and Y.
    return _degrees(x, y), _degrees(y, x)


def _degrees(along: float, across: float) -> float:
    rest = 1.0 + across**2 - along**2
    tangent = math.sqrt((math.hypot(rest, 2.0 * along) - rest) / 2.0)
    return math.degrees(math.copysign(math.atan(tangent), along))
