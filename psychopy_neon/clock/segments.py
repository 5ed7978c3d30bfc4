"""The phone's clock while it is set: which relation held when."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from psychopy_neon.clock.clock_map import ClockMap

MAX_SEGMENTS = 100  # the phone's clock is set once a day, if at all
EARLIEST_NS = 10_000_000_000  # what is asked for may have begun that long before the first reading
ALWAYS = 2**62


class Segment(NamedTuple):
    """A relation of the clocks, and between which instants of this computer's it surely held."""

    clock_map: ClockMap
    sure_since_host_ns: int
    sure_until_host_ns: int


class ClockSegments:
    """The newest relation of each segment, for instants that are looked at late.

    An event that waited for the network may be from before a step of the phone's clock: then the
    relation of that time holds, not the present one.
    """

    def __init__(self) -> None:
        self._segments: deque[Segment] = deque(maxlen=MAX_SEGMENTS)

    @property
    def newest(self) -> ClockMap | None:
        """The present relation; None before the first."""
        return self._segments[-1].clock_map if self._segments else None

    def covers(self, host_ns: int) -> bool:
        """Whether the phone's clock was read after this instant, and what it showed was believed.

        Before that nobody knows whether it was set meanwhile.
        """
        return bool(self._segments) and self._segments[-1].sure_until_host_ns >= host_ns

    def add(self, clock_map: ClockMap, sure_span: tuple[int, int]) -> None:
        """Take in the newest relation; use from one thread.

        Parameters
        ----------
        clock_map : ClockMap
        sure_span : tuple of int
            As `OffsetEstimator.sure_span`.
        """
        segment = Segment(clock_map, *sure_span)
        if self._segments and self._segments[-1].clock_map.segment == clock_map.segment:
            self._segments[-1] = segment
        else:
            self._segments.append(segment)

    def date(self, host_ns: int) -> tuple[int, int] | None:
        """Return an instant on the phone's clock, with its bound; None before the first relation.

        The step itself happened somewhere between two readings of the phone's clock, each of them
        somewhere between a question and its answer. In between nobody knows which relation holds:
        that of the nearer reading is taken, and the bound covers both.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()``.

        Returns
        -------
        device_ns, bound_ns : int
            Phone's Unix clock, and the greatest possible error.
        """
        segments = list(self._segments)
        if not segments:
            return None
        gaps = [
            (before.sure_until_host_ns, after.sure_since_host_ns)
            for before, after in pairwise(segments)
        ]
        chosen = bisect_right([(start + end) // 2 for start, end in gaps], host_ns)
        held = segments[chosen].clock_map
        device_ns, bound_ns = held.device_from_host(host_ns), held.bound_ns(host_ns)
        for (start, end), (before, after) in zip(gaps, pairwise(segments), strict=True):
            if start < host_ns < end:
                for other in (before.clock_map, after.clock_map):
                    apart_ns = abs(other.device_from_host(host_ns) - device_ns)
                    bound_ns = max(bound_ns, apart_ns + other.bound_ns(host_ns))
        return device_ns, bound_ns

    def host(self, device_ns: int) -> tuple[int, int] | None:
        """Return an instant of the phone's clock on this computer's, with its bound.

        A clock that was set back shows some times twice, and one that is being set may be read
        either way: then the newest relation is taken, and the bound covers all that are possible.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns; of something that happened since the first relation.

        Returns
        -------
        host_ns, bound_ns : int
            ``time.perf_counter_ns()``, and the greatest possible error. None before the first
            relation.
        """
        segments = list(self._segments)
        if not segments:
            return None
        if len(segments) == 1:  # as a rule, and this is asked with every sample
            host_ns = segments[0].clock_map.host_from_device(device_ns)
            return host_ns, segments[0].clock_map.bound_ns(host_ns)
        found = list(_readings(segments, device_ns))
        _, host_ns, bound_ns = min(found, key=lambda reading: reading[0])
        reaches_ns = [
            abs(other_ns - host_ns) + its_bound_ns
            for outside_ns, other_ns, its_bound_ns in found
            if outside_ns <= its_bound_ns
        ]
        return host_ns, max([bound_ns, *reaches_ns])


def _readings(segments: Sequence[Segment], device_ns: int) -> Iterator[tuple[int, int, int]]:
    """By each relation, newest first: how far off its time it puts an instant, when, and bound."""
    starts = [segments[0].sure_since_host_ns - EARLIEST_NS]
    starts += [before.sure_until_host_ns for before in segments[:-1]]
    ends = [*(after.sure_since_host_ns for after in segments[1:]), ALWAYS]
    for segment, start, end in reversed(list(zip(segments, starts, ends, strict=True))):
        host_ns = segment.clock_map.host_from_device(device_ns)
        bound_ns = segment.clock_map.bound_ns(host_ns)
        yield max(0, start - host_ns, host_ns - end), host_ns, bound_ns
