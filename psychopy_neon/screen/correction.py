"""Correcting gaze by what was measured on targets, in the camera's angles.

The error belongs to the head and the eyes, so it is corrected in camera axes, before gaze meets
the screen: an offset in screen pixels goes wrong as soon as the head rolls, turns or comes closer.
By the reference's simulated wearers, with 1.44 degrees before: one point corrected on the screen
leaves 0.70 with the head as it was and 0.87 after moving; in camera angles 0.70 and 0.73; five
points there 0.37 and 0.38.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.accuracy import PointAccuracy
from psychopy_neon.screen.viewing_angles import (
    angles_from_rays,
    offsets_from_target,
    rays_from_angles,
)

Array = npt.NDArray[np.float64]
Pair = tuple[float, float]

FORMAT = 1
"""Of the JSON text."""
EARNS_IT = 0.85
"""A linear part is used if it leaves less than this share of the plain offset's error on targets
that it was not fitted to."""
MIN_LINEAR_POINTS = 5
_RIDGE_DEG = 3.0  # pulls the linear part towards none, by as much as targets so far apart would
_MOST_LINEAR = 0.5
_MOST_OFFSET_DEG = 30.0


@dataclass(frozen=True, slots=True)
class GazeCorrection:
    """Turns measured directions of gaze into corrected ones; never changes.

    ``corrected = gaze + offset + linear @ gaze``, each an azimuth and elevation in camera axes.
    It always applies to gaze as the glasses sent it, never to gaze that was corrected already.

    Attributes
    ----------
    offset_deg : tuple of 2 float
        To the right and up.
    linear : tuple of 2 tuples of 2 float
        Rows; all 0 for a plain offset.
    version : int
        Counted through the experiment, from 1; 0 for the one that changes nothing.
    points : int
        Number of targets it rests on.
    distance : float
        To them, in window heights; NaN if unknown. Eye and camera are 2 cm apart, so that a
        correction made at 60 cm is off by 0.5 degrees at 80: make a new one then.
    expected_error_deg : float
        Mean error that it leaves on targets that it was not fitted to; NaN for fewer than two.
    """

    offset_deg: Pair = (0.0, 0.0)
    linear: tuple[Pair, Pair] = ((0.0, 0.0), (0.0, 0.0))
    version: int = 0
    points: int = 0
    distance: float = math.nan
    expected_error_deg: float = math.nan

    def __post_init__(self) -> None:
        numbers = np.array([*self.offset_deg, *self.linear[0], *self.linear[1]], np.float64)
        if not np.isfinite(numbers).all():
            raise UsageError("a correction of gaze must consist of finite numbers.")
        if np.abs(numbers[:2]).max() > _MOST_OFFSET_DEG or np.abs(numbers[2:]).max() > _MOST_LINEAR:
            raise UsageError(
                f"a correction by {self.offset_deg} degrees and {self.linear} is out of all reason:"
                " validate again, and see to it that the targets are looked at."
            )

    @property
    def changes_nothing(self) -> bool:
        """Whether gaze stays as it is."""
        return self.offset_deg == (0.0, 0.0) and not np.any(self.linear)

    def apply(self, gaze_deg: npt.ArrayLike) -> Array:
        """Correct directions.

        Parameters
        ----------
        gaze_deg : array_like, shape (N, 2)
            Azimuth and elevation in camera axes, degrees.

        Returns
        -------
        ndarray, shape (N, 2)
        """
        gaze = np.asarray(gaze_deg, np.float64).reshape(-1, 2)
        corrected: Array = gaze @ self._matrix.T + self.offset_deg
        return corrected

    def undone(self, corrected_deg: npt.ArrayLike) -> Array:
        """Directions as they were before `apply`.

        Parameters
        ----------
        corrected_deg : array_like, shape (N, 2)
            What `apply` returned.

        Returns
        -------
        ndarray, shape (N, 2)
        """
        corrected = np.asarray(corrected_deg, np.float64).reshape(-1, 2)
        back: Array = np.linalg.solve(self._matrix, (corrected - self.offset_deg).T).T
        return back

    def apply_to_rays(self, rays: npt.ArrayLike) -> Array:
        """Correct directions given as tangents.

        Parameters
        ----------
        rays : array_like, shape (N, 2)
            x / z, y / z in camera axes.

        Returns
        -------
        ndarray, shape (N, 2)
        """
        return rays_from_angles(self.apply(angles_from_rays(rays)))

    def to_json(self) -> str:
        """One line of text that `from_json` reads."""
        parts = {"format": FORMAT, "space": "camera angles, deg", **asdict(self)}
        return json.dumps(
            {
                key: None if isinstance(value, float) and math.isnan(value) else value
                for key, value in parts.items()
            }
        )

    @classmethod
    def from_json(cls, text: str) -> GazeCorrection:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str

        Raises
        ------
        UsageError
            If the text is something else, or of a later version of this package.
        """
        try:
            parts = json.loads(text)
            if parts["format"] != FORMAT:
                raise UsageError(
                    f"this correction has the format {parts['format']!r}, not {FORMAT}: use the "
                    "version of psychopy_neon that wrote it."
                )
            (first, second), offset = parts["linear"], parts["offset_deg"]
            return cls(
                offset_deg=_pair(offset),
                linear=(_pair(first), _pair(second)),
                version=int(parts["version"]),
                points=int(parts["points"]),
                distance=_number(parts["distance"]),
                expected_error_deg=_number(parts["expected_error_deg"]),
            )
        except (
            OverflowError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            RecursionError,
        ) as error:
            raise UsageError(
                f"this is no correction of gaze as GazeCorrection.to_json writes it: {error}"
            ) from error

    @property
    def _matrix(self) -> Array:
        return np.eye(2) + np.array(self.linear, np.float64)


