"""The phone's clock while it is set: which relation held when."""

from __future__ import annotations

from collections import deque

from psychopy_neon.clock.clock_map import ClockMap

MAX_SEGMENTS = 100  # the phone's clock is set once a day, if at all


class ClockSegments:
    """The newest relation of each segment, for instants that are looked at late.

    An event that waited for the network may be from before a step of the phone's clock: then the
    relation of that time holds, not the present one.
    """

    def __init__(self) -> None:
        self._maps: deque[ClockMap] = deque(maxlen=MAX_SEGMENTS)

    @property
    def newest(self) -> ClockMap | None:
        """The present relation; None before the first."""
        return self._maps[-1] if self._maps else None

    def add(self, clock_map: ClockMap) -> None:
        """Take in the newest relation; use from one thread."""
        if self._maps and self._maps[-1].segment == clock_map.segment:
            self._maps[-1] = clock_map
        else:
            self._maps.append(clock_map)

    def date(self, host_ns: int) -> tuple[int, int] | None:
        """Return an instant on the phone's clock, with its bound; None before the first relation.

        The step itself happened somewhere between two exchanges. In between nobody knows which
        relation holds; the earlier one is taken, and the bound covers both.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()``.

        Returns
        -------
        device_ns, bound_ns : int
            Phone's Unix clock, and the greatest possible error.
        """
        maps = list(self._maps)
        for number, clock_map in enumerate(maps):
            after = maps[number + 1] if number + 1 < len(maps) else None
            if after is None or host_ns < after.since_host_ns:
                return _dated(host_ns, clock_map, after)
        return None


def _dated(host_ns: int, clock_map: ClockMap, after: ClockMap | None) -> tuple[int, int]:
    device_ns, bound_ns = clock_map.device_from_host(host_ns), clock_map.bound_ns(host_ns)
    if after is not None and host_ns > clock_map.reference_host_ns:
        stepped_ns = abs(after.device_from_host(host_ns) - device_ns)
        bound_ns = max(bound_ns, stepped_ns + after.bound_ns(host_ns))
    return device_ns, bound_ns
