"""How long a saccade lasts and how fast it becomes, by its size alone.

That duration is linear in size, and that peak velocity grows ever more slowly with it, is the main
sequence (Bahill, Clark and Stark, 1975). The figures are chosen by us: 21 ms and 2.2 ms for each
degree, and a peak velocity of 1.65 times the mean, which makes 71 degrees a second at 1 degree, 384
at 10, 508 at 20. Left out: large saccades slow down longer than they speed up.
"""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.simulator.participant import Norm

SHORTEST_NS = 21_000_000
NS_PER_DEG = 2_200_000
PEAK_TO_MEAN = 1.65


def duration_ns(amplitude_deg: float) -> int:
    """Duration of a saccade of that size."""
    return SHORTEST_NS + round(NS_PER_DEG * amplitude_deg)


def peak_deg_s(amplitude_deg: float) -> float:
    """Greatest velocity of a saccade of that size."""
    return PEAK_TO_MEAN * amplitude_deg * 1e9 / duration_ns(amplitude_deg)


def share_covered(part: float) -> float:
    """Share of the way after this part of the duration, both 0 to 1; bell-shaped velocity."""
    # Of two bells, with peaks of 1.5 and 1.875 times the mean, so much as gives PEAK_TO_MEAN.
    flat = part * part * (3 - 2 * part)
    steep = part**3 * (10 - 15 * part + 6 * part * part)
    return 0.6 * flat + 0.4 * steep


@dataclass(frozen=True, slots=True)
class Saccade:
    """A saccade from one point of the monitor to another; at rest before and after it."""

    start_ns: int
    end_ns: int
    origin: Norm
    landing: Norm

    def position(self, ns: int) -> Norm:
        """Point at that time, norm units."""
        if ns >= self.end_ns:
            return self.landing
        if ns <= self.start_ns:
            return self.origin
        share = share_covered((ns - self.start_ns) / (self.end_ns - self.start_ns))
        (x0, y0), (x1, y1) = self.origin, self.landing
        return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
