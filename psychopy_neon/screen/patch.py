"""The patch that blinks for the scene camera: where it is in a window, and how bright it is seen.

Used by the stimulus that shows it, by the thread that watches it, and by the simulator.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import MIN_SIDE_PX, WHITE_LEVEL, Corners, MarkerLayout

DARK, BRIGHT = 0, WHITE_LEVEL
"""Grey levels of the patch, 0-255."""

_INNER = 0.5  # of the side: blur, and the pose of a neighbouring picture, keep away from the edges
_POINTS = 14  # a side


class _Pose(Protocol):
    def rays_from_norm(self, norm: npt.ArrayLike) -> npt.NDArray[np.float64]: ...


class _Camera(Protocol):
    def project(self, rays: npt.ArrayLike) -> npt.NDArray[np.float64]: ...


def patch_corners(layout: MarkerLayout) -> Corners:
    """Place of the patch: as large as a tag, in the middle between the first two of the top row.

    A display shows its top rows first, so the lag found there is the least in the window.

    Parameters
    ----------
    layout : MarkerLayout
        The tags that are shown with it.

    Returns
    -------
    tuple of 4 (x, y)
        PsychoPy ``norm`` units of the window (-1 to 1, y up), in the order top left, top right,
        bottom right, bottom left; whole device pixels.

    Raises
    ------
    UsageError
        If there is no room between these tags.
    """
    (_, first_end, *_), (second_start, *_) = layout.corners_px()[:2]
    room = int(second_start[0] - first_end[0]) - 4 * layout.quiet_px
    side = min(layout.side_px, room)
    if side < MIN_SIDE_PX:
        raise UsageError(
            f"there is no room for the blinking patch between the first two markers ({room} "
            "pixels): use fewer columns of markers or smaller ones."
        )
    left = int(first_end[0] + second_start[0] - side) // 2
    top = int(first_end[1]) + (layout.side_px - side) // 2
    width, height = layout.size_px
    x0, x1 = (2.0 * edge / width - 1.0 for edge in (left, left + side))
    y0, y1 = (1.0 - 2.0 * edge / height for edge in (top, top + side))
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def paint_patch(pixels: npt.NDArray[np.uint8], layout: MarkerLayout, level: int) -> None:
    """Draw the patch into a picture of the window, shape (height, width), in place."""
    height, width = pixels.shape[:2]
    norm = np.array(patch_corners(layout))
    across, down = np.rint((norm * (1.0, -1.0) + 1.0) * (width, height) / 2.0).astype(int).T
    pixels[down[0] : down[2], across[0] : across[2]] = level


def patch_luma(
    luma: npt.NDArray[np.uint8], pose: _Pose, camera: _Camera, corners: Corners
) -> float | None:
    """Mean brightness of the inner quarter of the patch in a picture; takes about 0.1 ms.

    Parameters
    ----------
    luma : ndarray of uint8, shape (height, width)
        Picture of the scene camera.
    pose : ScreenPose
        Where the window was then, or a thirtieth of a second before or after.
    camera : SceneCamera
    corners : tuple of 4 (x, y)
        As `patch_corners` returns them.

    Returns
    -------
    float or None
        0-255; None if the patch is not wholly in the picture.
    """
    pixels = camera.project(pose.rays_from_norm(_inner_points(corners)))
    if not np.isfinite(pixels).all():
        return None
    across, down = np.rint(pixels).astype(int).T
    height, width = luma.shape
    if across.min() < 0 or down.min() < 0 or across.max() >= width or down.max() >= height:
        return None
    return float(luma[down, across].mean())


@lru_cache(maxsize=8)
def _inner_points(corners: Corners) -> npt.NDArray[np.float64]:
    places = np.linspace(0.5 - _INNER / 2, 0.5 + _INNER / 2, _POINTS)
    (left, top), (right, _), (_, bottom), _ = corners
    x, y = np.meshgrid(left + places * (right - left), top + places * (bottom - top))
    return np.column_stack([x.ravel(), y.ravel()])
