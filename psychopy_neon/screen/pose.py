"""Where the window is relative to the scene camera, from the tags in one picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import DetectedMarkers
from psychopy_neon.screen.rotations import vector_of_matrix
from psychopy_neon.screen.surface import Surface

Array = npt.NDArray[np.float64]

MIN_TAGS = 3
"""Fewer tags leave degrees of doubt over the window."""

MIN_HULL_FRACTION = 0.2
"""Share of the window that the seen tags must span."""

MAX_TAG_ERROR_PX = 3.0
"""A tag whose corners are off by more (root mean square) is a wrong detection."""

_FITS_PX = 0.5  # root mean square: then a pose near the foreseen one is taken without more ado
_CLEARLY = 0.1  # of the squared error of the other solution, which is not refined then
_IDENTITY = np.eye(3)
_REFINE = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-10)


@dataclass(frozen=True, eq=False, slots=True)
class ScreenPose:
    """Place of the window in camera axes at the time of one picture; never changes.

    A point P of the window's plane (plane units of `Surface`: half window heights, x right,
    y down, z away from the viewer) lies at ``rotation @ P + translation`` in camera axes (x
    right, y down, z forward).

    Attributes
    ----------
    device_ns : int
        Time of the picture on the phone's Unix clock, ns.
    rotation : ndarray, shape (3, 3), read-only
    translation : ndarray, shape (3,), read-only
        Half window heights.
    half_size : tuple of 2 float
        Plane units per ``norm`` unit, (x, y).
    tags : int
        Number of tags the pose rests on.
    hull_fraction : float
        Share of the window that these tags span; from 0.35 on the pose is good everywhere.
    reprojection_error_px : float
        Root mean square distance of their corners from where the pose puts them, scene camera
        pixels.
    """

    device_ns: int
    rotation: Array
    translation: Array
    half_size: tuple[float, float]
    tags: int
    hull_fraction: float
    reprojection_error_px: float

    @property
    def camera_place(self) -> Array:
        """Where the camera is in the window's axes, shape (3,), half window heights."""
        place: Array = -self.translation @ self.rotation
        return place

    def moved(self, to_window: Array, camera_place: Array) -> ScreenPose:
        """The same window seen from elsewhere; tags, time and error stay those of the picture.

        Parameters
        ----------
        to_window : ndarray, shape (3, 3)
            Turns the camera's axes there into the window's.
        camera_place : ndarray, shape (3,)
            Half window heights.
        """
        rotation = to_window.T
        return replace(self, rotation=rotation, translation=-rotation @ camera_place)

    def norm_from_rays(self, rays: npt.ArrayLike) -> Array:
        """Points of the window that directions hit.

        Parameters
        ----------
        rays : array_like, shape (N, 2)
            x / z, y / z in camera axes, as from `SceneCamera.undistort`.

        Returns
        -------
        ndarray, shape (N, 2)
            PsychoPy ``norm`` units (-1 to 1, y up), unlimited; NaN for rays that are NaN or do
            not meet the plane of the window in front of the camera.
        """
        flat = np.asarray(rays, np.float64).reshape(-1, 2)
        directions = np.column_stack([flat, np.ones(len(flat))]) @ self.rotation
        camera = self.camera_place
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = -camera[2] / directions[:, 2]
            plane = camera[:2] + depth[:, None] * directions[:, :2]
        plane[~((depth > 0) & np.isfinite(depth))] = np.nan
        norm: Array = plane / self.half_size * (1.0, -1.0)
        return norm

    def distance_to(self, norm: tuple[float, float]) -> float:
        """From the camera to a point of the window, half window heights."""
        plane = np.array(norm) * self.half_size * (1.0, -1.0)
        return float(np.linalg.norm(self.rotation[:, :2] @ plane + self.translation))

    def rays_from_norm(self, norm: npt.ArrayLike) -> Array:
        """Directions of points of the window, the inverse of `norm_from_rays`."""
        flat = np.asarray(norm, np.float64).reshape(-1, 2)
        return self.rays_from_plane(flat * self.half_size * (1.0, -1.0))

    def rays_from_plane(self, plane: Array) -> Array:
        """The same of points in plane units, shape (N, 2)."""
        points = plane @ self.rotation[:, :2].T + self.translation
        with np.errstate(divide="ignore", invalid="ignore"):
            rays: Array = points[:, :2] / points[:, 2:]
        rays[~(points[:, 2] > 0)] = np.nan
        return rays


