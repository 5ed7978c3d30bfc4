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
_MIN_NOISE, _MAX_NOISE = 0.004, 0.4
_STRAY = 0.02  # share of pictures that may show anything
_STRAY_LEVEL = 0.25
_FAR = 15.0  # below the best log likelihood, among seven parameters, nobody belongs there
_WALKERS, _BURN_IN, _STEPS = 40, 600, 800


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
    bright = np.where(edges.rising, new, 1.0 - new)
    # Kumaraswamy's curve: a power at the dark end, and another one at the bright end.
    levels: Array = 1.0 - (1.0 - bright**dark_end) ** bright_end
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

    An ensemble whose members move along the lines to one another (Goodman & Weare, 2010): it
    needs no scale, and copes with ridges and with the flat tops of short exposures alike.
    """
    random = np.random.default_rng(1)
    places = random.random((len(low), _WALKERS))
    # Begin with long exposures and much noise: from there every place can be reached.
    places[[2, -1]] = 1 - 0.3 * places[[2, -1]]
    walkers = low[:, None] + (high - low)[:, None] * places
    logs = log_likelihood(walkers)
    kept, kept_logs = [], []
    for step in range(_BURN_IN + _STEPS):
        for half in (slice(0, None, 2), slice(1, None, 2)):
            _move(walkers, logs, half, log_likelihood, (low, high), random)
        if step < _BURN_IN and step % 100 == 99:
            _regroup(walkers, logs, log_likelihood, (low, high), random)
        if step >= _BURN_IN:
            kept.append(walkers.copy())
            kept_logs.append(logs.copy())
    weights = np.concatenate(kept_logs)
    draws: Array = np.concatenate(kept, axis=1)[:, weights > weights.max() - _FAR]
    return draws


def _move(
    walkers: Array,
    logs: Array,
    half: slice,
    log_likelihood: Callable[[Array], Array],
    limits: tuple[Array, Array],
    random: np.random.Generator,
) -> None:
    moving = walkers[:, half]
    count = moving.shape[1]
    others = walkers[:, slice(1 - half.start, None, 2)]
    partners = others[:, random.integers(others.shape[1], size=count)]
    stretch = (1.0 + random.random(count)) ** 2 / 2.0
    proposed = partners + stretch * (moving - partners)
    low, high = (limit[:, None] for limit in limits)
    inside = ((proposed >= low) & (proposed <= high)).all(axis=0)
    new_logs = log_likelihood(np.clip(proposed, low, high))
    gain = (len(walkers) - 1) * np.log(stretch) + new_logs - logs[half]
    taken = inside & (np.log(random.random(count)) < gain)
    moving[:, taken] = proposed[:, taken]
    logs[half] = np.where(taken, new_logs, logs[half])


def _regroup(
    walkers: Array,
    logs: Array,
    log_likelihood: Callable[[Array], Array],
    limits: tuple[Array, Array],
    random: np.random.Generator,
) -> None:
    """Move members that got stuck on a lesser peak, at most half, to about where others are."""
    lost = np.flatnonzero(logs < min(logs.max() - _FAR, float(np.median(logs))))
    found = np.setdiff1d(np.arange(_WALKERS), lost)
    near = walkers[:, random.choice(found, size=len(lost))]
    # Members at one and the same place would never leave it.
    near = near + 0.2 * walkers[:, found].std(axis=1)[:, None] * random.normal(size=near.shape)
    walkers[:, lost] = np.clip(near, limits[0][:, None], limits[1][:, None])
    logs[:] = log_likelihood(walkers)


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
