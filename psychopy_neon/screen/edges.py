"""Corners of black squares from lines along their four edges.

A line rests on many points, so that noise, and what is near a single corner, hardly move it: in
drawn pictures corners are good to a tenth of a pixel, where those of ``cv2.cornerSubPix`` are good
to a third, and to several pixels where a tag is small.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.markers import MODULES
from psychopy_neon.screen.tag_samples import Levels, levels_at, shares_of_corners

Luma = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]

# Where edges are looked at: not near the corners, and no farther than the next module.
_ALONG = np.linspace(0.12, 0.88, 12)
_ACROSS = np.linspace(-1.0, 1.0, 13)
_REACH_MODULES, _LEAST_REACH_PX, _MOST_REACH_PX = 0.8, 1.5, 6.0
_FARTHEST_MODULES = 1.0
_REACH_STEPS = 32  # in a module; so few ways to look are kept
_ROUNDS = 2
_FAINT = 0.3  # of the usual step; something covers the edge there
_LEAST_SCATTER = 0.02

_NEXT, _BEFORE = [1, 2, 3, 0], [3, 0, 1, 2]
_CORNERS = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
_EDGES = _CORNERS[_NEXT] - _CORNERS
_OUTWARD = _EDGES[:, ::-1] * (1.0, -1.0)

# Sums by products: of weighted places and weights across an edge, and of powers along it.
_EVEN = np.ones(len(_ACROSS) - 1, np.float32)
_MOMENTS = np.stack([(_ACROSS[1:] + _ACROSS[:-1]) / 2, _EVEN], axis=1).astype(np.float32)
_ARM = _ALONG.astype(np.float32)
_POWERS = np.stack([np.ones_like(_ARM), _ARM, _ARM**2], axis=1)


def corners_of_edges(picture: Luma, squares: Array) -> Array:
    """Move corners to where the edges of black squares meet.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width)
    squares : ndarray, shape (N, 4, 2)
        Corners good to half a module, clockwise as seen, pixels.

    Returns
    -------
    ndarray, shape (N, 4, 2)
        Where a square has no edges, what was given.
    """
    if not len(squares):
        return np.empty((0, 4, 2))
    along = squares[:, _NEXT] - squares
    module_px = float(np.sqrt(np.square(along).sum(axis=2)).mean()) / MODULES
    steps = _reach_steps(module_px)
    shape = len(squares), 4, len(_ALONG), len(_ACROSS)
    levels = levels_at(picture, squares, _across_edges(steps)).reshape(shape)
    begin, end = _lines(*_steps(levels))
    reach = steps / _REACH_STEPS / MODULES
    met = _meeting(begin * reach, end * reach)
    with np.errstate(invalid="ignore"):
        moved = np.matmul(shares_of_corners(met), squares)
        farthest_px = 2 * reach * MODULES * module_px
        is_near = np.abs(moved - squares).max(axis=(1, 2)) <= farthest_px
    return np.where(is_near[:, None, None], moved, squares)


def _reach_steps(module_px: float) -> int:
    reach_px = min(max(_REACH_MODULES * module_px, _LEAST_REACH_PX), _MOST_REACH_PX)
    reach = min(reach_px / max(module_px, 1e-9), _FARTHEST_MODULES)
    return max(round(reach * _REACH_STEPS), 1)


@lru_cache(maxsize=_REACH_STEPS)
def _across_edges(steps: int) -> Levels:
    """Places across all edges, from inside to outside, as shares of the corners."""
    reach = steps / _REACH_STEPS / MODULES
    on_edge = _CORNERS[:, None] + _EDGES[:, None] * _ALONG[:, None]
    off_edge = _OUTWARD[:, None] * (_ACROSS * reach)[:, None]
    places = on_edge[:, :, None] + off_edge[:, None]
    return shares_of_corners(places).reshape(-1, 4).astype(np.float32)


def _steps(levels: Levels) -> tuple[Levels, Levels]:
    """Where it becomes brighter, -1 inside to 1 outside, and how much that counts, (N, 4, A)."""
    rise: Levels = levels[..., 1:] - levels[..., :-1]
    np.maximum(rise, 0.0, out=rise)
    height = (rise @ _EVEN).astype(np.float32)
    sharp = np.square(rise) @ _MOMENTS
    places = sharp[..., 0] / np.maximum(sharp[..., 1], 1e-9)
    counted = height * (height > _FAINT * _middle(height))
    return places.astype(np.float32), counted.astype(np.float32)


def _lines(places: Levels, weights: Levels) -> tuple[Array, Array]:
    """Robust lines: places at the begin and the end of each edge, shape (N, 4)."""
    counted = weights
    with np.errstate(divide="ignore", invalid="ignore"):
        for number in range(_ROUNDS):
            level, slope = _line(places, counted)
            if number + 1 < _ROUNDS:
                off = np.abs(places - level[..., None] - slope[..., None] * _ARM)
                scatter = 1.5 * _middle(off) + _LEAST_SCATTER
                counted = weights / (1.0 + np.square(off / scatter))
        return level, level + slope


def _line(places: Levels, weights: Levels) -> tuple[Array, Array]:
    total, first, second = np.moveaxis(weights @ _POWERS, -1, 0).astype(np.float64)
    level, tilt = np.moveaxis((weights * places) @ _POWERS[:, :2], -1, 0).astype(np.float64)
    spread = total * second - first * first
    return (level * second - tilt * first) / spread, (total * tilt - first * level) / spread


def _middle(values: Levels) -> Levels:
    """Median along an edge; the upper one of two, which spares half of the time."""
    middle = values.shape[2] // 2
    ordered: Levels = np.partition(values, middle, axis=2)[..., middle : middle + 1]
    return ordered


def _meeting(begin: Array, end: Array) -> Array:
    """Where each line meets the one before it, shape (N, 4, 2), in sides of the square."""
    begins = _CORNERS + _OUTWARD * begin[..., None]
    ends = _CORNERS[_NEXT] + _OUTWARD * end[..., None]
    first = begins[:, _BEFORE]
    earlier, later = ends[:, _BEFORE] - first, ends - begins
    with np.errstate(divide="ignore", invalid="ignore"):
        share = _cross(begins - first, later) / _cross(earlier, later)
    return np.asarray(first + share[..., None] * earlier, np.float64)


def _cross(one: Array, other: Array) -> Array:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0], np.float64)
