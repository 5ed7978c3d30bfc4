"""A small picture of what the scene camera sees, for people."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

PREVIEW_WIDTH_PX = 480


def shrunk(luma: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A picture made smaller; each new pixel is the mean of what it covers.

    Parameters
    ----------
    luma : ndarray of uint8, shape (height, width)
        Brightness.

    Returns
    -------
    ndarray of uint8, shape (height, width)
        480 pixels wide, with the same proportions.
    """
    height, width = luma.shape
    size = (PREVIEW_WIDTH_PX, max(1, round(PREVIEW_WIDTH_PX * height / width)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
