"""The relation of two clocks at any instant of a run without a step, for whole arrays at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psychopy_neon.clock.feasible_set import RateLimits
from psychopy_neon.clock.smoothing import Smoothed

Instants = NDArray[np.int64]
Floats = NDArray[np.float64]

AT_ONCE = 50_000


class EpochMap:
    """Estimate and bound from the knots around an instant.

    The estimate is a line from the middle of the possible offsets at one knot to that at the
    next, which can be converted there and back without loss; beyond the first and the last knot
    it goes on at the middle of the rates there. For the bound, each of the two knots says how far
    the clocks can have moved since, or until; what both say holds.

    Parameters
    ----------
    smoothed : Smoothed
    limits : RateLimits
    """

    def __init__(self, smoothed: Smoothed, limits: RateLimits) -> None:
        self.smoothed = smoothed
        self._limits = limits
        self._knots_ns = np.array([knot.host_ns for knot in smoothed.knots], np.int64)
        polygons = [knot.polygon for knot in smoothed.knots]
        most = max(map(len, polygons))
        # A corner that is repeated changes nothing.
        corners = np.array([each + each[:1] * (most - len(each)) for each in polygons])
        self._offsets, self._rates = corners[:, :, 0], corners[:, :, 1]

        self._middles = self._middles_at_knots()
        self._first_rate = self.rate_at(smoothed.knots[0].host_ns)
        self._last_rate = self.rate_at(smoothed.knots[-1].host_ns)

    def rate_at(self, host_ns: int) -> float:
        """Middle of the possible rates at the knot nearest before an instant, dimensionless."""
        index = max(0, int(np.searchsorted(self._knots_ns, host_ns, "right")) - 1)
        return float(self._rates[index].min() + self._rates[index].max()) / 2

    def offsets(self, host_ns: Instants) -> Instants:
        """Return the estimated device minus host, ns."""
        passed = host_ns - self._knots_ns[0]
        inside = np.interp(passed, self._knots_ns - self._knots_ns[0], self._middles)
        before = np.minimum(passed, 0) * self._first_rate
        after = np.maximum(host_ns - self._knots_ns[-1], 0) * self._last_rate
        return self._whole(inside + before + after)

    def hosts(self, device_ns: Instants) -> Instants:
        """Return the inverse: when the phone's clock showed this, host clock, exact to 1 ns."""
        on_device = self._knots_ns + self._whole(self._middles)
        passed = device_ns - on_device[0]
        inside = np.interp(passed, on_device - on_device[0], self._middles)
        before = np.minimum(passed, 0) * (self._first_rate / (1 + self._first_rate))
        after = np.maximum(device_ns - on_device[-1], 0) * (self._last_rate / (1 + self._last_rate))
        return device_ns - self._whole(inside + before + after)

    def bounds(self, host_ns: Instants) -> Instants:
        """Return the greatest possible error of `offsets`, and of `hosts`, ns."""
        bounds = np.empty_like(host_ns)
        for start in range(0, len(host_ns), AT_ONCE):  # limits the memory for the corners
            part = slice(start, start + AT_ONCE)
            least, most = self._interval(host_ns[part])
            estimate = self.offsets(host_ns[part]) - self.smoothed.base_offset_ns
            # The conversion itself rounds.
            bounds[part] = np.ceil(np.maximum(most - estimate, estimate - least)) + 1
        return bounds

    def _middles_at_knots(self) -> Floats:
        least, most = self._interval(self._knots_ns)
        middles: Floats = (least + most) / 2
        return middles

    def _whole(self, offsets: Floats) -> Instants:
        return np.rint(offsets).astype(np.int64) + self.smoothed.base_offset_ns

    def _interval(self, host_ns: Instants) -> tuple[Floats, Floats]:
        last = len(self._knots_ns) - 1
        after = np.searchsorted(self._knots_ns, host_ns, "right")
        early, late = np.maximum(after - 1, 0), np.minimum(after, last)
        # At the ends both are the same knot.
        early_least, early_most = self._reach(early, host_ns)
        late_least, late_most = self._reach(late, host_ns)
        least, most = np.maximum(early_least, late_least), np.minimum(early_most, late_most)
        # Crossed only if the clocks did not keep to the limits: then all in between is possible.
        return np.minimum(least, most), np.maximum(least, most)

    def _reach(self, knot: NDArray[np.intp], host_ns: Instants) -> tuple[Floats, Floats]:
        """Return how far the offset can be at instants, by what is known at one knot for each."""
        passed = (host_ns - self._knots_ns[knot]).astype(np.float64)[:, np.newaxis]
        rates = self._rates[knot] * np.sign(passed)
        passed = np.abs(passed)
        offsets = self._offsets[knot]
        most = offsets + self._farthest(rates, passed)
        least = offsets - self._farthest(-rates, passed)
        return least.min(axis=1), most.max(axis=1)

    def _farthest(self, rates: Floats, passed: Floats) -> Floats:
        """Return the longest way up: the rate wanders to its limit and then stays there."""
        wander, limit = self._limits.wander_per_ns, self._limits.max_rate
        free = passed
        if wander > 0:
            free = np.clip((limit - rates) / wander, 0.0, passed)
        return rates * free + wander * free * free / 2 + limit * (passed - free)
