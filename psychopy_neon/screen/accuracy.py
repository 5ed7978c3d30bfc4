"""How well gaze fits targets that somebody looked at: accuracy, precision and data loss.

The measures are those of the field (Holmqvist et al., 2012, "Eye tracker data quality"; Dunn et
al., 2023, "Minimal reporting guideline for research involving eye tracking"; BCEA after Crossland
& Rubin, 2002). With theta_i the angle between successive samples, and x, y the offsets of gaze
from the target, all in degrees:

==============  ===================================================================================
accuracy        angle between the mean gaze and the target
RMS-S2S         square root of the mean of theta_i squared; pairs with a lost sample between them
                are left out. It depends on the rate and on filters: always give the rate with it
SD              sqrt(var x + var y)
BCEA            2 k pi sd_x sd_y sqrt(1 - rho^2), k = 1.14: the ellipse around 68 % of the samples
data loss       1 - valid samples / samples there should have been
==============  ===================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.fixation_window import LENGTH_S, steadiest_window, within
from psychopy_neon.screen.viewing_angles import offsets_from_target

Array = npt.NDArray[np.float64]
Verdict = Literal["good", "usable", "poor", "not measured"]
Geometry = Literal["pose", "monitor"]

GOOD_DEG = 1.5
USABLE_DEG = 2.5
_BCEA_K = 1.14
_SAME_GAP = 1.5  # times the usual interval: beyond it, a sample is missing between two others


@dataclass(frozen=True, slots=True)
class PointAccuracy:
    """Gaze on one target.

    Attributes
    ----------
    target : tuple of 2 float
        PsychoPy ``norm`` units.
    problem : str
        Why it could not be measured; empty if it could. The measures are then NaN.
    accuracy_deg, offset_x_deg, offset_y_deg : float
        Angle between mean gaze and target, and its parts to the right and up, degrees.
    rms_s2s_deg, sd_deg : float
        Precision, degrees.
    bcea_deg2 : float
        Square degrees.
    loss : float
        0 to 1, of the window if there is one, otherwise of all samples.
    samples : int
        Valid ones that the measures rest on.
    rate_hz : float
        Samples per second that there should have been.
    window_s : tuple of 2 float
        Begin and end of what was used, seconds since the target was shown; NaN without.
    gaze_deg, target_deg : tuple of 2 float
        Mean azimuth and elevation of gaze and target in camera axes, for `fit_correction`.
    distance : float
        From the camera to the target, in window heights; NaN if unknown.
    """

    target: tuple[float, float]
    problem: str = ""
    accuracy_deg: float = math.nan
    offset_x_deg: float = math.nan
    offset_y_deg: float = math.nan
    rms_s2s_deg: float = math.nan
    sd_deg: float = math.nan
    bcea_deg2: float = math.nan
    loss: float = math.nan
    samples: int = 0
    rate_hz: float = math.nan
    window_s: tuple[float, float] = (math.nan, math.nan)
    gaze_deg: tuple[float, float] = (math.nan, math.nan)
    target_deg: tuple[float, float] = (math.nan, math.nan)
    distance: float = math.nan


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Gaze on several targets; the measures are means over the targets that were measured.

    Attributes
    ----------
    points : tuple of PointAccuracy
    accuracy_deg, worst_deg, rms_s2s_deg, sd_deg : float
        Degrees; `worst_deg` is the accuracy of the worst target.
    bcea_deg2 : float
        Square degrees.
    loss : float
        0 to 1, mean over all targets.
    rate_hz : float
        Samples per second, median over the targets.
    distance : float
        In window heights, mean; NaN if unknown.
    geometry : {"pose", "monitor"}
        Where the angles come from: from the window's true place, or from PsychoPy's monitor.
    """

    points: tuple[PointAccuracy, ...]
    accuracy_deg: float
    worst_deg: float
    rms_s2s_deg: float
    sd_deg: float
    bcea_deg2: float
    loss: float
    rate_hz: float
    distance: float
    geometry: Geometry

    @property
    def measured(self) -> tuple[PointAccuracy, ...]:
        """Those targets that could be measured."""
        return tuple(point for point in self.points if not point.problem)

    @property
    def verdict(self) -> Verdict:
        """By the mean: good up to 1.5, usable up to 2.5 degrees; "not measured" without most."""
        if 2 * len(self.measured) <= len(self.points):
            return "not measured"
        if self.accuracy_deg <= GOOD_DEG:
            return "good"
        return "usable" if self.accuracy_deg <= USABLE_DEG else "poor"

    def __str__(self) -> str:
        if not self.measured:
            return f"gaze could not be measured on any of {len(self.points)} targets"
        return (
            f"accuracy {self.accuracy_deg:.2f} deg (worst {self.worst_deg:.2f}), precision "
            f"{self.rms_s2s_deg:.2f} RMS-S2S, {self.sd_deg:.2f} SD at {self.rate_hz:.0f} Hz, "
            f"data loss {100 * self.loss:.1f} %, {len(self.measured)} of {len(self.points)} targets"
        )


