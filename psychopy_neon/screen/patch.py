"""What blinks for the scene camera, a patch or a marker: where it is, and how bright it is seen.

Used by the stimuli that show it, by the thread that watches it, and by the simulator.

Of the frame of markers only those within the top row are inverted. With all of them inverted at
once no tag is found in a picture during whose exposure they change, which is just where the pose
is needed, and corners of inverted tags are too coarse for a pose; dimmed instead, tags vanish
on bright backgrounds and with short exposures. As the others never change, every picture has its
own pose.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import (
    MIN_SIDE_PX,
    MODULES,
    WHITE_LEVEL,
    Corners,
    Marker,
    MarkerLayout,
    tile_levels,
)

Points = npt.NDArray[np.float64]

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


def inverting_markers(layout: MarkerLayout) -> tuple[Marker, ...]:
    """Tags that are inverted instead of a patch: those between the corners of the top row.

    Without any, it is the first one, so that three others remain for the pose.

    Parameters
    ----------
    layout : MarkerLayout
    """
    first = layout.markers[0]
    top_row = [each for each in layout.markers if each.corners[0][1] == first.corners[0][1]]
    return tuple(top_row[1:-1]) or (first,)


def inverted_levels(
    tag_id: int, *, quiet_modules: int = 1, white: int = WHITE_LEVEL
) -> npt.NDArray[np.uint8]:
    """Inverted tag with its margin as grey levels, one element a module, row 0 at the top."""
    return white - tile_levels(tag_id, quiet_modules=quiet_modules, white=white)


def paint_inverted(pixels: npt.NDArray[np.uint8], layout: MarkerLayout) -> None:
    """Invert those markers in a picture of the window, shape (height, width), in place."""
    module, margin = layout.side_px // MODULES, layout.quiet_px
    places = dict(zip(layout.tag_ids, layout.corners_px(), strict=True))
    for marker in inverting_markers(layout):
        levels = inverted_levels(marker.tag_id, quiet_modules=margin // module)
        tile = levels.repeat(module, axis=0).repeat(module, axis=1)
        left, top = (places[marker.tag_id][0] - margin).astype(int)
        pixels[top : top + tile.shape[0], left : left + tile.shape[1]] = tile


def inverting_points(layout: MarkerLayout) -> Points:
    """Middles of the modules that are white unless inverted, ``norm`` units, shape (N, 2)."""
    module_px = layout.side_px // MODULES
    quiet_modules = layout.quiet_px // module_px
    corners_px = dict(zip(layout.tag_ids, layout.corners_px(), strict=True))
    found = []
    for marker in inverting_markers(layout):
        rows, columns = np.nonzero(tile_levels(marker.tag_id, quiet_modules=quiet_modules))
        start = corners_px[marker.tag_id][0] - layout.quiet_px
        found.append(start + (np.column_stack([columns, rows]) + 0.5) * module_px)
    points: Points = (np.concatenate(found) * 2.0 / layout.size_px - 1.0) * (1.0, -1.0)
    return points


def mean_luma(
    luma: npt.NDArray[np.uint8], pose: _Pose, camera: _Camera, points: Points
) -> float | None:
    """Mean brightness of places of the window in a picture; takes about 0.1 ms.

    Parameters
    ----------
    luma : ndarray of uint8, shape (height, width)
        Picture of the scene camera.
    pose : ScreenPose
        Where the window was then, or a thirtieth of a second before or after.
    camera : SceneCamera
    points : ndarray, shape (N, 2)
        As `patch_points` and `inverting_points` return them.

    Returns
    -------
    float or None
        0-255; None if one of them is not in the picture.
    """
    pixels = camera.project(pose.rays_from_norm(points))
    if not np.isfinite(pixels).all():
        return None
    across, down = np.rint(pixels).astype(int).T
    height, width = luma.shape
    if across.min() < 0 or down.min() < 0 or across.max() >= width or down.max() >= height:
        return None
    return float(luma[down, across].mean())


def patch_points(corners: Corners) -> Points:
    """Places in the inner quarter of the patch, ``norm`` units, shape (N, 2).

    Parameters
    ----------
    corners : tuple of 4 (x, y)
        As `patch_corners` returns them.
    """
    places = np.linspace(0.5 - _INNER / 2, 0.5 + _INNER / 2, _POINTS)
    (left, top), (right, _), (_, bottom), _ = corners
    x, y = np.meshgrid(left + places * (right - left), top + places * (bottom - top))
    return np.column_stack([x.ravel(), y.ravel()])
