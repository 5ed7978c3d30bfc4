"""Fits the exposure of a camera to pictures of a patch that changed in between. Pure.

A picture gathers light for the time of its exposure. If the patch changes meanwhile, the picture
shows a mixture whose share tells when; stamps at many phases trace the whole ramp, whose length is
the exposure time. A slow panel adds a tail at its end. The camera's tone curve bends the ramp, but
rise and fall are mirror images whatever the curve, so the middle is found without knowing it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.patch_blinking import FRAME_S, Edges

Array = npt.NDArray[np.float64]

CONFIDENCE = 0.999
MAX_RATE = 0.002
_SHORTEST_S = 0.0002
_FASTEST_S, _SLOWEST_S = 0.00005, 0.008  # time constants of displays
_HALF_BEFORE_MEAN = 1 - math.log(2)  # time constants between half and mean of an exponential
_REACH_S = 0.03  # of the guess
_MIN_NOISE, _MAX_NOISE = 0.01, 0.4
_STRAY = 0.02  # share of pictures that may show anything
_STRAY_LEVEL = 0.25
_MEMBERS, _MOVES, _STEPS, _HALVINGS = 600, 8, 60, 40


@dataclass(frozen=True, slots=True)
class ExposureFit:
    """What the pictures say; times count from `Edges.guess_s`.

    Attributes
    ----------
    lag_s, standard_error_s, half_width_s : float
        When the display is half changed, on the camera's stamps; its standard error; half the
        interval that holds with `CONFIDENCE`.
    first_s, last_s : float
        Ends of that interval if the end, or the start, of the exposure is stamped.
    exposure_s, response_s : float
        Length of the ramp, and time constant of the display.
    rate, rate_half_width : float
        Change of the lag per second, and half of the interval that holds with `CONFIDENCE`.
    strays : int
        Changes that do not fit.
    """

    lag_s: float
    standard_error_s: float
    half_width_s: float
    first_s: float
    last_s: float
    exposure_s: float
    response_s: float
    rate: float
    rate_half_width: float
    strays: int


def fit_exposure(
    edges: Edges, *, stamp_share: float, exposure_s: float | None = None
) -> ExposureFit:
    """Weigh all ramps, tone curves, rates and amounts of noise by how well they explain the edges.

    Parameters
    ----------
    edges : Edges
    stamp_share : float
        Which moment of the exposure a time stamp means: 0 its start, 1 its end.
    exposure_s : float, optional
        The exposure time if it is known; without it, it is found.
    """
    low, high = _limits(edges, exposure_s)
    draws = _sample(partial(_log_likelihood, edges), low, high)
    middle, rate, exposure, response = draws[:4]
    half_changed = middle - _HALF_BEFORE_MEAN * response
    lag = half_changed + (0.5 - stamp_share) * exposure
    typical = np.median(draws, axis=1)
    off = np.abs(edges.level - _levels(edges, typical[:, None])[0]) > _STRAY_LEVEL
    return ExposureFit(
        lag_s=float(lag.mean()),
        standard_error_s=float(lag.std()),
        half_width_s=max(_half_width(lag), _from_gap(edges, half_changed)),
        first_s=float(np.quantile(half_changed - exposure / 2, (1 - CONFIDENCE) / 2)),
        last_s=float(np.quantile(half_changed + exposure / 2, (1 + CONFIDENCE) / 2)),
        exposure_s=float(exposure.mean()),
        response_s=float(response.mean()),
        rate=float(rate.mean()),
        rate_half_width=_half_width(rate),
        strays=len(np.unique(edges.change[off])),
    )


def _limits(edges: Edges, exposure_s: float | None) -> tuple[Array, Array]:
    """Of middle, rate, exposure, response, and logs of both ends of the tone curve and noise."""
    noise = min(max(_MIN_NOISE, edges.noise), _MAX_NOISE / 2)
    shortest = _SHORTEST_S if exposure_s is None else 0.99 * exposure_s
    longest = FRAME_S if exposure_s is None else 1.01 * exposure_s
    low = [-_REACH_S, -MAX_RATE, shortest, _FASTEST_S, *np.log([0.25, 0.7, noise])]
    high = [_REACH_S, MAX_RATE, longest, _SLOWEST_S, *np.log([1.5, 3.0, _MAX_NOISE])]
    return np.array(low), np.array(high)


def _levels(edges: Edges, walkers: Array) -> Array:
    """Expected levels, shape (walkers, pictures)."""
    middle, rate, exposure, response = walkers[:4, :, None]
    dark_end, bright_end, _ = np.exp(walkers[4:, :, None])
    since_middle = edges.after_s - rate * edges.since_middle_s - middle
    opened = since_middle - exposure / 2 + response  # after the display began to change
    gathered = _light(opened + exposure, response) - _light(opened, response)
    new = np.clip(gathered / exposure, 0.0, 1.0)
    levels: Array = np.where(edges.rising, new, 1.0 - new)
    # Kumaraswamy's curve: a power at the dark end, and another one at the bright end. Most pictures
    # are wholly dark or bright, where it changes nothing and would take most of the time.
    between = np.nonzero((new > 0.0) & (new < 1.0))
    bright, member = levels[between], between[0]
    levels[between] = 1.0 - (1.0 - bright ** dark_end[member, 0]) ** bright_end[member, 0]
    return levels


def _light(since: Array, response: Array) -> Array:
    """Light of the new state gathered since a display that approaches it exponentially began to."""
    after = np.maximum(since, 0.0)
    light: Array = after + response * np.expm1(-after / response)
    return light


def _log_likelihood(edges: Edges, walkers: Array) -> Array:
    noise = np.exp(walkers[-1])[:, None]
    squares = ((edges.level - _levels(edges, walkers)) / noise) ** 2
    fitting = (1 - _STRAY) * np.exp(-0.5 * squares) / noise
    total = np.log(fitting + _STRAY * np.sqrt(np.pi / 2)).sum(axis=1)
    # Of times nothing is known, not even their order of magnitude. They are not drawn as logs
    # because ridges, along which middle and exposure trade, are straight only like this.
    weighed: Array = total - np.log(walkers[2:4]).sum(axis=0)
    return weighed


def _sample(log_likelihood: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Draw from the likelihood between the limits, shape (parameters, draws).

    With short exposures and little noise the likelihood has many narrow peaks. So the members of
    an ensemble begin anywhere and come to feel it by degrees, and at each degree those at bad
    places give way to copies of others: every peak ends up with its share (Del Moral, Doucet &
    Jasra, 2006). In between they move along the lines to one another (Goodman & Weare, 2010),
    which needs no scale and copes with ridges and with the flat tops of short exposures alike.
    """
    random = np.random.default_rng(1)
    low, high = low[:, None], high[:, None]
    places = low + (high - low) * random.random((len(low), _MEMBERS))
    ensemble = _Ensemble(log_likelihood, low, high, random, places, log_likelihood(places))
    while ensemble.felt < 1:
        ensemble.feel_more()
        for _ in range(_MOVES):
            ensemble.move()
    kept = []
    for _ in range(_STEPS):
        ensemble.move()
        kept.append(ensemble.places.copy())
    draws: Array = np.concatenate(kept, axis=1)
    return draws