def measure_point(
    target: tuple[float, float],
    since_onset_s: npt.ArrayLike,
    gaze_deg: npt.ArrayLike,
    target_deg: npt.ArrayLike,
    *,
    rate_hz: float | None = None,
    distance: float = math.nan,
) -> PointAccuracy:
    """Find the fixation on a target, and how good gaze was in it.

    Parameters
    ----------
    target : tuple of 2 float
        PsychoPy ``norm`` units; only handed on.
    since_onset_s : array_like, shape (N,)
        Times of all samples since the target was shown, valid or not, seconds, ascending.
    gaze_deg, target_deg : array_like, shape (N, 2)
        Azimuth and elevation at those times, degrees, both in the same axes (see
        `angles_from_rays`); NaN where not valid.
    rate_hz : float, optional
        Samples per second that there should be; without it, by their usual interval.
    distance : float
        To the target, in window heights; only handed on.

    Returns
    -------
    PointAccuracy
        With a `problem` if nowhere 70 % of half a second were valid.

    Raises
    ------
    UsageError
        If the lengths differ, or the times do not ascend.
    """
    times, gaze, aims = _checked(since_onset_s, gaze_deg, target_deg)
    rate = rate_hz or _usual_rate_hz(times)
    offsets = offsets_from_target(gaze, aims)
    valid = np.isfinite(offsets).all(axis=1)
    window = steadiest_window(times, offsets, rate) if len(times) else None
    if window is None:
        share = float(1 - valid.mean()) if len(times) else 1.0
        problem = "no gaze" if not valid.any() else "no steady gaze"
        return PointAccuracy(target, problem, loss=share, rate_hz=rate, distance=distance)
    used = within(times, window) & valid
    here = offsets[used]
    sd_x, sd_y = here.std(axis=0, ddof=1)
    mean_x, mean_y = here.mean(axis=0)
    return PointAccuracy(
        target=target,
        accuracy_deg=float(np.hypot(mean_x, mean_y)),
        offset_x_deg=float(mean_x),
        offset_y_deg=float(mean_y),
        rms_s2s_deg=_rms_s2s(times[used], here, rate),
        sd_deg=float(np.hypot(sd_x, sd_y)),
        bcea_deg2=_bcea(here),
        loss=float(np.clip(1 - used.sum() / (LENGTH_S * rate), 0.0, 1.0)),
        samples=int(used.sum()),
        rate_hz=float(rate),
        window_s=window,
        gaze_deg=_mean(gaze[used]),
        target_deg=_mean(aims[used]),
        distance=distance,
    )


def summarise(points: Sequence[PointAccuracy], geometry: Geometry = "pose") -> Accuracy:
    """Means over targets.

    Parameters
    ----------
    points : sequence of PointAccuracy
    geometry : {"pose", "monitor"}
        Where their angles come from.
    """
    measured = [point for point in points if not point.problem]
    errors = [point.accuracy_deg for point in measured]
    return Accuracy(
        points=tuple(points),
        accuracy_deg=_average(errors),
        worst_deg=max(errors, default=math.nan),
        rms_s2s_deg=_average([point.rms_s2s_deg for point in measured]),
        sd_deg=_average([point.sd_deg for point in measured]),
        bcea_deg2=_average([point.bcea_deg2 for point in measured]),
        loss=_average([point.loss for point in points]),
        rate_hz=float(np.median([point.rate_hz for point in measured])) if measured else math.nan,
        distance=_average([point.distance for point in measured]),
        geometry=geometry,
    )


def _checked(
    since_onset_s: npt.ArrayLike, gaze_deg: npt.ArrayLike, target_deg: npt.ArrayLike
) -> tuple[Array, Array, Array]:
    times = np.asarray(since_onset_s, np.float64).reshape(-1)
    gaze = np.asarray(gaze_deg, np.float64).reshape(-1, 2)
    aims = np.asarray(target_deg, np.float64).reshape(-1, 2)
    if not len(times) == len(gaze) == len(aims):
        raise UsageError(
            f"{len(times)} times, {len(gaze)} directions of gaze and {len(aims)} of the target: "
            "give one of each per sample."
        )
    if (np.diff(times) < 0).any():
        raise UsageError("the times of the samples must ascend.")
    return times, gaze, aims


def _usual_rate_hz(times: Array) -> float:
    gaps = np.diff(times)
    gaps = gaps[gaps > 0]
    return float(1 / np.median(gaps)) if len(gaps) else math.nan


def _rms_s2s(times: Array, offsets: Array, rate_hz: float) -> float:
    follows = np.diff(times) < _SAME_GAP / rate_hz
    squares = np.square(np.diff(offsets, axis=0)).sum(axis=1)[follows]
    return float(np.sqrt(squares.mean())) if len(squares) else math.nan


def _bcea(offsets: Array) -> float:
    # sd_x sd_y sqrt(1 - rho^2) is the root of the covariance's determinant.
    (var_x, both), (_, var_y) = np.cov(offsets.T)
    return 2 * _BCEA_K * math.pi * math.sqrt(max(float(var_x * var_y - both**2), 0.0))


def _mean(angles_deg: Array) -> tuple[float, float]:
    azimuth, elevation = angles_deg.mean(axis=0)
    return float(azimuth), float(elevation)


def _average(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
