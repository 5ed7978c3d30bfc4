"""What all exchanges of a run, earlier and later ones, allow at each instant of it.

The filter of `feasible_set` goes forward in time: at an instant it knows the exchanges before.
Here a second one goes backward, and both sets are intersected at *knots*: at every exchange, and
in between where there was none for long.

Backward needs no arithmetic of its own. If both clocks are mirrored (``host' = -host``,
``device' = -device``), the rate stays the same and the offset changes its sign; an exchange
becomes one that was sent when its answer arrived, and the phone's millisecond one that ends where
it began.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from psychopy_neon.clock.convex_polygon import Polygon, hull, intersection
from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.clock.feasible_set import (
    HOST_TICK_NS,
    ROUNDING_NS,
    FeasibleSet,
    RateLimits,
    later,
)

LONGEST_GAP_NS = 1_000_000_000
MOST_KNOTS_IN_A_GAP = 200
RATE_ROUNDING = 1e-15  # far above that of doubles, far below anything that matters


@dataclass(frozen=True, slots=True)
class Knot:
    """The pairs of offset and rate that are possible at one instant.

    Attributes
    ----------
    host_ns : int
        The instant.
    polygon : list of (float, float)
        Corners: offset minus a base that all knots share, ns; rate, dimensionless.
    """

    host_ns: int
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Smoothed:
    """All knots of a run without a step in it.

    Attributes
    ----------
    base_offset_ns : int
        Integer part of the offsets.
    knots : tuple of Knot
        In order of time; the first when the first exchange was sent, the last when the last
        answer arrived.
    contradictions : int
        Exchanges that the backward filter refused, and knots at which both filters share
        nothing: 0 if the clocks kept to the limits.
    """

    base_offset_ns: int
    knots: tuple[Knot, ...]
    contradictions: int


def smooth(exchanges: Sequence[Exchange], limits: RateLimits) -> Smoothed:
    """Intersect what earlier and what later exchanges allow.

    Parameters
    ----------
    exchanges : sequence of Exchange
        At least one, in order of arrival.
    limits : RateLimits
    """
    base = exchanges[0].least_offset_ns
    forward, _ = _sets(exchanges, base, limits)
    mirrored, refused = _sets(map(mirror, reversed(exchanges)), -base, limits)
    both = _BothWays(forward, [_mirrored_knot(knot) for knot in reversed(mirrored)], limits)
    instants = sorted({knot.host_ns for knot in forward} | {both.backward[0].host_ns})
    knots = tuple(Knot(host_ns, both.at(host_ns)) for host_ns in _without_gaps(instants))
    return Smoothed(base, knots, refused + both.empty)


def mirror(exchange: Exchange) -> Exchange:
    """Return the exchange as it looks when both clocks run backward.

    The host's tick, by which an answer may have arrived earlier than it says, moves to the
    other end.
    """
    return Exchange(
        sent_host_ns=-(exchange.received_host_ns + HOST_TICK_NS),
        received_host_ns=-exchange.sent_host_ns,
        device_ms=-(exchange.device_ms + 1),
    )


def filled(exchanges: Iterable[Exchange], limits: RateLimits) -> FeasibleSet:
    """Return the set that some exchanges, at least one, leave; contradicting ones are left out."""
    first, *rest = exchanges
    feasible = FeasibleSet(first, limits)
    for exchange in rest:
        feasible.try_add(exchange)
    return feasible


def _sets(exchanges: Iterable[Exchange], base: int, limits: RateLimits) -> tuple[list[Knot], int]:
    """Return the state of the filter after each exchange, and how many it refused."""
    knots: list[Knot] = []
    feasible: FeasibleSet | None = None
    refused = 0
    for exchange in exchanges:
        if feasible is None:
            feasible = FeasibleSet(exchange, limits)
        elif not feasible.try_add(exchange):
            refused += 1
            continue
        shift = float(feasible.base_offset_ns - base)
        moved = [(offset + shift, rate) for offset, rate in feasible.polygon]
        knots.append(Knot(feasible.reference_host_ns, moved))
    return knots, refused


def _mirrored_knot(knot: Knot) -> Knot:
    return Knot(-knot.host_ns, _mirrored(knot.polygon))


def _mirrored(polygon: Polygon) -> Polygon:
    """Reversed, because a mirror turns the order of the corners round."""
    return [(-offset, rate) for offset, rate in reversed(polygon)]


class _BothWays:
    """The two filters of a run, and what they share at an instant."""

    def __init__(self, forward: list[Knot], backward: list[Knot], limits: RateLimits) -> None:
        self.backward = backward
        self.empty = 0
        self._forward = forward
        self._forward_ns = [knot.host_ns for knot in forward]
        self._backward_ns = [knot.host_ns for knot in backward]
        self._limits = limits

    def at(self, host_ns: int) -> Polygon:
        """Pairs possible at an instant of the run."""
        before = bisect_right(self._forward_ns, host_ns) - 1
        after = bisect_left(self._backward_ns, host_ns)
        if before < 0:
            return self._from_later(after, host_ns)
        if after == len(self.backward):
            return self._from_earlier(before, host_ns)
        return self._shared(self._from_earlier(before, host_ns), self._from_later(after, host_ns))

    def _from_earlier(self, index: int, host_ns: int) -> Polygon:
        knot = self._forward[index]
        return later(knot.polygon, float(host_ns - knot.host_ns), self._limits)

    def _from_later(self, index: int, host_ns: int) -> Polygon:
        knot = self.backward[index]
        mirrored = _mirrored(knot.polygon)
        return _mirrored(later(mirrored, float(knot.host_ns - host_ns), self._limits))

    def _shared(self, one: Polygon, other: Polygon) -> Polygon:
        shared = intersection(one, other, (ROUNDING_NS, RATE_ROUNDING))
        if not shared:
            self.empty += 1
        return shared or hull([*one, *other])


def _without_gaps(instants: Sequence[int]) -> Iterator[int]:
    """Instants in order, with more in between where they are far from each other."""
    for here, there in pairwise(instants):
        parts = min(MOST_KNOTS_IN_A_GAP, 1 + (there - here) // LONGEST_GAP_NS)
        yield from (here + (there - here) * part // parts for part in range(parts))
    yield instants[-1]
