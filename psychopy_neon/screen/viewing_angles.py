"""Directions as angles: what accuracy is reported in, and what corrections act on.

A direction is (azimuth, elevation), degrees, in camera axes: azimuth to the right, elevation up,
both 0 straight ahead. The scene camera sits 2 to 3 cm beside the eyes; at 60 cm that changes an
error of 2 degrees by less than 0.1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError

Array = npt.NDArray[np.float64]


def angles_from_rays(rays: npt.ArrayLike) -> Array:
    """Angles of directions.

    Parameters
    ----------
    rays : array_like, shape (N, 2)
        x / z, y / z in camera axes (y down), as from ``SceneCamera.undistort``.

    Returns
    -------
    ndarray, shape (N, 2)
        Azimuth and elevation, degrees; NaN for rays that are NaN.
    """
    x, y = np.asarray(rays, np.float64).reshape(-1, 2).T
    azimuth, elevation = np.arctan(x), np.arctan2(-y, np.hypot(x, 1.0))
    return np.asarray(np.degrees(np.column_stack([azimuth, elevation])), np.float64)


def rays_from_angles(angles_deg: npt.ArrayLike) -> Array:
    """The inverse of `angles_from_rays`.

    Parameters
    ----------
    angles_deg : array_like, shape (N, 2)
        Azimuth and elevation, degrees.

    Returns
    -------
    ndarray, shape (N, 2)
        Rays; NaN for directions that are not in front.
    """
    degrees = np.asarray(angles_deg, np.float64).reshape(-1, 2)
    azimuth, elevation = np.radians(degrees).T
    x = np.tan(azimuth)
    rays = np.column_stack([x, -np.tan(elevation) * np.hypot(x, 1.0)])
    rays[~(np.abs(degrees) < 90.0).all(axis=1)] = np.nan
    return rays


def offsets_from_target(gaze_deg: npt.ArrayLike, target_deg: npt.ArrayLike) -> Array:
    """How far, and to which side, gaze lies from where the target is at that moment.

    The target's direction changes as the head moves, so movements of the head drop out.

    Parameters
    ----------
    gaze_deg, target_deg : array_like, shape (N, 2)
        Azimuth and elevation of both in the same axes, degrees.

    Returns
    -------
    ndarray, shape (N, 2)
        To the right and up, degrees. The length of each row is the true angle between the two
        directions (azimuthal equidistant projection around the target).
    """
    gaze = _directions(gaze_deg)
    azimuth, elevation = np.radians(np.asarray(target_deg, np.float64).reshape(-1, 2)).T
    sin_a, cos_a, sin_e, cos_e = (
        np.sin(azimuth),
        np.cos(azimuth),
        np.sin(elevation),
        np.cos(elevation),
    )
    right = np.column_stack([cos_a, np.zeros_like(cos_a), -sin_a])
    up = np.column_stack([-sin_e * sin_a, cos_e, -sin_e * cos_a])
    along = (gaze * _directions(target_deg)).sum(axis=1)
    aside = np.column_stack([(gaze * right).sum(axis=1), (gaze * up).sum(axis=1)])
    length = np.hypot(*aside.T)
    angle = np.degrees(np.arctan2(length, along))
    scale = np.divide(angle, length, out=np.full_like(angle, np.degrees(1.0)), where=length > 0)
    return np.asarray(aside * scale[:, None], np.float64)


def angles_on_flat_screen(
    norm: npt.ArrayLike, size_cm: tuple[float, float], distance_cm: float
) -> Array:
    """Angles of points of a window by PsychoPy's monitor, when no pose is known.

    The eye is taken to be straight in front of the middle, at the distance that somebody typed
    in; the pose of the window knows both better.

    Parameters
    ----------
    norm : array_like, shape (N, 2)
        PsychoPy ``norm`` units.
    size_cm : tuple of 2 float
        Width and height of the window, cm.
    distance_cm : float
        From the eye to the middle of the window, cm.

    Returns
    -------
    ndarray, shape (N, 2)
        Azimuth and elevation, degrees.

    Raises
    ------
    UsageError
        If a length is not greater than 0.
    """
    width_cm, height_cm = size_cm
    if not min(width_cm, height_cm, distance_cm) > 0:
        raise UsageError(
            f"the window measures {width_cm} x {height_cm} cm, {distance_cm} cm away; all three "
            "must be greater than 0: set width and distance in PsychoPy's Monitor Center."
        )
    points = np.asarray(norm, np.float64).reshape(-1, 2)
    return angles_from_rays(points * (width_cm / 2, -height_cm / 2) / distance_cm)


def _directions(angles_deg: npt.ArrayLike) -> Array:
    """Unit vectors x right, y up, z forward."""
    azimuth, elevation = np.radians(np.asarray(angles_deg, np.float64).reshape(-1, 2)).T
    cos_e = np.cos(elevation)
    parts = [np.sin(azimuth) * cos_e, np.sin(elevation), np.cos(azimuth) * cos_e]
    return np.asarray(np.column_stack(parts), np.float64)
