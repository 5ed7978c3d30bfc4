"""Find the tags of a window in a picture of the scene camera. All use of ``cv2.aruco`` is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.corners import refine_corners, side_px
from psychopy_neon.screen.markers import FAMILY_SIZE

Luma = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]

FULL_SEARCH_EVERY = 15
"""Pictures between two searches of the whole picture: tags that come back are seen in 0.5 s."""

_MARGIN_SIDES = 0.8
_ENOUGH_TAGS = 2
_ENOUGH_OF_LAST = 0.6


def _exponent_table(exponent: float) -> Luma:
    levels = np.arange(256) / 255.0
    table: Luma = np.rint(255.0 * levels**exponent).astype(np.uint8)
    return table


# Light of overexposed modules spreads into the black ones. In linear light (2.2) the threshold
# sits in the middle of the edge; 8 keeps only the core of a picture that is burnt out.
_LINEAR, _BURNT_OUT, _AS_IS = (_exponent_table(exponent) for exponent in (2.2, 8.0, 1.0))
_WHEN_LOST = (_LINEAR, _BURNT_OUT, _AS_IS)


@dataclass(frozen=True, eq=False, slots=True)
class DetectedMarkers:
    """Tags found in one picture.

    Attributes
    ----------
    ids : ndarray of int64, shape (M,)
    corners_px : ndarray of float64, shape (M, 4, 2)
        Scene camera pixels, the centre of the first pixel at (0, 0), y down. Order: the tag's
        own top left, top right, bottom right, bottom left, however it is turned.
    """

    ids: npt.NDArray[np.int64]
    corners_px: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ids)


class MarkerDetector:
    """Search pictures for certain tags, near where they were last.

    One search takes a few milliseconds and releases the GIL. Not thread-safe: one thread calls
    `detect`.

    Parameters
    ----------
    tag_ids : iterable of int
        The tags on the screen; others are not looked for, which saves half of the time.

    Raises
    ------
    UsageError
        If no tag is given, or an id is outside 0-586.
    """

    def __init__(self, tag_ids: Iterable[int]) -> None:
        self._ids = np.array(sorted(set(tag_ids)), np.int64)
        if not len(self._ids) or self._ids[0] < 0 or self._ids[-1] >= FAMILY_SIZE:
            raise UsageError(f"the tags to look for must be ids between 0 and {FAMILY_SIZE - 1}.")
        dictionary = _own_dictionary(self._ids)
        self._searcher = cv2.aruco.ArucoDetector(dictionary, _search_parameters())
        self._tracker = cv2.aruco.ArucoDetector(dictionary, _search_parameters())
        self._last = _nothing()
        self._pictures_since_full = 0
        self._pictures_lost = 0

    def detect(self, luma: Luma) -> DetectedMarkers:
        """Find the tags in a picture.

        Looks around the tags of the last picture; looks through the whole picture as well
        if that finds fewer than 2 tags or fewer than 60 % of the last ones, and anyway in one
        picture out of `FULL_SEARCH_EVERY`. At most two searches.

        Parameters
        ----------
        luma : ndarray of uint8, shape (height, width)
            Brightness; may be read-only and padded at the end of its rows.

        Returns
        -------
        DetectedMarkers
            Each tag at most once.
        """
        if luma.ndim != 2 or luma.dtype != np.uint8:
            raise UsageError(
                f"the picture must be brightness of shape (height, width) and type uint8, "
                f"not {luma.shape} {luma.dtype}."
            )
        found = self._track(luma) or self._search(luma)
        self._pictures_lost = 0 if len(found) else self._pictures_lost + 1
        self._last = found
        return found

    def _track(self, luma: Luma) -> DetectedMarkers | None:
        self._pictures_since_full += 1
        if len(self._last) < _ENOUGH_TAGS or self._pictures_since_full >= FULL_SEARCH_EVERY:
            return None
        box, side = _area_of(self._last, luma.shape)
        _set_windows(self._tracker, side)
        found = self._run(self._tracker, luma, box, _LINEAR)
        enough = max(_ENOUGH_TAGS, _ENOUGH_OF_LAST * len(self._last))
        return found if len(found) >= enough else None

    def _search(self, luma: Luma) -> DetectedMarkers:
        self._pictures_since_full = 0
        table = _WHEN_LOST[self._pictures_lost % len(_WHEN_LOST)]
        whole = (0, 0, luma.shape[1], luma.shape[0])
        return self._run(self._searcher, luma, whole, table)

    def _run(self, detector: Any, luma: Luma, box: Box, table: Luma) -> DetectedMarkers:
        x0, y0, x1, y1 = box
        picture = np.asarray(cv2.LUT(luma[y0:y1, x0:x1], table), np.uint8)
        corners, local_ids, _ = detector.detectMarkers(picture)
        if local_ids is None or not len(corners):
            return _nothing()
        # ids come as (N, 1) from OpenCV 4 and as (N,) from OpenCV 5.
        local, first = np.unique(np.ravel(local_ids), return_index=True)
        squares = np.array(corners, np.float64).reshape(-1, 4, 2)[first]
        in_picture = np.add(refine_corners(picture, squares), (x0, y0))
        return DetectedMarkers(self._ids[local], in_picture)


def _nothing() -> DetectedMarkers:
    return DetectedMarkers(np.empty(0, np.int64), np.empty((0, 4, 2)))


def _own_dictionary(ids: npt.NDArray[np.int64]) -> Any:
    family = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_APRILTAG_36h11)
    # The built-in one allows no corrected bits before OpenCV 4.14; 36h11 can correct 5.
    return cv2.aruco.Dictionary(np.ascontiguousarray(family.bytesList[ids]), 6, 5)


def _search_parameters() -> Any:
    parameters = cv2.aruco.DetectorParameters()
    parameters.errorCorrectionRate = 1.0
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_NONE
    parameters.perspectiveRemovePixelPerCell = 8
    parameters.perspectiveRemoveIgnoredMarginPerCell = 0.33
    parameters.adaptiveThreshConstant = 5
    parameters.adaptiveThreshWinSizeMin = 9
    parameters.adaptiveThreshWinSizeMax = 25
    parameters.adaptiveThreshWinSizeStep = 16
    # Before 4.9 OpenCV keeps only one of several nearly equal outlines, often the wrong one.
    if not hasattr(parameters, "minGroupDistance"):
        parameters.minMarkerDistanceRate = 0.0
    return parameters


def _set_windows(detector: Any, side_px: float) -> None:
    window = min(max(int(0.35 * side_px) | 1, 7), 41)
    parameters = detector.getDetectorParameters()
    parameters.adaptiveThreshWinSizeMin = parameters.adaptiveThreshWinSizeMax = window
    detector.setDetectorParameters(parameters)


def _area_of(found: DetectedMarkers, shape: tuple[int, ...]) -> tuple[Box, float]:
    side = float(side_px(found.corners_px).mean())
    points = found.corners_px.reshape(-1, 2)
    x0, y0 = np.maximum(points.min(axis=0) - _MARGIN_SIDES * side, 0).astype(int)
    x1, y1 = np.ceil(points.max(axis=0) + _MARGIN_SIDES * side).astype(int) + 1
    return (int(x0), int(y0), int(min(x1, shape[1])), int(min(y1, shape[0]))), side
