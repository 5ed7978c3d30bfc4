"""The parts of a picture in which tags are expected, side by side in a small picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]

_GAP_PX = 4
_WHITE = 255


@dataclass(frozen=True, eq=False, slots=True)
class Mosaic:
    """Patches of a picture in cells of equal size, on white.

    Attributes
    ----------
    picture : ndarray of uint8, shape (height, width)
    offsets : ndarray, shape (M, 2)
        What to add to a point of each patch to get the point of the whole picture.
    cell_px : tuple of 2 int
        Width and height of a cell.
    columns : int
        Cells in a row.
    """

    picture: Luma
    offsets: Array
    cell_px: tuple[int, int]
    columns: int

    def cells_of(self, points: Array) -> npt.NDArray[np.int64]:
        """Numbers of the cells that points lie in, shape (N,); may be as high as empty cells'."""
        across, down = np.floor(points / self.cell_px).astype(np.int64).T
        numbers: npt.NDArray[np.int64] = down * self.columns + across
        return numbers


def cut_mosaic(luma: Luma, squares: Array, margin_px: float, levels: Luma) -> Mosaic:
    """Cut out what surrounds some squares.

    Parameters
    ----------
    luma : ndarray of uint8, shape (height, width)
    squares : ndarray, shape (M, 4, 2)
        Where tags are expected, pixels; parts outside the picture stay white.
    margin_px : float
        Added on all sides.
    levels : ndarray of uint8, shape (256,)
        New level of each level; that of white is white.
    """
    height, width = luma.shape
    first = np.floor(squares.min(axis=1) - margin_px).astype(int)
    last = np.ceil(squares.max(axis=1) + margin_px).astype(int) + 1
    first = np.clip(first, 0, (width, height))
    last = np.clip(last, first, (width, height))
    cell_width, cell_height = ((last - first).max(axis=0) + _GAP_PX).tolist()
    columns = math.ceil(math.sqrt(len(squares)))
    rows = math.ceil(len(squares) / columns)
    picture = np.full((rows * cell_height, columns * cell_width), _WHITE, np.uint8)
    offsets = np.empty((len(squares), 2))
    for number, ((x0, y0), (x1, y1)) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        row, column = divmod(number, columns)
        left, top = column * cell_width, row * cell_height
        offsets[number] = x0 - left, y0 - top
        if x1 > x0 and y1 > y0:
            picture[top : top + y1 - y0, left : left + x1 - x0] = luma[y0:y1, x0:x1]
    levelled = np.asarray(cv2.LUT(picture, levels), np.uint8)
    return Mosaic(levelled, offsets, (cell_width, cell_height), columns)
