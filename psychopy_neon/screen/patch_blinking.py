"""Changes of a blinking patch, as shown and as filmed, and which belongs to which. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

FRAME_S = 1 / 30
"""Interval of the scene camera's pictures; no exposure is longer."""

MIN_CONTRAST = 15.0
"""Levels of brightness between dark and bright, of 255, below which the patch is not seen."""

MIN_CHANGES = 12
"""Fewer usable changes are not measured from."""

_NEAR_S = 0.05  # of a change: one exposure, and what the first guess may be off
_GUARD_S = 0.045  # around a change in which a picture may be neither dark nor bright
_GUESS_STEP_S = 0.008
_MIN_MATCH = 0.6
_MIN_AHEAD = 0.15


@dataclass(frozen=True, slots=True)
class PatchChange:
    """One change of the patch, by the flip that showed it.

    Attributes
    ----------
    device_ns : int
        Time of the flip on the phone's Unix clock, ns, converted as that of an event is.
    bound_ns : int
        Greatest error of that conversion, ns.
    bright : bool
        Whether the patch is bright from then on.
    """

    device_ns: int
    bound_ns: int
    bright: bool


@dataclass(frozen=True, slots=True)
class PatchLevel:
    """Brightness of the patch in one picture of the scene camera.

    Attributes
    ----------
    device_ns : int
        Time of the picture on the phone's Unix clock, ns.
    luma : float
        Mean over the patch, 0-255.
    """

    device_ns: int
    luma: float


@dataclass(frozen=True, eq=False, slots=True)
class Blinking:
    """Changes and pictures as arrays, seconds after `origin_ns`, in order of time."""

    origin_ns: int
    change_s: Array
    bound_s: Array
    bright: npt.NDArray[np.bool_]
    frame_s: Array
    luma: Array

    @classmethod
    def of(cls, changes: Sequence[PatchChange], levels: Sequence[PatchLevel]) -> Blinking:
        """Sort, and turn times into small numbers that floats hold exactly."""
        shown = sorted(changes, key=lambda change: change.device_ns)
        seen = sorted(levels, key=lambda level: level.device_ns)
        origin = shown[0].device_ns if shown else 0
        return cls(
            origin,
            np.array([c.device_ns - origin for c in shown], np.float64) / 1e9,
            np.array([c.bound_ns for c in shown], np.float64) / 1e9,
            np.array([c.bright for c in shown], bool),
            np.array([level.device_ns - origin for level in seen], np.float64) / 1e9,
            np.array([level.luma for level in seen], np.float64),
        )

    @property
    def levels(self) -> tuple[float, float]:
        """Typical dark and bright of the filmed patch; NaN without pictures."""
        if not len(self.luma):
            return np.nan, np.nan
        dark, bright = np.percentile(self.luma, [15, 85])
        return float(dark), float(bright)


@dataclass(frozen=True, eq=False, slots=True)
class Edges:
    """Pictures near the changes, with what they show of the new state.

    Attributes
    ----------
    guess_s : float
        Lag from which `after_s` is counted.
    change : ndarray of int, shape (N,)
        Which usable change a picture belongs to.
    after_s : ndarray, shape (N,)
        Time stamp of the picture minus time of the change minus `guess_s`.
    since_middle_s : ndarray, shape (N,)
        Time of the change, from the middle of all.
    rising : ndarray of bool, shape (N,)
        Whether the change was to bright.
    level : ndarray, shape (N,)
        0 is dark and 1 is bright, each as seen around this change.
    noise : float
        Standard deviation of `level` where nothing changes.
    bound_s : float
        Greatest bound of the times of the changes.
    """

    guess_s: float
    change: npt.NDArray[np.int64]
    after_s: Array
    since_middle_s: Array
    rising: npt.NDArray[np.bool_]
    level: Array
    noise: float
    bound_s: float

    @property
    def changes(self) -> int:
        """Number of usable changes."""
        return len(np.unique(self.change))


