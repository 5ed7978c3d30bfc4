"""Judge how well the tags of a window show in one picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.corners import side_px
from psychopy_neon.screen.detector import DetectedMarkers, MarkerDetector
from psychopy_neon.screen.expected_markers import rough_places, tag_places
from psychopy_neon.screen.markers import MODULES
from psychopy_neon.screen.placement import Placement, TagPlacement, TagState
from psychopy_neon.screen.placement_advice import Circumstances, advise
from psychopy_neon.screen.pose import ScreenPose, estimate_pose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.screen.tag_look import TagLook, look_at_tag

Luma = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]

MIN_SIDE_PX = 25.0
"""1.6 degrees; smaller tags are found in good light only."""

MIN_CONTRAST = 0.2
BURNT_OUT_LEVEL = 233
"""Video levels end at 235."""

MAX_SPREAD_MODULES = 0.15
MAX_MARGIN_DISTURBED = 0.25
SHARP_LIKENESS = 0.9
_WITH_HALF_A_MODULE = 1 + 1 / MODULES


def check_placement(
    luma: Luma,
    surface: Surface,
    camera: SceneCamera,
    device_ns: int = 0,
    pose: ScreenPose | None = None,
) -> Placement:
    """Judge every tag of a window in one picture, and say what to change.

    Searches the whole picture three times, which takes about 30 ms.

    Parameters
    ----------
    luma : ndarray of uint8, shape (height, width)
        Brightness; may be read-only and padded at the end of its rows.
    surface : Surface
        The tags that should be there.
    camera : SceneCamera
    device_ns : int
        Time of the picture; only handed on.
    pose : ScreenPose, optional
        Where the window should be at that time, by other pictures: used if the tags in this one
        do not tell.

    Returns
    -------
    Placement
    """
    found = MarkerDetector(surface.tag_ids).find_all(luma)
    once = _once_each(found)
    own_pose = estimate_pose(once, surface, camera, device_ns)
    known = own_pose or pose
    places = _by_id(surface, tag_places(known, surface, camera) if known else None)
    seen = [_seen(luma, tag_id, found, places.get(tag_id)) for tag_id in surface.tag_ids]
    if known is None:
        rough = _by_id(surface, rough_places(once, surface, camera))
        seen = [_perhaps_cut_off(each, rough.get(each.tag_id), luma) for each in seen]
    smeared = _are_smeared(seen)
    tags = tuple(_judged(each, smeared, surface) for each in seen)
    circumstances = Circumstances.of(luma, surface, BURNT_OUT_LEVEL)
    return Placement(
        tags=tags,
        sentences=advise(tags, circumstances),
        device_ns=device_ns,
        has_pose=own_pose is not None,
        hull_fraction=surface.hull_fraction(tag.tag_id for tag in tags if tag.found),
        distance=_distance(known),
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Seen:
    """What the picture shows of one tag.

    `corners` are those found, or else where it should be, or None; `cut_off` and `look` are for
    that place.
    """

    tag_id: int
    found: bool
    elsewhere: bool
    corners: Array | None
    cut_off: bool
    look: TagLook | None


def _once_each(found: DetectedMarkers) -> DetectedMarkers:
    """Tags that are in one place only; if hardly any is, the first place of each."""
    _, first, counts = np.unique(found.ids, return_index=True, return_counts=True)
    chosen = first[counts == 1] if (counts == 1).sum() >= (counts > 1).sum() else first
    return DetectedMarkers(found.ids[chosen], found.corners_px[chosen])


def _by_id(surface: Surface, places: Array | None) -> dict[int, Array]:
    return {} if places is None else dict(zip(surface.tag_ids, places, strict=True))


def _seen(luma: Luma, tag_id: int, found: DetectedMarkers, place: Array | None) -> _Seen:
    squares = found.corners_px[found.ids == tag_id]
    right = squares
    if place is not None:
        with np.errstate(invalid="ignore"):
            apart = np.linalg.norm(squares.mean(axis=1) - place.mean(axis=0), axis=1)
            right = squares[apart <= side_px(squares) / 2]
    corners = right[0] if len(right) else place
    cut_off = not len(right) and corners is not None and not _inside(corners, luma)
    # All tags together know better than each where its corners are.
    exact = corners if place is None or not _inside(place, luma) else place
    look = None if exact is None or cut_off else look_at_tag(luma, tag_id, exact)
    elsewhere = len(squares) > 1 or len(squares) > len(right)
    return _Seen(tag_id, bool(len(right)), elsewhere, corners, cut_off, look)


def _perhaps_cut_off(seen: _Seen, rough: Array | None, luma: Luma) -> _Seen:
    if seen.found or rough is None or _inside(rough, luma):
        return seen
    return replace(seen, corners=rough, cut_off=True)


def _inside(corners: Array, luma: Luma) -> bool:
    """Whether a square with half a module around it lies in the picture."""
    center = corners.mean(axis=0)
    outer = center + (corners - center) * _WITH_HALF_A_MODULE
    limits = (luma.shape[1] - 1, luma.shape[0] - 1)
    with np.errstate(invalid="ignore"):
        return bool(((outer >= 0) & (outer <= limits)).all())


def _are_smeared(seen: list[_Seen]) -> bool:
    """Whether most tags are: a head that moves smears all of them, a hand covers some."""
    likenesses = [each.look.likeness for each in seen if each.look is not None]
    return bool(likenesses) and float(np.median(likenesses)) < SHARP_LIKENESS


def _judged(seen: _Seen, smeared: bool, surface: Surface) -> TagPlacement:
    corners, look = seen.corners, seen.look
    side = math.nan if corners is None else float(side_px(corners[None])[0])
    white, black = (math.nan, math.nan) if look is None else (look.white, look.black)
    return TagPlacement(
        tag_id=seen.tag_id,
        place=_place(surface, seen.tag_id),
        state=_state(seen, side, smeared),
        found=seen.found,
        side_px=side,
        white=white,
        black=black,
        contrast=(white - black) / 255,
        blur_px=math.nan if look is None else look.blur_px,
        corners_px=None if corners is None else tuple((float(x), float(y)) for x, y in corners),
    )


def _state(seen: _Seen, side: float, smeared: bool) -> TagState:
    if seen.cut_off:
        return "cut off"
    if seen.elsewhere:
        return "elsewhere"
    look = seen.look
    if look is None:
        return "not seen"
    burnt_out = look.white >= BURNT_OUT_LEVEL
    if burnt_out and (look.spread > MAX_SPREAD_MODULES or look.likeness < SHARP_LIKENESS):
        return "over-exposed"
    if look.likeness >= SHARP_LIKENESS and look.white - look.black < 255 * MIN_CONTRAST:
        return "too dark"
    if look.likeness < SHARP_LIKENESS:
        return "blurred" if smeared else "disturbed"
    if look.margin_disturbed > MAX_MARGIN_DISTURBED:
        return "disturbed"
    if side < MIN_SIDE_PX:
        return "too small"
    return "good" if seen.found else "not seen"


def _place(surface: Surface, tag_id: int) -> str:
    """In words."""
    x, y = surface.markers[tag_id].mean(axis=0) / surface.half_size
    words = [
        "top" if y < -1 / 3 else "bottom" if y > 1 / 3 else "",
        "left" if x < -1 / 3 else "right" if x > 1 / 3 else "",
    ]
    return " ".join(word for word in words if word) or "middle"


def _distance(pose: ScreenPose | None) -> float:
    """From the camera to the window's middle; plane units are half window heights."""
    return math.nan if pose is None else float(np.linalg.norm(pose.translation)) / 2
