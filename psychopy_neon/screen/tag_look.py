"""How one tag looks in a picture: its levels, the spread of its light, the width of its edges."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.markers import MODULES, tag_bits

Luma = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]

_CELL_PX = 12
_MARGIN = 1
_ALL = MODULES + 2 * _MARGIN
_INNER = slice(_MARGIN, _MARGIN + MODULES)
_TAG = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
# Profiles across an outer edge begin in the middle of the margin, end in the middle of the black
# border, and are taken along the middle of the edge, where no corner is near.
_ACROSS = slice(_CELL_PX // 2, _CELL_PX + _CELL_PX // 2)
_ALONG = slice(3 * _CELL_PX, -3 * _CELL_PX)
_STEP_SHARES = (0.1, 0.9)


@dataclass(frozen=True, slots=True)
class TagLook:
    """What the place of one tag looks like, whether or not it was recognised there.

    Attributes
    ----------
    white, black : float
        Median levels of its white and black modules, 0-255.
    spread : float
        By how much its white reaches into its black, modules; 0.5 closes single black ones.
    blur_px : float
        Width of its outer edges, 10 to 90 % of the step, picture pixels: the wider pair of sides.
        NaN without contrast.
    margin_disturbed : float
        Share of the white margin that is darker than half-way to black, 0 to 1.
    likeness : float
        Correlation of its modules' levels with what they should be, -1 to 1; around 0 if
        something else is there. 0 without contrast.
    """

    white: float
    black: float
    spread: float
    blur_px: float
    margin_disturbed: float
    likeness: float


def look_at_tag(picture: Luma, tag_id: int, corners_px: Array) -> TagLook:
    """Measure a tag that lies wholly in the picture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width)
    tag_id : int
    corners_px : ndarray, shape (4, 2)
        Of the black square, the tag's own top left first, then clockwise.
    """
    flat = _straightened(picture, corners_px)
    bits = tag_bits(tag_id)
    centres = _centres(flat)
    inner = centres[_INNER, _INNER]
    white, black = float(np.median(inner[bits])), float(np.median(inner[~bits]))
    middle = (white + black) / 2
    ring = np.ones((_ALL, _ALL), bool)
    ring[_INNER, _INNER] = False
    side = float(np.linalg.norm(corners_px - np.roll(corners_px, 1, axis=0), axis=1).mean())
    return TagLook(
        white=white,
        black=black,
        spread=_spread(flat, bits, middle),
        blur_px=_blur_cells(flat, white, black) * side / (MODULES * _CELL_PX),
        margin_disturbed=float((centres[ring] < middle).mean()),
        likeness=_likeness(inner, bits),
    )


def _straightened(picture: Luma, corners_px: Array) -> Array:
    """The tag and its margin, seen from the front, `_CELL_PX` a module."""
    target = (_TAG * MODULES + _MARGIN) * _CELL_PX - 0.5
    transform = cv2.getPerspectiveTransform(
        corners_px.astype(np.float32), target.astype(np.float32)
    )
    side = _ALL * _CELL_PX
    flat = cv2.warpPerspective(
        picture, transform, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, np.float64)


def _centres(flat: Array) -> Array:
    """Mean of the inner half of each module, shape (10, 10)."""
    quarter = _CELL_PX // 4
    cells = flat.reshape(_ALL, _CELL_PX, _ALL, _CELL_PX)
    return np.asarray(cells[:, quarter:-quarter, :, quarter:-quarter].mean(axis=(1, 3)))


def _likeness(levels: Array, bits: npt.NDArray[np.bool_]) -> float:
    if levels.std() < 1:
        return 0.0
    return float(np.corrcoef(levels.ravel(), bits.ravel())[0, 1])


def _spread(flat: Array, bits: npt.NDArray[np.bool_], middle: float) -> float:
    inner = slice(_MARGIN * _CELL_PX, (_MARGIN + MODULES) * _CELL_PX)
    white_modules = float((flat[inner, inner] > middle).sum()) / _CELL_PX**2
    edges = (bits[1:] != bits[:-1]).sum() + (bits[:, 1:] != bits[:, :-1]).sum()
    # The margin's light comes in over the four outer sides.
    return (white_modules - float(bits.sum())) / float(edges + 4 * MODULES)


def _blur_cells(flat: Array, white: float, black: float) -> float:
    """Width of the wider pair of opposite edges, pixels of the straightened picture."""
    if white - black < 1:
        return math.nan
    sides = [np.rot90(flat, turns)[_ACROSS, _ALONG].mean(axis=1) for turns in range(4)]
    widths = [_width(np.asarray(profile)) for profile in sides]
    return max((widths[0] + widths[2]) / 2, (widths[1] + widths[3]) / 2)


def _width(profile: Array) -> float:
    """Of a falling step, by its own ends; what does not fall counts as wide as the profile."""
    top, bottom = float(profile[0]), float(profile[-1])
    if top - bottom < 1:
        return float(len(profile))
    share = np.maximum.accumulate((top - profile) / (top - bottom))
    places = np.interp(_STEP_SHARES, share, np.arange(len(profile)))
    return float(places[1] - places[0])
