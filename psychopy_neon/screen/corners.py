"""Put the corners of detected tags exactly on the black squares.

OpenCV's own refinement is not used: it looks at the corners only (see `edges`), and starts from the
wrong ones if the white margin is darker than what surrounds it: OpenCV then takes the margin for a
part of the tag, often at some of the four corners only.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.edges import corners_of_edges
from psychopy_neon.screen.markers import MODULES

Luma = npt.NDArray[np.uint8]
Squares = npt.NDArray[np.float64]

MARGIN_MODULES = 1
"""White margin that `psychopy_neon.screen.markers.frame_layout` draws by default."""


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
    if not len(squares):
        return np.empty((0, 4, 2))
    return corners_of_edges(picture, _without_margin(picture, squares))


def side_px(squares: Squares) -> npt.NDArray[np.float64]:
    """Mean side of each square, shape (N,), pixels."""
    edges = squares - squares[:, (3, 0, 1, 2)]
    return np.asarray(np.sqrt(np.square(edges).sum(axis=2)).mean(axis=1), np.float64)


def _without_margin(picture: Luma, squares: Squares) -> Squares:
    """Move corners that sit on the outer edge of the white margin to the black square."""
    levels = _levels(picture, _module_centers(squares))
    darkest, brightest = (each.astype(np.float64) for each in (levels.min(1), levels.max(1)))
    white = darkest + _SURELY_WHITE * (brightest - darkest)
    on_margin = levels[:, _CORNER_CELLS] > white[:, None]
    moved: Squares = squares.copy()
    for index in np.flatnonzero(on_margin.any(axis=1)):
        corners = _TAG + _OUTWARD * on_margin[index, :, None]
        moved[index] = _projected(_TAG, _transform(corners, squares[index]))
    return moved


def _module_centers(squares: Squares) -> Squares:
    """Where the middles of the modules are, shape (N, 64, 2); all squares in one go."""
    first, second, third, fourth = squares.transpose(1, 0, 2)
    along, across, twist = second - third, fourth - third, first - second + third - fourth
    with np.errstate(divide="ignore", invalid="ignore"):
        area = _cross(along, across)
        tilt = np.stack([_cross(twist, across), _cross(along, twist)], 1) / area[:, None]
    right = second - first + tilt[:, :1] * second
    down = fourth - first + tilt[:, 1:] * fourth
    u, v = _CENTERS[None, :, :1], _CENTERS[None, :, 1:]
    depth = 1 + tilt[:, None, :1] * u + tilt[:, None, 1:] * v
    centers: Squares = (first[:, None] + right[:, None] * u + down[:, None] * v) / depth
    return centers


def _cross(first: Squares, second: Squares) -> Squares:
    area: Squares = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    return area


def _levels(picture: Luma, points: Squares) -> Luma:
    across, down = points.astype(np.float32).transpose(2, 0, 1)
    repeat = cv2.BORDER_REPLICATE
    return np.asarray(
        cv2.remap(picture, across.copy(), down.copy(), cv2.INTER_NEAREST, borderMode=repeat),
        np.uint8,
    )


def _transform(from_points: Squares, to_points: Squares) -> Squares:
    transform = cv2.getPerspectiveTransform(
        from_points.astype(np.float32), to_points.astype(np.float32)
    )
    return np.asarray(transform, np.float64)


def _projected(points: Squares, transform: Squares) -> Squares:
    return np.asarray(cv2.perspectiveTransform(points[None], transform)[0], np.float64)
