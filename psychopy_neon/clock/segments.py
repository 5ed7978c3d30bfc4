"""The phone's clock while it is set: which relation held when."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from itertools import pairwise
from typing import NamedTuple

from psychopy_neon.clock.clock_map import ClockMap

MAX_SEGMENTS = 100  # the phone's clock is set once a day, if at all


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