@dataclass(frozen=True, eq=False, slots=True)
class _Seen:
    """Tags of the window that are usable: N of them, 4 corners each; rays are for `_fit`."""

    ids: npt.NDArray[np.int64]
    plane: Array
    pixels: Array
    rays: Array = field(default_factory=lambda: np.empty((0, 4, 2)))

    def without(self, index: int) -> _Seen:
        kept = [np.delete(part, index, axis=0) for part in (self.plane, self.pixels, self.rays)]
        return _Seen(np.delete(self.ids, index), *kept)


@dataclass(frozen=True, eq=False, slots=True)
class _Fit:
    rotation_vector: Array
    translation: Array
    tag_errors_px: Array
    squared_error: float


def estimate_pose(
    detected: DetectedMarkers,
    surface: Surface,
    camera: SceneCamera,
    device_ns: int,
    near: ScreenPose | None = None,
) -> ScreenPose | None:
    """Find where the window is in one picture.

    Tags that do not fit the others (corners off by more than `MAX_TAG_ERROR_PX`) are left out.

    Parameters
    ----------
    detected : DetectedMarkers
        Tags of other surfaces among them are ignored.
    surface : Surface
    camera : SceneCamera
    device_ns : int
        Time of the picture on the phone's Unix clock, ns.
    near : ScreenPose, optional
        Where the window should be. Tags in a plane fit two poses, of which one is wrong; if one
        near this fits well, the other is not looked for, which takes half of the time.

    Returns
    -------
    ScreenPose or None
        None if fewer than `MIN_TAGS` tags fit, or if they span less than `MIN_HULL_FRACTION` of
        the window: the gaze would be off by degrees.
    """
    known = _known(detected, surface)
    fit = None if near is None or not _enough(known, surface) else _fit_near(known, camera, near)
    if fit is not None:
        return _pose(fit, known, surface, device_ns)
    seen = _on_lens(known, camera)
    while _enough(seen, surface):
        fit = _fit(seen, camera)
        if fit is None:
            return None
        worst = int(fit.tag_errors_px.argmax())
        if fit.tag_errors_px[worst] <= MAX_TAG_ERROR_PX:
            return _pose(fit, seen, surface, device_ns)
        seen = seen.without(_misfit(seen, camera, worst))
    return None


def _known(detected: DetectedMarkers, surface: Surface) -> _Seen:
    known = [tag_id in surface.markers for tag_id in detected.ids.tolist()]
    ids = detected.ids[known]
    plane = np.array([surface.markers[tag_id] for tag_id in ids.tolist()]).reshape(-1, 4, 2)
    return _Seen(ids, plane, detected.corners_px[known])


def _on_lens(seen: _Seen, camera: SceneCamera) -> _Seen:
    """Those tags whose corners have directions."""
    rays = camera.undistort(seen.pixels.reshape(-1, 2)).reshape(-1, 4, 2)
    inside = ~np.isnan(rays).any(axis=(1, 2))
    return _Seen(seen.ids[inside], seen.plane[inside], seen.pixels[inside], rays[inside])


def _enough(seen: _Seen, surface: Surface) -> bool:
    if len(seen.ids) < MIN_TAGS:
        return False
    return surface.hull_fraction(seen.ids.tolist()) >= MIN_HULL_FRACTION


