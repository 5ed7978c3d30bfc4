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
Map = npt.NDArray[np.float32]

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

    def mixed_with(self, other: SceneRenderer, share: float) -> SceneRenderer:
        """The same of a monitor that shows a mixture; `share` is that of the other, 0 to 1."""
        mixed = copy.copy(self)
        mixed._shown = np.asarray(
            cv2.addWeighted(self._shown, 1 - share, other._shown, share, 0), np.uint8
        )
        return mixed

    @property
    def area(self) -> tuple[slice, slice]:
        """Rows and columns in which the monitor may be seen; all limits are even."""
        return self._area

    def places(self, device_ns: int) -> tuple[Map, Map]:
        """Columns and rows of the monitor's pixels that are seen in the area's."""
        to_monitor = self._view.monitor_px_from_rays(device_ns)
        places = cv2.perspectiveTransform(self._rays, to_monitor)
        rows, columns = self._area
        shape = rows.stop - rows.start, columns.stop - columns.start, 2
        across, down = cv2.split(places.reshape(shape))
        return np.asarray(across), np.asarray(down)

    def picture(self, device_ns: int) -> Picture:
        """Luma, shape (1200, 1600), video range (16-235)."""
        width, height = PICTURE_SIZE_PX
        picture = np.full((height, width), video_level(ROOM_LEVEL), np.uint8)
        # One pixel of room surrounds the shown picture; repeated, it fills all around.
        across, down = (place + np.float32(1) for place in self.places(device_ns))
        picture[self._area] = cv2.remap(
            self._shown, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return picture


def blur_px(view: SceneView) -> float:
    """How much the camera blurs the monitor, standard deviation in pixels of the monitor."""
    distance = view.head.distance_mm
    focal = float(view.camera.camera_matrix[0, 0])
    return BLUR_PX * float(view.monitor.pixels_from_mm()[0, 0]) * distance / focal


def _shown_picture(view: SceneView) -> Picture:
    return _blurred(view, view.monitor.picture())


def _blurred(view: SceneView, pixels: Picture) -> Picture:
    blurred = cv2.GaussianBlur(pixels, (0, 0), max(0.3, blur_px(view)))
    padded = cv2.copyMakeBorder(blurred, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=[ROOM_LEVEL])
    return np.asarray(cv2.LUT(padded, _VIDEO_LEVELS), np.uint8)


def video_level(level: npt.ArrayLike) -> Picture:
    """Grey levels (0-255) in the range of video (16-235)."""
    return np.asarray(np.rint(16 + np.asarray(level, np.float64) * 219 / 255), np.uint8)


_VIDEO_LEVELS = video_level(np.arange(256))


def _area_of_monitor(view: SceneView, moments_ns: list[int]) -> tuple[slice, slice]:
    edge = np.linspace(-1, 1, 9)
    border = [(x, y) for x in edge for y in edge]
    points = np.array([view.scene_px(norm, ns) for ns in moments_ns for norm in border])
    limits = np.array(PICTURE_SIZE_PX)
    if np.isnan(points).all():
        return slice(0, 2), slice(0, 2)
    first = np.clip(np.nanmin(points, 0) - _MARGIN_PX, 0, limits - 2).astype(int) // 2 * 2
    last = np.clip(np.nanmax(points, 0) + _MARGIN_PX, first + 2, limits).astype(int) // 2 * 2
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
