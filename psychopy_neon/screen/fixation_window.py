"""Which part of the gaze on a target is the fixation that counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SETTLE_S = 0.6
"""After the target appears: the eye needs to notice it, to jump and to correct the jump."""
SEARCH_S = 1.0
"""How long after that the fixation is looked for."""
LENGTH_S = 0.5
"""Length of the fixation that counts."""
MIN_VALID = 0.7
"""Share of its samples that have to be valid."""
MIN_SAMPLES = 5
STEP_S = 0.02
SAME_PLACE_DEG = 3.0
"""A window whose gaze is farther from the target than the nearest one's by more than this lies
before the jump to the target, however steady it is. Targets are farther apart; how accurate gaze
is on one and the same place does not decide."""
_BEGINS_S = np.arange(SETTLE_S, SETTLE_S + SEARCH_S - LENGTH_S + 1e-9, STEP_S)


def steadiest_window(
    since_onset_s: Array, offsets_deg: Array, rate_hz: float
) -> tuple[float, float] | None:
    """The steadiest half second on the target, after the jump to it.

    Parameters
    ----------
    since_onset_s : ndarray, shape (N,)
        Times of all samples since the target was shown, valid or not, seconds, ascending.
    offsets_deg : ndarray, shape (N, 2)
        Of gaze from the target; NaN where not valid.
    rate_hz : float
        Samples per second that there should be.

    Returns
    -------
    tuple of 2 float or None
        Begin and end, seconds since the target was shown; None if nowhere enough samples were
        valid.
    """
    windows = [(float(begin), float(begin) + LENGTH_S) for begin in _BEGINS_S]
    judged = [
        (window, *_judged(offsets_deg[inside]))
        for window in windows
        if _is_enough(inside := within(since_onset_s, window), offsets_deg, rate_hz)
    ]
    if not judged:
        return None
    nearest = min(distance for _, _, distance in judged)
    there = [each for each in judged if each[2] <= nearest + SAME_PLACE_DEG]
    return min(there, key=lambda each: each[1])[0]


def within(since_onset_s: Array, window: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """Which samples lie in the window; its end does not belong to it."""
    return (since_onset_s >= window[0]) & (since_onset_s < window[1])


def _is_enough(inside: npt.NDArray[np.bool_], offsets_deg: Array, rate_hz: float) -> bool:
    valid = int(np.isfinite(offsets_deg[inside]).all(axis=1).sum())
    return valid >= max(MIN_SAMPLES, MIN_VALID * LENGTH_S * rate_hz)


def _judged(offsets_deg: Array) -> tuple[float, float]:
    """Spread (variance), and distance of the mean from the target."""
    spread = float(np.nanvar(offsets_deg, axis=0).sum())
    return spread, float(np.hypot(*np.nanmean(offsets_deg, axis=0)))
