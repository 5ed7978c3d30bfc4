"""The scene camera: pixels of its picture <-> directions in space."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError

Array = npt.NDArray[np.float64]

PICTURE_SIZE_PX = (1600, 1200)
"""Width and height of the scene camera's picture."""

_TYPICAL_FOCAL_PX = 890.7
_TYPICAL_CENTER_PX = (817.1, 614.4)
_TYPICAL_DISTORTION = (-0.1309, 0.1093, 0.0002, -0.0003, -0.0012, 0.1704, 0.0520, 0.0234)

# Of the makers' own player, for all Pupil Invisible.
_INVISIBLE_MATRIX = ((766.29, 0.0, 543.63), (0.0, 766.40, 566.06), (0.0, 0.0, 1.0))
_INVISIBLE_DISTORTION = (-0.12391, 0.09983, 0.00138, -0.00037, 0.02007, 0.20522, 0.00992, 0.06632)

# OpenCV stops after 5 iterations unless told otherwise, which leaves up to 4 px near the edge.
_CONVERGED = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 60, 1e-9)
_ROUND_TRIP_PX = 0.01
_STEEPEST_TANGENT = 8.0


@dataclass(frozen=True, eq=False, slots=True)
class SceneCamera:
    """Pinhole camera with the 8-coefficient rational distortion of OpenCV.

    Pixels have their origin at the *centre* of the first pixel, x right, y down. Rays are
    (x / z, y / z) in camera axes: x right, y down, z forward.

    Parameters
    ----------
    camera_matrix : array_like, shape (3, 3)
        Focal lengths and centre, pixels.
    distortion : array_like, shape (8,)
        k1, k2, p1, p2, k3, k4, k5, k6.

    Attributes
    ----------
    max_tangent : float
        Tangent of the angle off axis at which the lens model ends (about 2, or 64 degrees, for
        the scene cameras known so far): beyond it larger angles map to smaller radii.

    Raises
    ------
    UsageError
        If the shapes are wrong or a value is not finite.
    """

    camera_matrix: Array
    distortion: Array
    max_tangent: float = field(init=False)

    def __post_init__(self) -> None:
        matrix = _frozen("camera matrix", self.camera_matrix, (3, 3))
        distortion = _frozen("distortion", self.distortion, (8,))
        if matrix[0, 0] <= 0 or matrix[1, 1] <= 0:
            raise UsageError("the camera matrix must hold focal lengths greater than 0.")
        object.__setattr__(self, "camera_matrix", matrix)
        object.__setattr__(self, "distortion", distortion)
        object.__setattr__(self, "max_tangent", _end_of_lens_model(distortion))

    @classmethod
    def typical(cls) -> SceneCamera:
        """Average of public calibrations, for when the module's own is not at hand.

        Centres of real modules differ by about 15 pixels (1 degree); tags and gaze are shifted
        alike, so that the gaze on the screen changes by far less.
        """
        center_x, center_y = _TYPICAL_CENTER_PX
        matrix = [[_TYPICAL_FOCAL_PX, 0, center_x], [0, _TYPICAL_FOCAL_PX, center_y], [0, 0, 1]]
        return cls(np.array(matrix, np.float64), np.array(_TYPICAL_DISTORTION, np.float64))

    @classmethod
    def typical_of_invisible(cls) -> SceneCamera:
        """The scene camera of Pupil Invisible, whose picture is 1088 x 1080; it tells no other."""
        matrix = np.array(_INVISIBLE_MATRIX, np.float64)
        return cls(matrix, np.array(_INVISIBLE_DISTORTION, np.float64))

    def undistort(self, points_px: npt.ArrayLike) -> Array:
        """Directions of pixels.

        Parameters
        ----------
        points_px : array_like, shape (N, 2)
            Scene camera pixels; may lie outside the picture.

        Returns
        -------
        ndarray, shape (N, 2)
            Rays; NaN where the lens model has none (near the picture's corners).
        """
        points = np.asarray(points_px, np.float64).reshape(-1, 2)
        if not len(points):
            return np.empty((0, 2))
        rays = self._iterate(points)
        with np.errstate(invalid="ignore"):
            error = np.abs(self.project(rays) - points).max(axis=1)
            rays[~(error < _ROUND_TRIP_PX)] = np.nan
        return rays

    def project(self, rays: npt.ArrayLike) -> Array:
        """Pixels of directions, the inverse of `undistort`.

        Parameters
        ----------
        rays : array_like, shape (N, 2)

        Returns
        -------
        ndarray, shape (N, 2)
            Scene camera pixels; NaN beyond the end of the lens model.
        """
        flat = np.asarray(rays, np.float64).reshape(-1, 2)
        if not len(flat):
            return np.empty((0, 2))
        points = np.column_stack([flat, np.ones(len(flat))])
        zero = np.zeros(3)
        projected = cv2.projectPoints(points, zero, zero, self.camera_matrix, self.distortion)[0]
        pixels = np.array(projected, np.float64).reshape(-1, 2)
        pixels[~(np.hypot(flat[:, 0], flat[:, 1]) <= self.max_tangent)] = np.nan
        return pixels

    def _iterate(self, points: Array) -> Array:
        pixels, matrix, distortion = points[:, None], self.camera_matrix, self.distortion
        # OpenCV 4 takes the criteria only under this name, OpenCV 5 no longer has it.
        if hasattr(cv2, "undistortPointsIter"):
            rays = cv2.undistortPointsIter(pixels, matrix, distortion, None, None, _CONVERGED)
        else:
            rays = cv2.undistortPoints(pixels, matrix, distortion, criteria=_CONVERGED)
        return np.array(rays, np.float64).reshape(-1, 2)


def _frozen(name: str, values: npt.ArrayLike, shape: tuple[int, ...]) -> Array:
    array = np.array(values, np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise UsageError(f"the {name} must be {shape} finite numbers, not shape {array.shape}.")
    array.flags.writeable = False
    return array


def _end_of_lens_model(distortion: Array) -> float:
    k1, k2, _, _, k3, k4, k5, k6 = distortion
    tangent = np.linspace(0.0, _STEEPEST_TANGENT, 4001)
    square = tangent**2
    numerator = 1 + square * (k1 + square * (k2 + square * k3))
    denominator = 1 + square * (k4 + square * (k5 + square * k6))
    radius = tangent * numerator / np.where(denominator > 0, denominator, np.nan)
    ends = np.flatnonzero(~(np.diff(radius) > 0))
    return float(tangent[ends[0]] if len(ends) else tangent[-1])
