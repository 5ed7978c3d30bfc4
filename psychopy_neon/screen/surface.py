"""The window as a plane with tags on it: what the mapper has to know about the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import FAMILY_SIZE, Marker

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Surface:
    """Tags on the plane of a window.

    Plane units are half window heights, so that pixels are square and the window's size in
    millimetres is not needed: x right and y down from the middle, z away from the viewer.

    Attributes
    ----------
    markers : mapping of int to ndarray, shape (4, 2)
        Tag id -> corners in plane units, in the order top left, top right, bottom right, bottom
        left as seen on the screen.
    aspect : float
        Width of the window divided by its height.
    corners : ndarray, shape (N, 4, 2)
        Of all tags, in the order of `tag_ids`; plane units.
    """

    markers: Mapping[int, Array]
    aspect: float
    corners: Array = field(init=False)

    def __post_init__(self) -> None:
        corners = np.array(list(self.markers.values()), np.float64).reshape(-1, 4, 2)
        corners.flags.writeable = False
        object.__setattr__(self, "corners", corners)

    @classmethod
    def from_markers(cls, markers: Iterable[Marker]) -> Surface:
        """Build from tags in ``norm`` units; the aspect follows from the tags being square.

        Raises
        ------
        UsageError
            If there are fewer than 3 tags, an id is used twice or does not exist, or the
            corners of a tag are not those of an upright square.
        """
        listed = list(markers)
        _check_ids([marker.tag_id for marker in listed])
        norm = np.array([marker.corners for marker in listed], np.float64)
        aspect = _aspect_of_squares(norm)
        planes = norm * (aspect, -1.0)
        planes.flags.writeable = False
        ids = (marker.tag_id for marker in listed)
        return cls(dict(zip(ids, planes, strict=True)), aspect)

    @classmethod
    def from_message(cls, tags: Sequence[Sequence[object]]) -> Surface:
        """Build from plain lists, ``[[tag_id, [[x, y] * 4]], ...]`` in ``norm`` units.

        Raises
        ------
        UsageError
            As `from_markers`, and if the lists do not have this form.
        """
        try:
            markers = [_marker_of(tag_id, corners) for tag_id, corners in tags]
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"the list of tags must be [[id, [[x, y], [x, y], [x, y], [x, y]]], ...]: {error}"
            ) from error
        return cls.from_markers(markers)

    def equals(self, other: Surface | None) -> bool:
        """Whether `other` has the same tags in the same places."""
        if other is None or self.tag_ids != other.tag_ids:
            return False
        return bool(np.allclose(self.corners, other.corners))

    @property
    def tag_ids(self) -> tuple[int, ...]:
        """Ids of the tags on this window."""
        return tuple(self.markers)

    @property
    def half_size(self) -> tuple[float, float]:
        """Plane units per ``norm`` unit, (x, y)."""
        return self.aspect, 1.0

    def hull_fraction(self, tag_ids: Iterable[int]) -> float:
        """Share of the window inside the convex hull of some of its tags, 0 to 1."""
        corners = [self.markers[tag_id] for tag_id in tag_ids]
        if not corners:
            return 0.0
        hull = cv2.convexHull(np.concatenate(corners).astype(np.float32))
        # Tags on paper around the window span more than it.
        return min(float(cv2.contourArea(hull)) / (4.0 * self.aspect), 1.0)


def _marker_of(tag_id: object, corners: object) -> Marker:
    if not isinstance(tag_id, int):
        raise TypeError(f"the tag id {tag_id!r} is not a whole number")
    points = np.asarray(corners, np.float64)
    if points.shape != (4, 2) or not np.isfinite(points).all():
        raise ValueError(f"tag {tag_id} does not have 4 corners of 2 finite numbers")
    return Marker(tag_id, tuple((float(x), float(y)) for x, y in points))


def _check_ids(ids: Sequence[int]) -> None:
    if len(ids) < 3:
        raise UsageError(f"{len(ids)} tags do not fix the window in space: show at least 3.")
    twice = sorted({tag_id for tag_id in ids if ids.count(tag_id) > 1})
    if twice:
        raise UsageError(f"tag id {twice[0]} is used twice: give every tag its own id.")
    unknown = [tag_id for tag_id in ids if not 0 <= tag_id < FAMILY_SIZE]
    if unknown:
        raise UsageError(
            f"tag id {unknown[0]} does not exist: choose ids between 0 and {FAMILY_SIZE - 1}."
        )


def _aspect_of_squares(norm: Array) -> float:
    top_left, top_right, bottom_right, bottom_left = norm.transpose(1, 0, 2)
    widths, heights = (top_right - top_left)[:, 0], (top_left - bottom_left)[:, 1]
    upright = np.allclose(top_right + bottom_left, top_left + bottom_right, atol=1e-6) and (
        np.allclose(top_left[:, 1], top_right[:, 1], atol=1e-6)
    )
    if not upright or (widths <= 0).any() or (heights <= 0).any():
        raise UsageError(
            "the corners of every tag must be those of an upright square, in the order top left, "
            "top right, bottom right, bottom left, with y up."
        )
    aspect = float(heights.sum() / widths.sum())
    if not np.allclose(heights, widths * aspect, rtol=1e-3):
        raise UsageError("the tags do not have one common shape: show all of them as squares.")
    return aspect
