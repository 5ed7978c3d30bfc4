"""Tags recognised where they are foreseen, without a search."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.edges import corners_of_edges
from psychopy_neon.screen.markers import MODULES, tag_bits
from psychopy_neon.screen.tag_samples import Levels, levels_at, shares_of_corners

Luma = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]

LEAST_LIKENESS = 0.75
"""Correlation of a tag's modules with what is seen: of others, and beside it, it is below 0.6."""

_FAR_MODULES = 0.15  # off the place foreseen: then the edges were not in the middle of the view
_LEAST_CONTRAST = 4.0  # grey levels, standard deviation

_INSIDE = (np.arange(MODULES) + 0.5) / MODULES
_MIDDLES = shares_of_corners(np.stack(np.meshgrid(_INSIDE, _INSIDE), -1).reshape(-1, 2))
_OF_MIDDLES: Levels = _MIDDLES.astype(np.float32)


def recognised(
    picture: Luma, tag_ids: npt.NDArray[np.int64], squares: Array
) -> tuple[npt.NDArray[np.bool_], Array]:
    """Which tags are where they were foreseen, and where exactly.

    Takes a tenth of the time of a search, but finds a tag only within about half a module.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width)
    tag_ids : ndarray of int64, shape (N,)
    squares : ndarray, shape (N, 4, 2)
        Corners foreseen, pixels.

    Returns
    -------
    is_there : ndarray of bool, shape (N,)
    corners : ndarray, shape (N, 4, 2)
        Pixels; of no use where no tag is.
    """
    corners = corners_of_edges(picture, squares)
    if _off_modules(corners, squares) > _FAR_MODULES:
        corners = corners_of_edges(picture, corners)
    levels = levels_at(picture, corners, _OF_MIDDLES)
    return likeness(levels, tag_ids) >= LEAST_LIKENESS, corners


def likeness(levels: Levels, tag_ids: npt.NDArray[np.int64]) -> Array:
    """Correlation of the middles of a tag's modules with its pattern, shape (N,), -1 to 1."""
    patterns = _patterns(tuple(tag_ids.tolist()))
    off = levels - levels.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(off).sum(axis=1))
    alike = (off * patterns).sum(axis=1)
    return np.asarray(alike / np.maximum(size, _LEAST_CONTRAST * MODULES), np.float64)


def _off_modules(corners: Array, squares: Array) -> float:
    side_px = float(np.abs(squares[:, 2] - squares[:, 0]).sum(axis=1).mean()) / 2
    return MODULES * float(np.abs(corners - squares).mean()) / max(side_px, 1e-9)


@lru_cache(maxsize=64)
def _patterns(tag_ids: tuple[int, ...]) -> Levels:
    """Of mean 0 and length 1, shape (N, 64)."""
    bits = np.array([tag_bits(tag_id).ravel() for tag_id in tag_ids], np.float32)
    off = bits - bits.mean(axis=1, keepdims=True)
    patterns: Levels = off / np.sqrt(np.square(off).sum(axis=1, keepdims=True))
    return patterns
