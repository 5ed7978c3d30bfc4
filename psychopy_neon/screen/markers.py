"""Tags of the AprilTag family 36h11: their bitmaps, and where they sit in a window.

Used by the stimulus that shows them and by the simulator that pretends to see them, so that
both agree to the pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError

Corners = tuple[tuple[float, float], ...]
"""Four (x, y) points: top left, top right, bottom right, bottom left as seen on the screen."""

WHITE_LEVEL = 200
"""Grey level (0-255) of the white modules: full white overexposes the scene camera sooner."""

FAMILY_SIZE = 587
"""Number of tags in the family 36h11; ids run from 0 to 586."""

MODULES = 8
"""Modules along the black side of a tag, its black border included."""

MIN_SIDE_PX = 2 * MODULES
"""Below two pixels a module no camera resolves a tag."""


@dataclass(frozen=True, slots=True)
class Marker:
    """One tag and the place of its black square in the window.

    Attributes
    ----------
    tag_id : int
        Id within the family 36h11, 0-586.
    corners : tuple of 4 (x, y)
        PsychoPy ``norm`` units of the window (-1 to 1, y up), in the order top left, top right,
        bottom right, bottom left as seen on the screen.
    """

    tag_id: int
    corners: Corners


@dataclass(frozen=True, slots=True)
class MarkerLayout:
    """All tags of one window.

    Attributes
    ----------
    markers : tuple of Marker
        Row by row, from the top left.
    size_px : tuple of 2 int
        Width and height of the window the layout was made for, device pixels.
    side_px : int
        Side of each black square, a multiple of 8 device pixels.
    quiet_px : int
        Width of the white margin around each black square, device pixels.
    """

    markers: tuple[Marker, ...]
    size_px: tuple[int, int]
    side_px: int
    quiet_px: int

    @property
    def tag_ids(self) -> tuple[int, ...]:
        """Ids of the tags, in the order of `markers`."""
        return tuple(marker.tag_id for marker in self.markers)

    @property
    def covered_fraction(self) -> float:
        """Share of the window that the tags and their white margins take, 0 to 1."""
        width, height = self.size_px
        return len(self.markers) * (self.side_px + 2 * self.quiet_px) ** 2 / (width * height)

    def corners_px(self) -> npt.NDArray[np.float64]:
        """Corners in device pixels, shape (N, 4, 2), int-valued float64.

        The origin is the outer top left edge of the window, y down: a square that begins with
        pixel column 9 has its edge at x = 9.0.
        """
        norm = np.array([marker.corners for marker in self.markers], np.float64)
        pixels = (norm * (1.0, -1.0) + 1.0) * np.array(self.size_px) / 2.0
        return np.asarray(np.rint(pixels), np.float64)


@lru_cache(maxsize=64)
def tag_bits(tag_id: int) -> npt.NDArray[np.bool_]:
    """Bitmap of a tag.

    Parameters
    ----------
    tag_id : int
        0-586.

    Returns
    -------
    ndarray of bool, shape (8, 8), read-only
        True is white; row 0 is the top; the black border is included.

    Raises
    ------
    UsageError
        If the family has no such tag.
    """
    if not 0 <= tag_id < FAMILY_SIZE:
        raise UsageError(
            f"tag id {tag_id} does not exist: choose ids between 0 and {FAMILY_SIZE - 1}."
        )
    family = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_APRILTAG_36h11)
    bits: npt.NDArray[np.bool_] = cv2.aruco.generateImageMarker(family, tag_id, MODULES) > 127
    bits.flags.writeable = False
    return bits


def tile_levels(
    tag_id: int, *, quiet_modules: int = 1, white: int = WHITE_LEVEL
) -> npt.NDArray[np.uint8]:
    """Tag with its white margin as grey levels, one element a module, row 0 at the top."""
    bits = np.pad(tag_bits(tag_id), quiet_modules, constant_values=True)
    return np.where(bits, np.uint8(white), np.uint8(0))


def frame_layout(
    size_px: tuple[int, int],
    *,
    tag_size: float = 0.08,
    columns: int = 3,
    rows: int = 3,
    first_id: int = 0,
    quiet_modules: int = 1,
) -> MarkerLayout:
    """Tags spread evenly along the border of a window.

    Ids count up from `first_id` row by row, left to right, from the top; the inner places of
    the grid stay empty, so that 3 columns and 3 rows give 8 tags.

    Parameters
    ----------
    size_px : tuple of 2 int
        Width and height of the window in device pixels.
    tag_size : float
        Side of the black square as a fraction of the window's height; rounded to a multiple
        of 8 pixels so that every module is a whole number of pixels.
    columns, rows : int
        Tags along the horizontal and along the vertical edges, at least 2.
    first_id : int
        Id of the tag at the top left.
    quiet_modules : int
        Width of the white margin in modules (eighths of the side), at least 1: without it tags
        vanish on a dark background.

    Returns
    -------
    MarkerLayout

    Raises
    ------
    UsageError
        If the tags would overlap or become too small, if an id does not exist, or if fewer than
        2 columns, 2 rows or 1 quiet module are asked for.
    """
    _check_counts(columns, rows, first_id, quiet_modules)
    width, height = (int(size_px[0]), int(size_px[1]))
    side = _whole_module_side(tag_size, height)
    quiet = side // MODULES * quiet_modules
    lefts = _spread("columns", columns, width, side + 2 * quiet)
    tops = _spread("rows", rows, height, side + 2 * quiet)
    markers = tuple(
        Marker(first_id + index, _norm_square(left + quiet, top + quiet, side, width, height))
        for index, (left, top) in enumerate(_border(lefts, tops))
    )
    return MarkerLayout(markers, (width, height), side, quiet)


def paint_markers(
    pixels: npt.NDArray[np.uint8], layout: MarkerLayout, *, white: int = WHITE_LEVEL
) -> None:
    """Draw the tags of a layout into a picture of the window, in place.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, channels)
        Row 0 is the top of the window; the size must be that of the layout.
    layout : MarkerLayout
    white : int
        Grey level of the white modules.
    """
    if (pixels.shape[1], pixels.shape[0]) != layout.size_px:
        raise UsageError(
            f"the picture is {pixels.shape[1]} x {pixels.shape[0]} pixels, but the tags were laid "
            f"out for {layout.size_px[0]} x {layout.size_px[1]}: use one size for both."
        )
    module, margin = layout.side_px // MODULES, layout.quiet_px
    for marker, corners in zip(layout.markers, layout.corners_px(), strict=True):
        levels = tile_levels(marker.tag_id, quiet_modules=margin // module, white=white)
        tile = levels.repeat(module, axis=0).repeat(module, axis=1)
        left, top = int(corners[0, 0]) - margin, int(corners[0, 1]) - margin
        area = pixels[top : top + tile.shape[0], left : left + tile.shape[1]]
        area[...] = tile.reshape(tile.shape + (1,) * (pixels.ndim - 2))


def _check_counts(columns: int, rows: int, first_id: int, quiet_modules: int) -> None:
    if columns < 2 or rows < 2:
        raise UsageError(
            f"{columns} x {rows} tags do not span the window: ask for 2 or more columns and rows."
        )
    if quiet_modules < 1:
        raise UsageError(f"a tag needs a white margin of 1 module or more, not {quiet_modules}.")
    last_id = first_id + 2 * (columns + rows) - 5
    if first_id < 0 or last_id >= FAMILY_SIZE:
        raise UsageError(
            f"the tags would have the ids {first_id} to {last_id}, but only 0 to "
            f"{FAMILY_SIZE - 1} exist: choose another first id or fewer tags."
        )


def _whole_module_side(tag_size: float, height: int) -> int:
    wanted = tag_size * height
    if not MIN_SIDE_PX <= wanted <= height:
        raise UsageError(
            f"a tag size of {tag_size:g} is impossible in a window {height} pixels high: use a "
            f"fraction of its height from {MIN_SIDE_PX / max(height, 1):.3f} on, such as 0.08."
        )
    return int(np.floor(wanted / MODULES + 0.5)) * MODULES


def _spread(name: str, count: int, extent: int, tile: int) -> list[int]:
    if count * tile > extent:
        raise UsageError(
            f"{count} {name} of {tile} pixels (tag and white margin) do not fit into {extent} "
            f"pixels without overlap: use a smaller tag size or fewer {name}."
        )
    return [int(start) for start in np.rint(np.linspace(0, extent - tile, count))]


def _border(lefts: list[int], tops: list[int]) -> Iterator[tuple[int, int]]:
    for top in tops:
        inner_row = top not in (tops[0], tops[-1])
        yield from ((left, top) for left in (lefts[:: len(lefts) - 1] if inner_row else lefts))


def _norm_square(left: int, top: int, side: int, width: int, height: int) -> Corners:
    x0, x1 = (2.0 * edge / width - 1.0 for edge in (left, left + side))
    y0, y1 = (1.0 - 2.0 * edge / height for edge in (top, top + side))
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)
