"""How well each tag of a window shows in a picture: the result of `check_placement`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from psychopy_neon.screen.markers import MODULES

TagState = Literal[
    "good",
    "cut off",
    "elsewhere",
    "over-exposed",
    "too dark",
    "blurred",
    "disturbed",
    "too small",
    "not seen",
]

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class TagPlacement:
    """One tag in one picture.

    Its state is the first in this order that is true, except for "good" (none of them):

    ============  ==================================================================================
    cut off       partly or wholly outside the picture, by where the other tags say it is
    elsewhere     found where it should not be, perhaps besides where it should: the same tag is
                  shown or printed twice, or the stimulus looks like it
    over-exposed  its white is at the brightest that the camera can tell, and spreads into its black
    too dark      its white and its black are hardly apart
    blurred       most tags are smeared: the head moves, or the exposure is long
    disturbed     something covers it or its white margin
    too small     fewer camera pixels than it is found with in all light
    not seen      not recognised for none of these reasons, or its place is unknown
    ============  ==================================================================================

    Attributes
    ----------
    tag_id : int
        Id within the family 36h11.
    place : str
        Where it is on the window, in words: "top left", "top", ..., "middle".
    state : str
        "good", or the problem to mend first, see above.
    found : bool
        Whether it was recognised in this picture; a tag can be found and still not be good.
    side_px : float
        Mean side of its black square in scene camera pixels, measured if it was found, otherwise
        where the others say it is; NaN if that is unknown.
    white, black : float
        Levels of its white and black modules in the picture, 0-255; NaN if its place is unknown.
    contrast : float
        Their difference as a fraction of 255; NaN if its place is unknown.
    blur_px : float
        Width of its edges, scene camera pixels (10 to 90 % of the step); NaN if not measured.
    corners_px : tuple of 4 (x, y), or None
        As found, or where the others say they are; scene camera pixels, y down, the tag's own top
        left, top right, bottom right, bottom left. None if unknown. May lie outside the picture.
    """

    tag_id: int
    place: str
    state: TagState
    found: bool
    side_px: float
    white: float
    black: float
    contrast: float
    blur_px: float
    corners_px: Points | None

    @property
    def module_px(self) -> float:
        """Side of one of its 8 x 8 modules, scene camera pixels; NaN if unknown."""
        return self.side_px / MODULES


@dataclass(frozen=True, slots=True)
class Placement:
    """All tags of a window in one picture, and what to change.

    Attributes
    ----------
    tags : tuple of TagPlacement
        Every tag of the window, in the order of its layout.
    sentences : tuple of str
        What is wrong and what to do about it, one sentence for each kind of problem, the most
        important first; empty if every tag is good.
    device_ns : int
        Time of the picture, phone's Unix clock, ns.
    has_pose : bool
        Whether the tags of this picture tell where the window is, so that there is gaze on it.
    hull_fraction : float
        Share of the window that the found tags span, 0 to 1; from 0.35 on gaze is good everywhere.
    distance : float
        From the camera to the middle of the window, in window heights; NaN if unknown.
    """

    tags: tuple[TagPlacement, ...]
    sentences: tuple[str, ...]
    device_ns: int
    has_pose: bool
    hull_fraction: float
    distance: float

    @property
    def expected(self) -> int:
        """How many tags the window has."""
        return len(self.tags)

    @property
    def seen(self) -> int:
        """How many of them were found in this picture."""
        return sum(tag.found for tag in self.tags)

    @property
    def good(self) -> bool:
        """Whether every tag is good, so that there is nothing to change."""
        return all(tag.state == "good" for tag in self.tags)

    def to_message(self) -> dict[str, Any]:
        """Plain values for another process, as msgpack and JSON can carry them.

        Returns
        -------
        dict
            ``expected``, ``seen``, ``good``, ``has_pose``, ``hull_fraction``, ``distance``,
            ``device_ns``, ``sentences`` (list of str) and ``tags``: a list of
            ``[tag_id, place, state, found, side_px, contrast]``, NaN where unknown.
        """
        return {
            "expected": self.expected,
            "seen": self.seen,
            "good": self.good,
            "has_pose": self.has_pose,
            "hull_fraction": self.hull_fraction,
            "distance": self.distance,
            "device_ns": self.device_ns,
            "sentences": list(self.sentences),
            "tags": [
                [tag.tag_id, tag.place, tag.state, tag.found, tag.side_px, tag.contrast]
                for tag in self.tags
            ],
        }
