"""Where gaze was on the window in the last seconds."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from psychopy_neon.samples import Point

KEPT = 6_000  # half a minute at 200 Hz
NEAR_NS = 10_000_000  # two samples
NOWHERE = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Place:
    """Where gaze was.

    Attributes
    ----------
    device_ns : int
        Phone's Unix clock.
    point : tuple of 2 float
        In the window's units, NaN where not valid.
    raw_px : tuple of 2 float
        Scene camera pixels.
    """

    device_ns: int
    point: Point
    raw_px: Point


class GazeTrail:
    """The newest places of gaze, in order of time."""

    def __init__(self) -> None:
        self._places: deque[Place] = deque(maxlen=KEPT)

    def append(self, place: Place) -> None:
        """Add the newest one."""
        self._places.append(place)

    def at(self, device_ns: int) -> Place:
        """The place nearest in time, within two samples; else one of NaN."""
        near = self._between(device_ns - NEAR_NS, device_ns + NEAR_NS)
        nowhere = Place(device_ns, NOWHERE, NOWHERE)
        return min(near, key=lambda place: abs(place.device_ns - device_ns), default=nowhere)

    def mean(self, start_ns: int, end_ns: int) -> Point:
        """Mean of the valid points from start to end, both included; NaN without any."""
        points = [place.point for place in self._between(start_ns, end_ns)]
        valid = [point for point in points if not math.isnan(point[0])]
        if not valid:
            return NOWHERE
        return sum(x for x, _ in valid) / len(valid), sum(y for _, y in valid) / len(valid)

    def _between(self, start_ns: int, end_ns: int) -> Iterator[Place]:
        for place in reversed(self._places):
            if place.device_ns < start_ns:
                return
            if place.device_ns <= end_ns:
                yield place
