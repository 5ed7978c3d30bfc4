"""Something on the monitor that swings to and fro, for eyes to follow."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Swing:
    """A point that moves as a sine: at its middle at first, then towards `reach`.

    Parameters
    ----------
    middle : tuple of 2 float
        Norm units of the monitor (-1..1, y up).
    reach : tuple of 2 float
        From the middle to where it turns, norm units.
    period_s : float
        From one passage in the same direction to the next, seconds.
    """

    middle: tuple[float, float]
    reach: tuple[float, float]
    period_s: float

    def place(self, since_s: float) -> tuple[float, float]:
        """Where it is, norm units; at its middle before it begins.

        Parameters
        ----------
        since_s : float
            Seconds after its beginning.
        """
        share = math.sin(2 * math.pi * max(0.0, since_s) / self.period_s)
        return self.middle[0] + share * self.reach[0], self.middle[1] + share * self.reach[1]

    def velocity(self, since_s: float) -> tuple[float, float]:
        """How fast it moves, norm units a second.

        Parameters
        ----------
        since_s : float
            Seconds after its beginning; before it there is no motion.
        """
        if since_s < 0:
            return 0.0, 0.0
        turns = 2 * math.pi / self.period_s
        rate = turns * math.cos(turns * since_s)
        return rate * self.reach[0], rate * self.reach[1]


@dataclass(frozen=True, slots=True)
class SwingSince:
    """A swing that began at some time; in whose nanoseconds is up to whoever makes it."""

    swing: Swing
    began_ns: int

    def place(self, ns: int) -> tuple[float, float]:
        """Where it is, norm units."""
        return self.swing.place((ns - self.began_ns) / 1e9)

    def velocity(self, ns: int) -> tuple[float, float]:
        """Norm units a second."""
        return self.swing.velocity((ns - self.began_ns) / 1e9)
