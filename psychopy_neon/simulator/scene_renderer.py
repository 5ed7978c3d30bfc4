"""Draws the scene camera's picture of the monitor."""

from __future__ import annotations

import copy

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.camera import PICTURE_SIZE_PX, SceneCamera
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.scene_view import SceneView

Picture = npt.NDArray[np.uint8]

ROOM_LEVEL = 118
BLUR_PX = 0.45  # of the scene camera: one of its pixels gathers light from an area
_GRID_PX = 8
_MARGIN_PX = 24


class SceneRenderer:
    """Pictures of the monitor at moments of the phone's clock.

    The directions of the pixels that may show the monitor are computed once; a picture then
    costs one perspective transform and one remap of that part.
    """

    def __init__(self, view: SceneView, moments_ns: list[int]) -> None:
        self._view = view
        self._area = _area_of_monitor(view, moments_ns)
        rows, columns = self._area
        self._rays = _pixel_rays(view.camera)[rows, columns].reshape(1, -1, 2)
        self._shown = _shown_picture(view)

    def of_monitor(self, monitor: Monitor) -> SceneRenderer:
        """The same of a monitor that shows something else."""
        other = copy.copy(self)
        view = self._view
        other._shown = _shown_picture(SceneView(view.camera, view.head, monitor))
        return other

    def of_picture(self, pixels: Picture) -> SceneRenderer:
        """The same of a monitor that shows this, grey levels in the monitor's size."""
        other = copy.copy(self)
        other._shown = _blurred(self._view, pixels)
        return other

    def mixed_with(self, other: SceneRenderer, share: float) -> SceneRenderer:
        """The same of a monitor that shows a mixture; `share` is that of the other, 0 to 1."""
        mixed = copy.copy(self)
        mixed._shown = np.asarray(
            cv2.addWeighted(self._shown, 1 - share, other._shown, share, 0), np.uint8
        )
        return mixed

    def picture(self, device_ns: int) -> Picture:
        """Luma, shape (1200, 1600), video range (16-235)."""
        width, height = PICTURE_SIZE_PX
        picture = np.full((height, width), _video_level(ROOM_LEVEL), np.uint8)
        part = picture[self._area]
        to_monitor = self._view.monitor_px_from_rays(device_ns)
        places = cv2.perspectiveTransform(self._rays, to_monitor).reshape(*part.shape, 2)
        # One pixel of room surrounds the shown picture; repeated, it fills all around.
        across, down = cv2.split(places + np.float32(1))
        part[...] = cv2.remap(
            self._shown, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return picture


def _shown_picture(view: SceneView) -> Picture:
    return _blurred(view, view.monitor.picture())


def _blurred(view: SceneView, pixels: Picture) -> Picture:
    distance = view.head.distance_mm
    focal = float(view.camera.camera_matrix[0, 0])
    monitor_px_per_scene_px = view.monitor.pixels_from_mm()[0, 0] * distance / focal
    sigma = max(0.3, BLUR_PX * monitor_px_per_scene_px)
    blurred = cv2.GaussianBlur(pixels, (0, 0), sigma)
    padded = cv2.copyMakeBorder(blurred, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=[ROOM_LEVEL])
    return np.asarray(cv2.LUT(padded, _VIDEO_LEVELS), np.uint8)


def _video_level(level: npt.ArrayLike) -> Picture:
    return np.asarray(np.rint(16 + np.asarray(level, np.float64) * 219 / 255), np.uint8)


_VIDEO_LEVELS = _video_level(np.arange(256))


def _area_of_monitor(view: SceneView, moments_ns: list[int]) -> tuple[slice, slice]:
    edge = np.linspace(-1, 1, 9)
    border = [(x, y) for x in edge for y in edge]
    points = np.array([view.scene_px(norm, ns) for ns in moments_ns for norm in border])
    limits = np.array(PICTURE_SIZE_PX)
    if np.isnan(points).all():
        return slice(0, 1), slice(0, 1)
    first = np.clip(np.nanmin(points, 0) - _MARGIN_PX, 0, limits - 1).astype(int)
    last = np.clip(np.nanmax(points, 0) + _MARGIN_PX, first + 1, limits).astype(int)
    return slice(first[1], last[1]), slice(first[0], last[0])


def _pixel_rays(camera: SceneCamera) -> npt.NDArray[np.float32]:
    """Rays of all pixels, shape (1200, 1600, 2); from a grid, as the lens is smooth."""
    width, height = PICTURE_SIZE_PX
    # cv2.resize puts the centre of a coarse pixel in the middle of the fine ones it covers.
    across = (np.arange(width // _GRID_PX) + 0.5) * _GRID_PX - 0.5
    down = (np.arange(height // _GRID_PX) + 0.5) * _GRID_PX - 0.5
    grid = np.stack(np.meshgrid(across, down), -1).reshape(-1, 2)
    rays = np.nan_to_num(camera.undistort(grid), nan=1e3).astype(np.float32)
    coarse = rays.reshape(len(down), len(across), 2)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))
