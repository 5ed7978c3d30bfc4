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
from psychopy_neon.screen.foreseen import recognised
from psychopy_neon.screen.markers import FAMILY_SIZE
from psychopy_neon.screen.mosaic import cut_mosaic

Luma = npt.NDArray[np.uint8]

FULL_SEARCH_EVERY = 15
"""Pictures between two searches of the whole picture: tags that come back are seen in 0.5 s."""

FULL_SEARCH_WHEN_PLACED = 150
"""The same if the place of every tag is known, so that those that come back are seen at once."""

LOST_LONG = 6
"""After so many pictures without tags, most are searched at half their size: they may be away."""

_WHOLE_WHEN_LOST = 4  # one picture out of so many; no multiple of the kinds of light
_SEEN_AROUND_SIDES, _SEEN_AROUND_PX = 0.2, 4.0  # as far as edges are looked at, twice
_MARGIN_SIDES, _MARGIN_OF_SHIFT = 0.6, 0.4
_SHORTEST_OUTLINE = 0.5  # of a tag's; without a limit the modules inside are looked at as well
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

    To recognise tags near where they are expected takes a third of a millisecond, a search of the
    whole picture some ten. Not thread-safe: one thread calls `detect`.

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
        self._last, self._before_last = _nothing(), _nothing()
        self._pictures_since_full = 0
        self._pictures_lost = 0

    @property
    def tag_ids(self) -> list[int]:
        """The tags that are looked for, ascending."""
        ids: list[int] = self._ids.tolist()
        return ids

    def detect(
        self,
        luma: Luma,
        expected: DetectedMarkers | None = None,
        *,
        elsewhere: bool = True,
    ) -> DetectedMarkers:
        """Find the tags in a picture.

        Recognises them where they are expected, and searches around the places of the others;
        looks through the whole picture as well if that finds fewer than 2 tags or fewer than
        60 % of the last ones, and anyway in one picture out of `FULL_SEARCH_EVERY`, or
        `FULL_SEARCH_WHEN_PLACED`. At most two searches.

        Parameters
        ----------
        luma : ndarray of uint8, shape (height, width)
            Brightness; may be read-only and padded at the end of its rows.
        expected : DetectedMarkers, optional
            Where the tags should be. Without it, where they were, moved on as they moved last.
        elsewhere : bool
            Whether tags may be in the picture where none is expected.

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
        every = FULL_SEARCH_EVERY if elsewhere else FULL_SEARCH_WHEN_PLACED
        found = self._track(luma, expected, every) or self._search(luma)
        self._pictures_lost = 0 if len(found) else self._pictures_lost + 1
        self._before_last, self._last = self._last, found
        return found

    def find_all(self, luma: Luma) -> DetectedMarkers:
        """Find the tags wherever they are, in all kinds of light; changes nothing for `detect`.

        Takes three searches of the whole picture.

        Parameters
        ----------
        luma : ndarray of uint8, shape (height, width)

        Returns
        -------
        DetectedMarkers
            A tag occurs once for each place of the picture that shows it.
        """
        found = _nothing()
        for table in _WHEN_LOST:
            picture = np.asarray(cv2.LUT(luma, table), np.uint8)
            new = _elsewhere_than(found, self._candidates(self._searcher, picture))
            corners = np.concatenate([found.corners_px, refine_corners(picture, new.corners_px)])
            found = DetectedMarkers(np.concatenate([found.ids, new.ids]), corners)
        return found

    def _track(
        self, luma: Luma, expected: DetectedMarkers | None, every: int
    ) -> DetectedMarkers | None:
        self._pictures_since_full += 1
        if len(self._last) < _ENOUGH_TAGS or self._pictures_since_full >= every:
            return None
        shift = np.zeros(2)
        if expected is None or len(expected) < _ENOUGH_TAGS:
            shift = _shift(self._before_last, self._last)
            expected = DetectedMarkers(self._last.ids, self._last.corners_px + shift)
        ids, squares = expected.ids, expected.corners_px
        margin_px = _SEEN_AROUND_SIDES * float(side_px(squares).max()) + _SEEN_AROUND_PX
        mosaic = cut_mosaic(luma, squares, margin_px, _LINEAR)
        offsets = mosaic.offsets[:, None]
        is_there, corners = recognised(mosaic.picture, ids, squares - offsets)
        found = DetectedMarkers(ids[is_there], (corners + offsets)[is_there])
        if not is_there.all():
            missing = DetectedMarkers(ids[~is_there], squares[~is_there])
            near = self._look_near(luma, missing, float(np.linalg.norm(shift)))
            found = _together(found, near)
        enough = max(_ENOUGH_TAGS, _ENOUGH_OF_LAST * len(self._last))
        return found if len(found) >= enough else None

    def _look_near(self, luma: Luma, expected: DetectedMarkers, shift_px: float) -> DetectedMarkers:
        sides = side_px(expected.corners_px)
        margin_px = _MARGIN_SIDES * float(sides.max()) + _MARGIN_OF_SHIFT * shift_px
        mosaic = cut_mosaic(luma, expected.corners_px, margin_px, _LINEAR)
        _set_sizes(self._tracker, sides, max(mosaic.picture.shape))
        found = self._candidates(self._tracker, mosaic.picture)
        # A tag counts in its own patch only: its neighbours' may show it as well, or a part of it.
        numbers = {int(tag): number for number, tag in enumerate(expected.ids)}
        own = np.array([numbers.get(int(tag), -1) for tag in found.ids], np.int64)
        right = own == mosaic.cells_of(found.corners_px.mean(axis=1))
        found = _refined(mosaic.picture, DetectedMarkers(found.ids[right], found.corners_px[right]))
        offsets = mosaic.offsets[[numbers[int(tag)] for tag in found.ids]]
        return DetectedMarkers(found.ids, found.corners_px + offsets[:, None])

    def _search(self, luma: Luma) -> DetectedMarkers:
        self._pictures_since_full = 0
        lost = self._pictures_lost
        table = _WHEN_LOST[lost % len(_WHEN_LOST)]
        if lost >= LOST_LONG and lost % _WHOLE_WHEN_LOST:
            return self._search_half(luma, table)
        picture = np.asarray(cv2.LUT(luma, table), np.uint8)
        return _refined(picture, self._candidates(self._searcher, picture))

    def _search_half(self, luma: Luma, table: Luma) -> DetectedMarkers:
        """Takes a third of the time, but misses tags smaller than about 20 pixels."""
        half = cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        found = self._candidates(self._searcher, np.asarray(cv2.LUT(half, table), np.uint8))
        if not len(found):
            return found
        whole = DetectedMarkers(found.ids, 2.0 * found.corners_px + 0.5)
        return _refined(np.asarray(cv2.LUT(luma, table), np.uint8), whole)

    def _candidates(self, detector: Any, picture: Luma) -> DetectedMarkers:
        """Corners good to a module; a tag may occur more than once."""
        corners, local_ids, _ = detector.detectMarkers(picture)
        if local_ids is None or not len(corners):
            return _nothing()
        # ids come as (N, 1) from OpenCV 4 and as (N,) from OpenCV 5.
        squares = np.array(corners, np.float64).reshape(-1, 4, 2)
        return DetectedMarkers(self._ids[np.ravel(local_ids)], squares)


def _refined(picture: Luma, found: DetectedMarkers) -> DetectedMarkers:
    ids, first = np.unique(found.ids, return_index=True)
    return DetectedMarkers(ids, refine_corners(picture, found.corners_px[first]))


def _together(one: DetectedMarkers, other: DetectedMarkers) -> DetectedMarkers:
    ids = np.concatenate([one.ids, other.ids])
    order = np.argsort(ids)
    return DetectedMarkers(ids[order], np.concatenate([one.corners_px, other.corners_px])[order])


def _elsewhere_than(found: DetectedMarkers, new: DetectedMarkers) -> DetectedMarkers:
    """Those of the new ones that are neither among the found ones nor twice among themselves."""
    known = list(zip(found.ids.tolist(), found.corners_px.mean(axis=1), strict=True))
    kept = []
    sides = side_px(new.corners_px)
    for index, (tag, center) in enumerate(
        zip(new.ids.tolist(), new.corners_px.mean(axis=1), strict=True)
    ):
        if all(tag != other or np.hypot(*(center - at)) > sides[index] / 2 for other, at in known):
            known.append((tag, center))
            kept.append(index)
    return DetectedMarkers(new.ids[kept], new.corners_px[kept])


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


def _set_sizes(detector: Any, sides_px: npt.NDArray[np.float64], picture_px: int) -> None:
    window = min(max(int(0.35 * float(sides_px.mean())) | 1, 7), 41)
    parameters = detector.getDetectorParameters()
    parameters.adaptiveThreshWinSizeMin = parameters.adaptiveThreshWinSizeMax = window
    shortest_px = _SHORTEST_OUTLINE * 4 * float(sides_px.min())
    parameters.minMarkerPerimeterRate = shortest_px / picture_px
    detector.setDetectorParameters(parameters)


def _shift(before: DetectedMarkers, last: DetectedMarkers) -> npt.NDArray[np.float64]:
    """By how much the tags of both pictures moved on average, shape (2,), pixels."""
    both, at_before, at_last = np.intersect1d(before.ids, last.ids, return_indices=True)
    if not len(both):
        return np.zeros(2)
    moved = last.corners_px[at_last] - before.corners_px[at_before]
    return np.asarray(moved.mean(axis=(0, 1)))