def guess_lag(blinking: Blinking) -> float | None:
    """Lag at which what was shown and what was filmed agree best, to about 20 ms.

    The durations between the changes differ, so that only one lag fits; any lag at which at
    least `MIN_CHANGES` changes were filmed is tried, also one of many seconds.

    Returns
    -------
    float or None
        Seconds; None if nothing fits.
    """
    dark, bright = blinking.levels
    if len(blinking.change_s) < MIN_CHANGES or not bright - dark >= MIN_CONTRAST:
        return None
    filmed = np.clip((2 * blinking.luma - dark - bright) / (bright - dark), -1, 1)
    first, last = blinking.change_s[[0, -1]]
    start = blinking.frame_s[0] - last
    lags = np.arange(start, blinking.frame_s[-1] - first, _GUESS_STEP_S)
    scores = np.array([_agreement(blinking, filmed, lag) for lag in lags])
    best = int(scores.argmax())
    elsewhere = scores[np.abs(lags - lags[best]) > 0.3]
    ahead = scores[best] - elsewhere.max(initial=-1.0)
    if scores[best] < _MIN_MATCH or ahead < _MIN_AHEAD:
        return None
    # Long exposures give a flat top: its middle is the better guess.
    near = np.abs(lags - lags[best]) < 0.06
    weights = np.clip(scores[near] - scores[best] + 0.1, 0, None)
    return float((weights * lags[near]).sum() / weights.sum())


def _agreement(blinking: Blinking, filmed: Array, lag: float) -> float:
    """Mean product of shown (-1, 1) and filmed state, while something was shown."""
    since = blinking.frame_s - lag
    index = np.searchsorted(blinking.change_s, since, side="right") - 1
    inside = (index >= 0) & (since < blinking.change_s[-1])
    if len(np.unique(index[inside])) < MIN_CHANGES - 1:
        return -1.0
    shown = np.where(blinking.bright[index[inside]], 1.0, -1.0)
    return float((shown * filmed[inside]).mean())


def find_edges(blinking: Blinking, guess_s: float) -> Edges | None:
    """Pictures around each change that was filmed well, each change scaled by its own levels.

    The scale follows the camera's automatic exposure. A change is left out if a picture next to
    it is missing, if it came too soon after another, or if the levels before and after differ by
    less than `MIN_CONTRAST`.

    Returns
    -------
    Edges or None
        None if fewer than `MIN_CHANGES` are left.
    """
    parts, steady, bounds = [], [], []
    times: list[float] = []
    gaps = np.diff(blinking.change_s, prepend=-np.inf, append=np.inf)
    for index, at in enumerate(blinking.change_s):
        after = blinking.frame_s - at - guess_s
        found = _edge(blinking, index, after, min(gaps[index], 0.5), min(gaps[index + 1], 0.5))
        if found is None:
            continue
        near, level, rest = found
        parts.append((np.full(near.sum(), len(times)), after[near], level, near))
        steady.append(rest)
        times.append(at)
        bounds.append(blinking.bound_s[index])
    if len(times) < MIN_CHANGES:
        return None
    number = np.concatenate([part[0] for part in parts])
    rising = blinking.bright[np.searchsorted(blinking.change_s, times)]
    middle = (times[0] + times[-1]) / 2
    return Edges(
        guess_s=guess_s,
        change=number,
        after_s=np.concatenate([part[1] for part in parts]),
        since_middle_s=(np.array(times) - middle)[number],
        rising=rising[number],
        level=np.concatenate([part[2] for part in parts]),
        noise=float(np.sqrt(np.mean(np.concatenate(steady) ** 2))),
        bound_s=float(max(bounds)),
    )


def _edge(
    blinking: Blinking, index: int, after: Array, before_s: float, hold_s: float
) -> tuple[npt.NDArray[np.bool_], Array, Array] | None:
    old = (after < -_GUARD_S) & (after > _GUARD_S - before_s)
    new = (after > _GUARD_S) & (after < hold_s - _GUARD_S)
    near = np.abs(after) < _NEAR_S
    if old.sum() < 2 or new.sum() < 2 or _has_gap(after[np.abs(after) < _NEAR_S + FRAME_S]):
        return None
    old_luma, new_luma = blinking.luma[old].mean(), blinking.luma[new].mean()
    dark, bright = (old_luma, new_luma) if blinking.bright[index] else (new_luma, old_luma)
    contrast = bright - dark
    if contrast < MIN_CONTRAST:
        return None
    rest = np.concatenate([blinking.luma[old] - old_luma, blinking.luma[new] - new_luma])
    # A mean of few takes part of the noise with it.
    rest *= np.sqrt(len(rest) / max(1, len(rest) - 2)) / contrast
    return near, (blinking.luma[near] - dark) / contrast, rest


def _has_gap(after: Array) -> bool:
    return len(after) < 3 or bool(np.diff(after).max() > 1.5 * FRAME_S)
