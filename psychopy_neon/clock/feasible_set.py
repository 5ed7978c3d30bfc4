"""All the (offset, rate) pairs that agree with every exchange so far.

This is a set-membership filter. Nothing is averaged and no distribution is assumed: a pair
leaves the set only if an exchange proves it wrong. What remains is a convex polygon, for

- an exchange says "offset <= a" at one instant and "offset >= b" at another: half planes;
- letting time pass shears the polygon, because ``offset += rate * time``;
- a wandering rate widens it by a small parallelogram (see `_wander_steps`).
"""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.convex_polygon import (
    Corner,
    Polygon,
    centroid,
    clip,
    rectangle,
    widened,
    with_fewer_corners,
)
from psychopy_neon.clock.exchange import Exchange

# Beyond ten, more corners do not make the bound measurably tighter.
MOST_CORNERS = 10
# perf_counter_ns() ticks in steps of 100 ns on Windows: an answer stamped t can have arrived
# just before t + 100 ns.
HOST_TICK_NS = 100
# Far above the rounding of doubles below REBASE_NS (1e-7 ns), far below anything that matters.
ROUNDING_NS = 1e-3
REBASE_NS = 1e8


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What is assumed about the two clocks.

    Attributes
    ----------
    max_rate : float
        Greatest size of the rate (device ns per host ns, minus 1); dimensionless.
    wander_per_ns : float
        Greatest change of the rate in one ns; 1/ns.
    """

    max_rate: float
    wander_per_ns: float


class FeasibleSet:
    """The pairs that one run of exchanges, without a step of the clock in it, allows.

    Parameters
    ----------
    first : Exchange
    limits : RateLimits

    Attributes
    ----------
    reference_host_ns : int
        The instant that the polygon describes: arrival of the latest answer.
    since_host_ns : int
        When the first exchange was sent.
    sure_since_host_ns : int
        When the first answer arrived: the phone had read its clock by then.
    base_offset_ns : int
        Integer part of all the offsets, so that the corners stay small numbers.
    polygon : list of (float, float)
        Corners: offset minus `base_offset_ns` in ns, and dimensionless rate.
    """

    def __init__(self, first: Exchange, limits: RateLimits) -> None:
        self.limits = limits
        self.since_host_ns = first.sent_host_ns
        self.sure_since_host_ns = first.received_host_ns
        self.reference_host_ns = first.received_host_ns
        self.base_offset_ns = first.least_offset_ns
        most = first.most_offset_ns - self.base_offset_ns + first.round_trip_ns
        rate = limits.max_rate
        self.polygon = rectangle(-HOST_TICK_NS, float(most), -rate, rate)
        self.try_add(first)

    def try_add(self, exchange: Exchange) -> bool:
        """Narrow the set by an exchange; False, and no change, if nothing would be left."""
        now = max(exchange.received_host_ns, self.reference_host_ns)
        polygon = self._polygon_at(now)
        polygon = self._clip_by_exchange(polygon, exchange, now)
        if not polygon:
            return False
        self.polygon = with_fewer_corners(polygon, MOST_CORNERS)
        self.reference_host_ns = now
        self._rebase()
        return True

    def clock_map(self, segment: int) -> ClockMap:
        """Return the frozen state; its estimate is the centre of the set.

        Not the middle between the extremes, which would make the bound least: those are thin
        corners as a rule, and the centre is nearer to the truth by far more than the bound loses.
        """
        centre, rate = centroid(self.polygon)
        middle = round(centre)
        return ClockMap(
            reference_host_ns=self.reference_host_ns,
            offset_ns=self.base_offset_ns + middle,
            rate=rate,
            vertices=tuple((offset - middle, rate) for offset, rate in self.polygon),
            max_rate=self.limits.max_rate,
            wander_per_ns=self.limits.wander_per_ns,
            since_host_ns=self.since_host_ns,
            segment=segment,
        )

    def _polygon_at(self, host_ns: int) -> Polygon:
        return later(self.polygon, float(host_ns - self.reference_host_ns), self.limits)

    def _clip_by_exchange(self, polygon: Polygon, exchange: Exchange, now: int) -> Polygon:
        """Apply both half planes, each moved from its own instant to `now`."""
        to_received = float(exchange.received_host_ns - now)
        to_sent = float(exchange.sent_host_ns - now)
        least = float(exchange.least_offset_ns - self.base_offset_ns - HOST_TICK_NS)
        most = float(exchange.most_offset_ns - self.base_offset_ns)
        polygon = clip(polygon, -1.0, -to_received, -least + self._slack_ns(to_received))
        return clip(polygon, 1.0, to_sent, most + self._slack_ns(to_sent))

    def _slack_ns(self, passed: float) -> float:
        return self.limits.wander_per_ns * passed * passed / 2 + ROUNDING_NS

    def _rebase(self) -> None:
        shift = round(self.polygon[0][0])
        if abs(shift) > REBASE_NS:
            self.base_offset_ns += shift
            self.polygon = [(offset - shift, rate) for offset, rate in self.polygon]


def later(polygon: Polygon, passed: float, limits: RateLimits) -> Polygon:
    """Return the pairs that those of `polygon` can have become `passed` (>= 0) ns later."""
    if passed == 0:
        return polygon
    sheared = [(offset + rate * passed, rate) for offset, rate in polygon]
    polygon = widened(sheared, _wander_steps(limits.wander_per_ns, passed))
    polygon = clip(polygon, 0.0, 1.0, limits.max_rate)
    return clip(polygon, 0.0, -1.0, limits.max_rate)


def _wander_steps(wander_per_ns: float, passed: float) -> list[Corner]:
    """Corners of a parallelogram that holds all that wandering can do in `passed` ns.

    With the change of the rate bounded by w, rate and offset can move within a lens that has
    its tips at +-(w t^2 / 2, w t). The tangents at the tips enclose it.
    """
    offset = wander_per_ns * passed * passed / 2 + ROUNDING_NS
    rate = wander_per_ns * passed
    return [(offset, rate), (offset, 0.0), (-offset, 0.0), (-offset, -rate)]
