"""Where somebody looks next if nothing makes them look anywhere."""

from __future__ import annotations

import itertools
import math
import random
from typing import Protocol

from psychopy_neon.simulator.human.angles import ScreenAngles
from psychopy_neon.simulator.human.main_sequence import Saccade
from psychopy_neon.simulator.participant import Norm

# Median and spread of fixations (lognormal), seconds: the real recording has a median of 245 ms,
# eyes that look at a scene move every 200 to 350 ms (Rayner and Castelhano, Scholarpedia
# 2(10):3649, 2007). The spread is our choice.
FIXATION_S, FIXATION_SPREAD = 0.25, 0.4
SHORTEST_FIXATION_S, LONGEST_FIXATION_S = 0.1, 1.5
# Sizes of saccades (gamma), degrees: our choice, a mean of 5 and few below 1.
SIZE_SHAPE, SIZE_SCALE_DEG, SMALLEST_DEG = 2.5, 2.0, 0.7
EDGE = 0.9  # nobody looks beyond that part of the monitor
_ATTEMPTS = 20

Plan = tuple[int, Norm]
"""When a saccade begins, and where it should land."""


class Habit(Protocol):
    """Somebody's habit of looking around."""

    is_aimed: bool
    """Whether there is something to be hit, so that a miss is put right."""

    def plan(self, previous: Saccade) -> Plan:
        """The saccade after this one."""


class FreeViewing:
    """Looks around on the monitor."""

    is_aimed = False

    def __init__(self, angles: ScreenAngles, source: random.Random) -> None:
        self._angles = angles
        self._random = source

    def plan(self, previous: Saccade) -> Plan:
        """After a while, somewhere on the monitor."""
        drawn_s = self._random.lognormvariate(math.log(FIXATION_S), FIXATION_SPREAD)
        fixation_s = min(max(drawn_s, SHORTEST_FIXATION_S), LONGEST_FIXATION_S)
        return previous.end_ns + round(fixation_s * 1e9), self._somewhere(previous.landing)

    def _somewhere(self, start: Norm) -> Norm:
        for _ in range(_ATTEMPTS):
            size = max(SMALLEST_DEG, self._random.gammavariate(SIZE_SHAPE, SIZE_SCALE_DEG))
            way = self._random.uniform(0, 2 * math.pi)
            place = self._angles.moved(start, size * math.cos(way), size * math.sin(way))
            if max(map(abs, place)) <= EDGE:
                return place
        return 0.0, 0.0


class ScanPath:
    """Follows a looped path."""

    is_aimed = True

    def __init__(self, path: tuple[tuple[float, float, float], ...]) -> None:
        self._legs = itertools.cycle(path)
        self._due_ns = 0

    def plan(self, previous: Saccade) -> Plan:
        """The next leg, when the one before is over."""
        duration_s, x, y = next(self._legs)
        start_ns, self._due_ns = self._due_ns, self._due_ns + round(duration_s * 1e9)
        return max(start_ns, previous.end_ns), (x, y)
