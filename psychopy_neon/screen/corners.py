"""Put the corners of detected tags exactly on the black squares.

OpenCV's own refinement is not used: its window cannot follow the size of a tag before 4.9, and it
starts from the wrong corners if the white margin is darker than what surrounds it: OpenCV then
takes the margin for a part of the tag, often at some of the four corners only.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.markers import MODULES

Luma = npt.NDArray[np.uint8]
Squares = npt.NDArray[np.float64]

MARGIN_MODULES = 1
"""White margin that `psychopy_neon.screen.markers.frame_layout` draws by default."""

_WINDOW_MODULES = 0.6
_MAX_WINDOW_PX = 12
_PRECISE = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 0.01)

# In sides of the black square, order as everywhere: top left, top right, bottom right, bottom left.
_TAG = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
_OUTWARD = (2.0 * _TAG - 1.0) * MARGIN_MODULES / MODULES
_CENTERS = (np.stack(np.meshgrid(*[np.arange(MODULES)] * 2), -1).reshape(-1, 2) + 0.5) / MODULES
_CORNER_CELLS = [0, MODULES - 1, MODULES**2 - 1, MODULES**2 - MODULES]
# The corner modules of a tag are black; blur lifts them, but not that near to white.
_SURELY_WHITE = 0.65


def refine_corners(picture: Luma, squares: Squares) -> Squares:
    """Move corners to the edges of the black squares.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width)
    squares : ndarray, shape (N, 4, 2)
        Corners good to a module, pixels of `picture`.

    Returns
    -------
    ndarray, shape (N, 4, 2)
        Corners good to a fraction of a pixel.
    """
    refined = [_on_the_edge(picture, _without_margin(picture, square)) for square in squares]
    return np.array(refined, np.float64).reshape(-1, 4, 2)


def side_px(squares: Squares) -> npt.NDArray[np.float64]:
    """Mean side of each square, shape (N,), pixels."""
    sides = np.linalg.norm(squares - np.roll(squares, 1, axis=1), axis=2)
    return np.asarray(sides.mean(axis=1), np.float64)


def _without_margin(picture: Luma, square: Squares) -> Squares:
    """Move corners that sit on the outer edge of the white margin to the black square."""
    levels = _levels(picture, _projected(_CENTERS, _transform(_TAG, square)))
    darkest, brightest = float(levels.min()), float(levels.max())
    white = darkest + _SURELY_WHITE * (brightest - darkest)
    on_margin = levels[_CORNER_CELLS] > white
    if not on_margin.any():
        return square
    return _projected(_TAG, _transform(_TAG + _OUTWARD * on_margin[:, None], square))


def _levels(picture: Luma, points: Squares) -> Luma:
    at = np.clip(np.rint(points).astype(int), 0, (picture.shape[1] - 1, picture.shape[0] - 1))
    levels: Luma = picture[at[:, 1], at[:, 0]]
    return levels


def _transform(from_points: Squares, to_points: Squares) -> Squares:
    transform = cv2.getPerspectiveTransform(
        from_points.astype(np.float32), to_points.astype(np.float32)
    )
    return np.asarray(transform, np.float64)


def _projected(points: Squares, transform: Squares) -> Squares:
    return np.asarray(cv2.perspectiveTransform(points[None], transform)[0], np.float64)


def _on_the_edge(picture: Luma, square: Squares) -> Squares:
    module = float(side_px(square[None])[0]) / MODULES
    window = min(max(round(_WINDOW_MODULES * module), 1), _MAX_WINDOW_PX)
    corners = square.astype(np.float32).reshape(4, 1, 2)
    found = cv2.cornerSubPix(picture, corners, (window, window), (-1, -1), _PRECISE)
    return np.array(found, np.float64).reshape(4, 2)
