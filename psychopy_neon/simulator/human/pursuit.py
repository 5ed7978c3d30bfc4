"""Eyes that follow something that swings.

They begin 150 ms after it, and then pursue a motion that repeats without a delay (Bahill and
McDonald, Vision Research 23:1573, 1983). Smooth pursuit alone is too slow, its gain always below
0.95, and saccades make up for it, so that the eye goes as far as the target (Collewijn and
Tamminga, Journal of Physiology 351:217, 1984). Such a saccade follows 125 ms after it is clear that
the eye will not meet the target within 40 to 180 ms (de Brouwer et al., Journal of Neurophysiology
87:1646, 2002). Left out: that the gain falls with the target's velocity, and that a catch-up
saccade may miss by more than one to a target at rest.
"""

from __future__ import annotations

import random

from psychopy_neon.simulator.human.angles import ScreenAngles
from psychopy_neon.simulator.human.main_sequence import Saccade, duration_ns
from psychopy_neon.simulator.participant import Norm
from psychopy_neon.simulator.swing import SwingSince

LATENCY_NS = 150_000_000
GAIN = 0.92
CATCH_UP_NS = 125_000_000
SOONEST_S, LATEST_S = 0.04, 0.18
UNNOTICED_DEG, SCATTER_DEG = 0.4, 0.1


class Pursuit:
    """One wearer who follows one swing.

    Parameters
    ----------
    target : SwingSince
        In nanoseconds of the wearer's own time.
    origin : tuple of 2 float
        Where they look at first, norm units.
    now_ns : int
        They cannot begin before.
    angles : ScreenAngles
    source : random.Random
        Scatters their saccades.

    Attributes
    ----------
    saccade : Saccade
        The last one, which may be still to come.
    """

    def __init__(
        self,
        target: SwingSince,
        origin: Norm,
        now_ns: int,
        angles: ScreenAngles,
        source: random.Random,
    ) -> None:
        start_ns = max(target.began_ns + LATENCY_NS, now_ns)
        self.saccade = self._before = Saccade(start_ns, start_ns, origin, origin)
        self._target = target
        self._angles = angles
        self._random = source

    def position(self, ns: int) -> Norm:
        """Point in norm units; called with rising times of the wearer, 5 ms apart."""
        if ns >= self.saccade.end_ns:
            self._before = self.saccade
            if self._will_miss(ns):
                self.saccade = self._catch_up(ns + CATCH_UP_NS)
        if self.saccade.start_ns < ns < self.saccade.end_ns:
            return self.saccade.position(ns)
        return self._smooth(ns)

    def _smooth(self, ns: int) -> Norm:
        """Where pursuit alone takes the eye from where the saccade before has landed."""
        (x, y), since_ns = self._before.landing, self._before.end_ns
        if ns <= since_ns:
            return x, y
        (x0, y0), (x1, y1) = self._target.place(since_ns), self._target.place(ns)
        return x + GAIN * (x1 - x0), y + GAIN * (y1 - y0)

    def _will_miss(self, ns: int) -> bool:
        eye, target = self._smooth(ns), self._target.place(ns)
        if self._angles.between_deg(eye, target) < UNNOTICED_DEG:
            return False
        away_x, away_y = target[0] - eye[0], target[1] - eye[1]
        slip_x, slip_y = ((1 - GAIN) * rate for rate in self._target.velocity(ns))
        closing = -(away_x * slip_x + away_y * slip_y)
        if closing <= 0:
            return True
        return not SOONEST_S <= (away_x**2 + away_y**2) / closing <= LATEST_S

    def _catch_up(self, start_ns: int) -> Saccade:
        """To where the target will be at its end."""
        origin = self._smooth(start_ns)
        size_deg = self._angles.between_deg(origin, self._target.place(start_ns))
        end_ns = start_ns + duration_ns(size_deg)
        scatter = (self._random.gauss(0, SCATTER_DEG) for _ in range(2))
        return Saccade(
            start_ns, end_ns, origin, self._angles.moved(self._target.place(end_ns), *scatter)
        )