@dataclass(eq=False, slots=True)
class _Ensemble:
    """Members of a population that moves about between limits.

    Attributes
    ----------
    log_likelihood : callable
    low, high : ndarray, shape (parameters, 1)
    random : numpy.random.Generator
    places : ndarray, shape (parameters, members)
    logs : ndarray, shape (members,)
        Log likelihood at the places.
    felt : float
        Power of the likelihood by which they move.
    """

    log_likelihood: Callable[[Array], Array]
    low: Array
    high: Array
    random: np.random.Generator
    places: Array
    logs: Array
    felt: float = 0.0

    def feel_more(self) -> None:
        """Let members at bad places give way to copies of others, about half of them."""
        felt, logs = self._next_degree(), self.logs
        weights = np.exp((felt - self.felt) * (logs - logs.max()))
        chosen = self.random.choice(len(logs), size=len(logs), p=weights / weights.sum())
        self.places, self.logs, self.felt = self.places[:, chosen], logs[chosen], felt

    def _next_degree(self) -> float:
        """The degree, at most 1, at which the weights are worth half as many members."""
        low, high = self.felt, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            weights = np.exp((middle - self.felt) * (self.logs - self.logs.max()))
            if weights.sum() ** 2 < (weights**2).sum() * len(weights) / 2:
                high = middle
            else:
                low = middle
        return high

    def move(self) -> None:
        """Each along the line to another one, and by a step of its own."""
        for half in (slice(0, None, 2), slice(1, None, 2)):
            self._stretch(half)
        self._step()

    def _stretch(self, half: slice) -> None:
        """Needs no scale, and copes with ridges (Goodman & Weare, 2010)."""
        moving, others = self.places[:, half], self.places[:, slice(1 - half.start, None, 2)]
        count = moving.shape[1]
        partners = others[:, self.random.integers(others.shape[1], size=count)]
        stretch = (1.0 + self.random.random(count)) ** 2 / 2.0
        proposed = partners + stretch * (moving - partners)
        self._take(half, proposed, (len(proposed) - 1) * np.log(stretch))

    def _step(self) -> None:
        """Of any size, in some parameters: leads from one narrow peak to the next."""
        shape = self.places.shape
        size = self.places.std(axis=1)[:, None] * 10 ** self.random.uniform(-2, 0.3, shape[1])
        along = self.random.random(shape) < 0.4
        self._take(
            slice(None), self.places + along * size * self.random.normal(size=shape), np.zeros(1)
        )

    def _take(self, part: slice, proposed: Array, gain: Array) -> None:
        inside = ((proposed >= self.low) & (proposed <= self.high)).all(axis=0)
        logs = self.log_likelihood(np.clip(proposed, self.low, self.high))
        gain = gain + self.felt * (logs - self.logs[part])
        taken = inside & (np.log(self.random.random(len(logs))) < gain)
        self.places[:, part] = np.where(taken, proposed, self.places[:, part])
        self.logs[part] = np.where(taken, logs, self.logs[part])


def _from_gap(edges: Edges, half_changed: Array) -> float:
    """How far the lag may be off within the phases that no picture fell on.

    Where there is no picture, the weights only repeat what was assumed about exposures.
    """
    new = np.where(edges.rising, edges.level, 1.0 - edges.level)
    start_s = float(edges.after_s[new < 0.5].max(initial=-_REACH_S))
    end_s = float(edges.after_s[new > 0.5].min(initial=_REACH_S))
    middle_s = float(half_changed.mean())
    return max(middle_s - start_s, end_s - middle_s) if start_s < end_s else 0.0


def _half_width(draws: Array) -> float:
    return float(np.quantile(np.abs(draws - draws.mean()), CONFIDENCE))
