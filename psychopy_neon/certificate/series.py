"""What the plots show, on the certificate's axis of time, with a bounded number of points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from psychopy_neon.certificate.clock_facts import Segment
from psychopy_neon.certificate.event_facts import JudgedEvent
from psychopy_neon.certificate.frames import Frame
from psychopy_neon.certificate.link_facts import JudgedAnswer
from psychopy_neon.certificate.timeline import Stretch, Timeline

Place = tuple[float, float]
T = TypeVar("T")

NS_PER_MS = 1_000_000
MOST_POINTS = 900


@dataclass(frozen=True, slots=True)
class OffsetLine:
    """The offset of the clocks in one segment, less its straight line.

    Attributes
    ----------
    middle, low, high : tuple of (float, float)
        Estimate, and the ends of what is possible: seconds, ms.
    bounds : tuple of (float, float)
        Half the distance of the ends: seconds, ms.
    """

    middle: tuple[Place, ...]
    low: tuple[Place, ...]
    high: tuple[Place, ...]
    bounds: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Everything that is drawn; all times in seconds from the start of the first session.

    Attributes
    ----------
    duration_s : float
        Length of the axis.
    offsets : tuple of OffsetLine
        One for each segment of the clock.
    answers : tuple of JudgedAnswer
        Answers of the phone.
    events : tuple of JudgedEvent
        Events.
    flips : tuple of (float, Frame)
        Flips and their places.
    silences : tuple of (float, float)
        Stretches without an answer.
    steps : tuple of float
        When the phone's clock stepped.
    """

    duration_s: float
    offsets: tuple[OffsetLine, ...] = ()
    answers: tuple[JudgedAnswer, ...] = ()
    events: tuple[JudgedEvent, ...] = ()
    flips: tuple[tuple[float, Frame], ...] = ()
    silences: tuple[tuple[float, float], ...] = ()
    steps: tuple[float, ...] = ()


def offset_line(stretch: Stretch, segment: Segment) -> OffsetLine:
    """The clock between two steps, ready to be drawn."""
    times = [stretch.at_host(int(instant)) for instant in segment.instants]
    start_ns = int(segment.offsets[0])
    changes = [(int(offset) - start_ns) / NS_PER_MS for offset in segment.offsets]
    offsets = without_line(times, changes)
    bounds = [float(bound) / NS_PER_MS for bound in segment.bounds]
    rows = list(zip(times, offsets, bounds, strict=True))
    return OffsetLine(
        middle=tuple((t, offset) for t, offset, _ in rows),
        low=tuple((t, offset - bound) for t, offset, bound in rows),
        high=tuple((t, offset + bound) for t, offset, bound in rows),
        bounds=tuple((t, bound) for t, _, bound in rows),
    )


def without_line(times: Sequence[float], values: Sequence[float]) -> list[float]:
    """Take the straight line of least squares away."""
    start_t, start_v = times[0], values[0]
    xs, ys = [t - start_t for t in times], [v - start_v for v in values]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread_x = sum((x - mean_x) ** 2 for x in xs)
    joint = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    slope = joint / spread_x if spread_x else 0.0
    return [y - mean_y - slope * (x - mean_x) for x, y in zip(xs, ys, strict=True)]


def placed_flips(timeline: Timeline, frames: Sequence[Frame]) -> list[tuple[float, Frame]]:
    """The flips on the axis of time."""
    placed = ((timeline.place_flip(frame), frame) for frame in frames)
    return [(at_s, frame) for at_s, frame in placed if at_s is not None]


def thinned(items: Sequence[T], size: Callable[[T], float], most: int = MOST_POINTS) -> list[T]:
    """At most `most` items in their order; of neighbours the least and the greatest stay."""
    if len(items) <= most:
        return list(items)
    parts = most // 2
    edges = [len(items) * number // parts for number in range(parts + 1)]
    kept: list[T] = []
    for start, end in pairwise(edges):
        places = range(start, end)
        least = min(places, key=lambda place: size(items[place]))
        greatest = max(places, key=lambda place: size(items[place]))
        kept += [items[place] for place in sorted({least, greatest})]
    return kept
