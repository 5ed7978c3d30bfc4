"""The phone's clock while it is set: which relation held when."""

from __future__ import annotations

from collections import deque
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
        somewhere between a question and its answer. In between nobody knows which relation holds;
        the earlier one is taken, and the bound covers both.

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
        for number, segment in enumerate(segments):
            after = segments[number + 1] if number + 1 < len(segments) else None
            if after is None or host_ns < after.sure_since_host_ns:
                return _dated(host_ns, segment, after)
        return None


def _dated(host_ns: int, segment: Segment, after: Segment | None) -> tuple[int, int]:
    held = segment.clock_map
    device_ns, bound_ns = held.device_from_host(host_ns), held.bound_ns(host_ns)
    if after is not None and host_ns > segment.sure_until_host_ns:
        stepped_ns = abs(after.clock_map.device_from_host(host_ns) - device_ns)
        bound_ns = max(bound_ns, stepped_ns + after.clock_map.bound_ns(host_ns))
    return device_ns, bound_ns
