"""What is looked at during a validation: where, in which order, and what it looks like."""

from __future__ import annotations

import random
from typing import Any

from psychopy import visual

from psychopy_neon.exceptions import UsageError
from psychopy_neon.samples import Point

SPREAD = 0.7
MOST_SPREAD = 0.95
_CENTRE: tuple[Point, ...] = ((0.0, 0.0),)
_CORNERS: tuple[Point, ...] = ((-1.0, 1.0), (1.0, 1.0), (-1.0, -1.0), (1.0, -1.0))
_EDGES: tuple[Point, ...] = ((0.0, 1.0), (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0))
_INNER: tuple[Point, ...] = ((-0.5, 0.5), (0.5, 0.5), (-0.5, -0.5), (0.5, -0.5))
_LAYOUTS = {
    1: _CENTRE,
    5: _CENTRE + _CORNERS,
    9: _CENTRE + _CORNERS + _EDGES,
    13: _CENTRE + _CORNERS + _EDGES + _INNER,
}
_LARGE, _SMALL, _DOT = 0.04, 0.014, 0.005  # radii, window heights
_LIGHT, _DARK = (1.0, 1.0, 1.0), (-1.0, -1.0, -1.0)


def target_places(number: int, spread: float = SPREAD) -> tuple[Point, ...]:
    """Places of the targets, the middle of the window first.

    Parameters
    ----------
    number : {1, 5, 9, 13}
    spread : float
        How far from the middle the outer ones are, ``norm`` units: 0.7 is 15 to 85 % of the
        window.

    Returns
    -------
    tuple of tuple of 2 float
        ``norm`` units.

    Raises
    ------
    UsageError
        If there is no such number, or the spread is not between 0.1 and 0.95.
    """
    if number not in _LAYOUTS:
        raise UsageError(f"a validation has 1, 5, 9 or 13 targets, not {number!r}.")
    if not 0.1 <= spread <= MOST_SPREAD:
        raise UsageError(f"the spread of the targets must be 0.1 to {MOST_SPREAD}, not {spread!r}.")
    return tuple((round(x * spread, 4), round(y * spread, 4)) for x, y in _LAYOUTS[number])


def shown_in_order(places: tuple[Point, ...], seed: int | None = None) -> list[Point]:
    """The middle first, the others in random order, which is always the same with a `seed`."""
    others = list(places[1:])
    random.Random(seed).shuffle(others)
    return [places[0], *others]


class ShrinkingTarget:
    """A disc that shrinks to a ring with a dot, wherever it is put; seen on any background.

    Parameters
    ----------
    win : psychopy.visual.Window
    """

    def __init__(self, win: Any) -> None:
        self._aspect = float(win.size[0]) / float(win.size[1])
        self._discs = [
            visual.Circle(
                win,
                radius=radius,
                units="height",
                fillColor=colour,
                lineColor=None,
                colorSpace="rgb",
                autoLog=False,
            )
            for radius, colour in ((1.0, _LIGHT), (0.85, _DARK), (_DOT, _LIGHT))
        ]

    def draw(self, place: Point, progress: float) -> None:
        """Draw it.

        Parameters
        ----------
        place : tuple of 2 float
            ``norm`` units.
        progress : float
            0 (large) to 1 (small).
        """
        radius = _LARGE + (_SMALL - _LARGE) * min(max(progress, 0.0), 1.0)
        position = (place[0] * self._aspect / 2, place[1] / 2)
        edge, disc, dot = self._discs
        edge.size, disc.size = radius, radius
        for each in (edge, disc, dot):
            each.pos = position
            each.draw()