def _fit_near(seen: _Seen, camera: SceneCamera, near: ScreenPose) -> _Fit | None:
    """The fit near a foreseen pose; None if it is not good."""
    turned = vector_of_matrix(near.rotation).reshape(3, 1)
    place = near.translation.reshape(3, 1).copy()
    fit = _refined(_points(seen), seen, camera, turned, place)
    is_good = fit.squared_error <= _FITS_PX**2 * len(seen.ids) and fit.translation[2] > 0
    return fit if is_good else None


def _points(seen: _Seen) -> Array:
    points = np.zeros((4 * len(seen.ids), 3))
    points[:, :2] = seen.plane.reshape(-1, 2)
    return points


def _fit(seen: _Seen, camera: SceneCamera, *, refine: bool = True) -> _Fit | None:
    points = _points(seen)
    candidates = cv2.solvePnPGeneric(
        points, seen.rays.reshape(-1, 1, 2), _IDENTITY, None, flags=cv2.SOLVEPNP_IPPE
    )
    rough = [
        _judged(points, seen, camera, np.asarray(rotation, np.float64), np.asarray(place))
        for rotation, place in zip(candidates[1], candidates[2], strict=True)
    ]
    rough = sorted((fit for fit in rough if fit.translation[2] > 0), key=_squared_error)
    fits = list(rough)
    for fit in rough if refine else ():
        # Both are judged: the refinement can go astray where a turn by 180 degrees has two names.
        turned, place = fit.rotation_vector.reshape(3, 1), fit.translation.reshape(3, 1)
        fits.append(_refined(points, seen, camera, turned.copy(), place.copy()))
        if fits[-1].squared_error < _CLEARLY * rough[-1].squared_error:
            break  # the other solution of the two is none
    return min(fits, key=_squared_error, default=None)


def _squared_error(fit: _Fit) -> float:
    return fit.squared_error


def _refined(
    points: Array, seen: _Seen, camera: SceneCamera, rotation: Array, place: Array
) -> _Fit:
    pixels = seen.pixels.reshape(-1, 1, 2)
    matrix, distortion = camera.camera_matrix, camera.distortion
    turned, moved = cv2.solvePnPRefineLM(
        points, pixels, matrix, distortion, rotation, place, _REFINE
    )
    return _judged(
        points, seen, camera, np.asarray(turned, np.float64), np.asarray(moved, np.float64)
    )


def _judged(
    points: Array, seen: _Seen, camera: SceneCamera, rotation: Array, translation: Array
) -> _Fit:
    matrix, distortion = camera.camera_matrix, camera.distortion
    projected = cv2.projectPoints(points, rotation, translation, matrix, distortion)[0]
    squares = np.square(projected.reshape(-1, 8) - seen.pixels.reshape(-1, 8)).sum(axis=1) / 4
    total = float(squares.sum())
    return _Fit(rotation.reshape(3), translation.reshape(3), np.sqrt(squares), total)


def _misfit(seen: _Seen, camera: SceneCamera, worst: int) -> int:
    """Index of the tag to leave out: the one whose absence helps the others most.

    A wrong detection far away drags the fit along, so that the largest error can be that of a
    right tag.
    """
    if len(seen.ids) <= MIN_TAGS:
        return worst
    fits = [_fit(seen.without(index), camera, refine=False) for index in range(len(seen.ids))]
    errors = [np.inf if fit is None else fit.squared_error for fit in fits]
    return int(np.argmin(errors)) if np.isfinite(min(errors)) else worst


def _pose(fit: _Fit, seen: _Seen, surface: Surface, device_ns: int) -> ScreenPose:
    rotation = np.array(cv2.Rodrigues(fit.rotation_vector)[0], np.float64)
    translation = fit.translation.copy()
    rotation.flags.writeable = translation.flags.writeable = False
    return ScreenPose(
        device_ns=device_ns,
        rotation=rotation,
        translation=translation,
        half_size=surface.half_size,
        tags=len(seen.ids),
        hull_fraction=surface.hull_fraction(seen.ids.tolist()),
        reprojection_error_px=math.sqrt(fit.squared_error / len(seen.ids)),
    )
