"""Corners of black squares from lines along their four edges.

A line rests on many points, so that noise, and what is near a single corner, hardly move it: in
drawn pictures corners are good to a tenth of a pixel, where those of ``cv2.cornerSubPix`` are good
to a third, and to several pixels where a tag is small.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.markers import MODULES

Luma = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]

# Where edges are looked at: not near the corners, and no farther than the next module.
_ALONG = np.linspace(0.12, 0.88, 12)
_ACROSS = np.linspace(-1.0, 1.0, 13)
_BETWEEN = (_ACROSS[1:] + _ACROSS[:-1]) / 2
_REACH_MODULES, _LEAST_REACH_PX, _MOST_REACH_PX = 0.8, 1.5, 6.0
_ROUNDS = 2
_FAINT = 0.3  # of the usual step; something covers the edge there
_LEAST_SCATTER = 0.02
_NEXT, _BEFORE = [1, 2, 3, 0], [3, 0, 1, 2]


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
    length = np.maximum(np.sqrt(np.square(along).sum(axis=2)), 1e-9)
    outward = along[..., ::-1] * (1.0, -1.0) / length[..., None]
    modules = length.mean(axis=1) / MODULES
    reach = np.clip(_REACH_MODULES * modules, _LEAST_REACH_PX, _MOST_REACH_PX)[:, None, None]
    levels = _levels(picture, squares, along, outward * reach)
    places, weights = _steps(levels)
    begin, end = _lines(places, weights)
    met = _meeting(
        squares + outward * reach * begin[..., None],
        squares[:, _NEXT] + outward * reach * end[..., None],
    )
    with np.errstate(invalid="ignore"):
        is_near = (np.abs(met - squares).max(axis=(1, 2)) <= 2 * reach[:, 0, 0])[:, None, None]
    return np.where(is_near, met, squares)


def _levels(picture: Luma, squares: Array, along: Array, outward: Array) -> Array:
    """Brightness across all edges, shape (N, 4, A, K), from inside to outside."""
    edge = squares[:, :, None] + along[:, :, None] * _ALONG[:, None]
    points = edge[:, :, :, None] + outward[:, :, None, None] * _ACROSS[:, None]
    x, y = points.reshape(1, -1, 2).astype(np.float32).transpose(2, 0, 1)
    levels = cv2.remap(
        picture, x.copy(), y.copy(), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(levels, np.float64).reshape(points.shape[:4])


def _steps(levels: Array) -> tuple[Array, Array]:
    """Where it becomes brighter, -1 inside to 1 outside, and how much that counts, (N, 4, A)."""
    rise = np.maximum(np.diff(levels, axis=3), 0.0)
    sharp = np.square(rise)
    places = (sharp @ _BETWEEN) / np.maximum(sharp.sum(axis=3), 1e-9)
    height = rise.sum(axis=3)
    is_clear = height > _FAINT * np.median(height, axis=2, keepdims=True)
    return places, height * is_clear


def _lines(places: Array, weights: Array) -> tuple[Array, Array]:
    """Robust lines: places at the begin and the end of each edge, shape (N, 4)."""
    counted = weights
    with np.errstate(divide="ignore", invalid="ignore"):
        for number in range(_ROUNDS):
            total = counted.sum(axis=2, keepdims=True)
            middle = (counted @ _ALONG)[..., None] / total
            level = (counted * places).sum(axis=2, keepdims=True) / total
            arm = _ALONG - middle
            slope = (counted * arm * (places - level)).sum(axis=2, keepdims=True)
            slope = slope / (counted * np.square(arm)).sum(axis=2, keepdims=True)
            if number + 1 < _ROUNDS:
                off = places - level - slope * arm
                scatter = 1.5 * np.median(np.abs(off), axis=2, keepdims=True) + _LEAST_SCATTER
                counted = weights / (1.0 + np.square(off / scatter))
        begin, end = level - slope * middle, level + slope * (1.0 - middle)
    return begin[..., 0], end[..., 0]


def _meeting(begin: Array, end: Array) -> Array:
    """Where each line meets the one before it, shape (N, 4, 2)."""
    earlier, first = end[:, _BEFORE] - begin[:, _BEFORE], begin[:, _BEFORE]
    later = end - begin
    with np.errstate(divide="ignore", invalid="ignore"):
        share = _cross(begin - first, later) / _cross(earlier, later)
    return np.asarray(first + share[..., None] * earlier, np.float64)


def _cross(one: Array, other: Array) -> Array:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0], np.float64)
