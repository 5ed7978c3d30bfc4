"""Brightness of a picture at places given in a tag's own coordinates."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]
Levels = npt.NDArray[np.float32]

_BOTH_IN_ONE: Any = None


def shares_of_corners(places: Array) -> Array:
    """How much each corner of a tag counts for a place on it.

    A tag is so small in the picture that its perspective does not show: what lies between its
    corners can be had from them by one product.

    Parameters
    ----------
    places : ndarray, shape (..., 2)
        Sides of the black square, right and down from its top left corner.

    Returns
    -------
    ndarray, shape (..., 4)
        Top left, top right, bottom right, bottom left; their sum is 1.
    """
    right, down = places[..., 0], places[..., 1]
    left, up = 1.0 - right, 1.0 - down
    return np.stack([left * up, right * up, right * down, left * down], axis=-1)


def levels_at(picture: Luma, squares: Array, shares: Levels) -> Levels:
    """Brightness at the same places of several tags.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width)
    squares : ndarray, shape (N, 4, 2)
        Corners, pixels.
    shares : ndarray of float32, shape (K, 4)
        Of `shares_of_corners`.

    Returns
    -------
    ndarray of float32, shape (N, K)
    """
    points = np.matmul(shares, squares.astype(np.float32))
    levels = cv2.remap(
        picture, points, _BOTH_IN_ONE, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(levels, np.float32)
