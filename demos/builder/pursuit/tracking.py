"""Where the target is, and how well it was followed: for the experiment and for the analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Eyes need the first half of a swing to begin.
LEFT_OUT = 0.5


@dataclass(frozen=True)
class Tracking:
    """How well a swinging target was followed; saccades included.

    Attributes
    ----------
    gain : float
        How far gaze swung, as a share of the target's way.
    lag_s : float
        How much later it did so, seconds.
    rms : float
        Root mean square distance from the target, window heights.
    samples : int
        How many were used.
    """

    gain: float
    lag_s: float
    rms: float
    samples: int


def place(moved_s: float, reach: float, period_s: float) -> tuple[float, float]:
    """Where the target is so long after it began to move, window heights."""
    return reach * float(np.sin(2 * np.pi * moved_s / period_s)), 0.0


def judge(
    moved_s: Sequence[float],
    x: Sequence[float],
    y: Sequence[float],
    reach: float,
    period_s: float,
) -> Tracking | None:
    """Compare gaze with where the target was at the time of each sample; None if it is too little.

    Parameters
    ----------
    moved_s : sequence of float
        Times of the samples after the target began to move, seconds.
    x, y : sequence of float
        Gaze, window heights.
    reach, period_s : float
        Of the target.
    """
    times, across, up = (np.asarray(values, dtype=float) for values in (moved_s, x, y))
    used = (times >= LEFT_OUT * period_s) & np.isfinite(across) & np.isfinite(up)
    times, across, up = times[used], across[used], up[used]
    if len(times) < 10 or np.ptp(times) < period_s:
        return None
    turned = 2 * np.pi * times / period_s
    swing = np.column_stack([np.sin(turned), np.cos(turned), np.ones_like(turned)])
    (ahead, aside, _), *_ = np.linalg.lstsq(swing, across, rcond=None)
    off = np.hypot(across - reach * np.sin(turned), up)
    return Tracking(
        gain=float(np.hypot(ahead, aside) / reach),
        lag_s=float(-np.arctan2(aside, ahead) * period_s / (2 * np.pi)),
        rms=float(np.sqrt(np.mean(off**2))),
        samples=len(times),
    )


def smooth_gain(pieces: Sequence[tuple[Sequence[float], Sequence[float]]]) -> float:
    """Velocity of gaze as a share of the target's, between saccades; NaN without any.

    Parameters
    ----------
    pieces : sequence of (x of gaze, x of target)
        One for each time without a saccade.
    """
    moved = should = 0.0
    for gaze, target in pieces:
        from_mean = np.asarray(target) - np.mean(target)
        moved += float(np.sum(from_mean * np.asarray(gaze)))
        should += float(np.sum(from_mean**2))
    return moved / should if should else float("nan")
