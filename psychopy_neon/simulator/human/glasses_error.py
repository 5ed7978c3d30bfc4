"""What the glasses get wrong about where their wearer looks.

Accuracy is the makers' figure: 1.8 degrees on average, 1.3 after an offset correction. So there is
an offset, another one for each wearer, and an error that changes from place to place. Noise from
sample to sample, and what gaze and pupil do in a blink, are as in a real native recording (app
2.9.19, 12 s): 0.30 and 0.41 degrees from one sample to the next across and down, each sample
keeping 0.64 of its predecessor's error; while the lids cover the pupil, gaze falls by some 11
degrees and scatters, and the pupil seems half as large.
"""

from __future__ import annotations

import itertools
import math
import random
from typing import Protocol

PX_PER_DEG = 15.5
OFFSET_DEG, PLACE_DEG = 1.35, 1.04
STEP_DEG = (0.30, 0.41)
KEPT = 0.64
WAVES, SHORTEST_WAVE_DEG, LONGEST_WAVE_DEG = 3, 40.0, 80.0
HALF_COVERED, WIDTH = 0.45, 0.3
FALL_DEG, SCATTER_DEG = 11.0, 5.0
PUPIL_LOST = 0.5
TRACE_LENGTH = 1 << 14  # 82 s, then the noise repeats


class GazeError(Protocol):
    """What happens to gaze and pupil on their way into a sample."""

    def gaze(self, x: float, y: float, openness: float) -> tuple[float, float]:
        """Scene pixels that are told for those that are right; once for each sample."""

    def pupil_mm(self, pupil_mm: float, openness: float) -> float:
        """Diameter that is told."""


class WhiteNoise:
    """Normal noise of gaze, from sample to sample anew; nothing else is wrong."""

    def __init__(self, noise_px: float, seed: int) -> None:
        self._noise_px = noise_px
        self._random = random.Random(seed)

    def gaze(self, x: float, y: float, openness: float) -> tuple[float, float]:
        """Scene pixels that are told for those that are right."""
        if not self._noise_px:
            return x, y
        return x + self._random.gauss(0, self._noise_px), y + self._random.gauss(0, self._noise_px)

    def pupil_mm(self, pupil_mm: float, openness: float) -> float:
        """The right diameter."""
        return pupil_mm


class GlassesError:
    """Errors of real glasses on one wearer's nose; another seed is another wearer."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        way = self._random.uniform(0, 2 * math.pi)
        self._offset = OFFSET_DEG * math.cos(way), OFFSET_DEG * math.sin(way)
        self._waves = [[self._wave() for _ in range(WAVES)] for _ in range(2)]
        self._noise = itertools.cycle(zip(*map(self._trace, STEP_DEG), strict=True))

    def at_place(self, x: float, y: float) -> tuple[float, float]:
        """Error that stays, degrees across and down, of gaze at those scene pixels."""
        size = PLACE_DEG * math.sqrt(2 / WAVES)
        across, down = (
            offset + size * sum(math.sin(a * x + b * y + c) for a, b, c in waves)
            for offset, waves in zip(self._offset, self._waves, strict=True)
        )
        return across, down

    def gaze(self, x: float, y: float, openness: float) -> tuple[float, float]:
        """Scene pixels that are told for those that are right; once for each sample."""
        errors = zip(self.at_place(x, y), next(self._noise), strict=True)
        across, down = (stays + noise for stays, noise in errors)
        covered = _covered(openness)
        if covered:
            across += self._random.gauss(0, SCATTER_DEG * covered)
            down += self._random.gauss(FALL_DEG * covered, SCATTER_DEG * covered)
        return x + PX_PER_DEG * across, y + PX_PER_DEG * down

    def pupil_mm(self, pupil_mm: float, openness: float) -> float:
        """Diameter that is told: less of a pupil that the lids cover."""
        return pupil_mm * (1 - PUPIL_LOST * _covered(openness))

    def _trace(self, step_deg: float) -> list[float]:
        """Noise of one axis, drawn once: that costs nothing while it is sent."""
        spread, error = step_deg * math.sqrt((1 + KEPT) / 2), 0.0
        trace = []
        for _ in range(TRACE_LENGTH):
            error = KEPT * error + self._random.gauss(0, spread)
            trace.append(error)
        return trace

    def _wave(self) -> tuple[float, float, float]:
        length_px = PX_PER_DEG * self._random.uniform(SHORTEST_WAVE_DEG, LONGEST_WAVE_DEG)
        way = self._random.uniform(0, 2 * math.pi)
        turn = 2 * math.pi / length_px
        phase = self._random.uniform(0, 2 * math.pi)
        return turn * math.cos(way), turn * math.sin(way), phase


def _covered(openness: float) -> float:
    """How much of the pupil the lids cover, 0 to 1."""
    return min(1.0, max(0.0, 0.5 + (HALF_COVERED - openness) / WIDTH))