NO_CORRECTION = GazeCorrection()


def fit_correction(points: Iterable[PointAccuracy], version: int = 1) -> GazeCorrection:
    """Find the correction that brings gaze onto the targets.

    From one to four targets a plain offset; from five on with a linear part if that pays, which is
    judged on targets left out of the fit.

    Parameters
    ----------
    points : iterable of PointAccuracy
        Measured without a correction; those with a problem are left out.
    version : int
        Number of the correction within the experiment.

    Returns
    -------
    GazeCorrection

    Raises
    ------
    UsageError
        If no target was measured, or what they say is out of all reason.
    """
    measured = [point for point in points if not point.problem]
    if not measured:
        raise UsageError("no target was measured, so there is nothing to correct gaze by.")
    gaze = np.array([point.gaze_deg for point in measured])
    target = np.array([point.target_deg for point in measured])
    is_linear, error_deg = _choose(gaze, target)
    distances = [point.distance for point in measured]
    fitted = _fit(gaze, target, is_linear=is_linear)
    return replace(
        fitted,
        version=version,
        points=len(measured),
        distance=float(np.mean(distances)),
        expected_error_deg=error_deg,
    )


def _choose(gaze: Array, target: Array) -> tuple[bool, float]:
    if len(gaze) < 2:
        return False, math.nan
    plain = _left_out_error(gaze, target, is_linear=False)
    if len(gaze) < MIN_LINEAR_POINTS:
        return False, plain
    linear = _left_out_error(gaze, target, is_linear=True)
    return (True, linear) if linear < EARNS_IT * plain else (False, plain)


def _left_out_error(gaze: Array, target: Array, *, is_linear: bool) -> float:
    errors = []
    for index in range(len(gaze)):
        others = np.arange(len(gaze)) != index
        fitted = _fit(gaze[others], target[others], is_linear=is_linear)
        offset = offsets_from_target(fitted.apply(gaze[index]), target[index])
        errors.append(float(np.hypot(*offset[0])))
    return float(np.mean(errors))


def _fit(gaze: Array, target: Array, *, is_linear: bool) -> GazeCorrection:
    error, middle = target - gaze, gaze.mean(axis=0)
    mean_error = error.mean(axis=0)
    linear = np.zeros((2, 2))
    if is_linear:
        around = gaze - middle
        ridge = _RIDGE_DEG**2 * np.eye(2)
        linear = np.linalg.solve(around.T @ around + ridge, around.T @ (error - mean_error)).T
    return GazeCorrection(
        offset_deg=_pair(mean_error - linear @ middle), linear=(_pair(linear[0]), _pair(linear[1]))
    )


def _pair(values: Iterable[float]) -> Pair:
    first, second = values
    return float(first), float(second)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
