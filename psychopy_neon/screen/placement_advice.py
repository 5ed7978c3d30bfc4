"""What to change so that all tags of a window are seen, in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.placement import TagPlacement, TagState
from psychopy_neon.screen.surface import Surface

SAFE_SIDE_PX = 37.0
"""2.4 degrees: found in dim, bright and slightly blurred pictures alike."""

_LARGEST_ADVISED = 0.25
_DARK_LEVEL = 70
_BRIGHT_SHARE = 0.05

_REMEDIES: dict[TagState, str] = {
    "elsewhere": (
        "seen where {they} should not be: take away what shows {them} a second time, such as "
        "another window, a mirror or a printed page, or give this window other tag ids"
    ),
    "over-exposed": (
        "over-exposed: set the scene camera's exposure in the Companion app to Highlights (or to "
        "8 ms at most), make the markers' white darker, or light the room"
    ),
    "too dark": (
        "too dark: make the screen brighter, light the room, or set the scene camera's exposure "
        "in the Companion app to Shadows"
    ),
    "blurred": (
        "blurred: keep the head still, or set a shorter exposure of the scene camera in the "
        "Companion app and light the room"
    ),
    "disturbed": (
        "covered, or not clear of what surrounds {them}: keep hands, stimuli and the edge of the "
        "screen away from {them} and {their} white margin"
    ),
    "not seen": (
        "not recognised: check that {they} can be seen, with a white margin, and that nothing "
        "hides {them}"
    ),
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the advice depends on besides the tags.

    Attributes
    ----------
    size_px : tuple of 2 int
        Width and height of the picture.
    brightest : float
        Level that only half a percent of the picture exceeds.
    burnt_out : float
        Share of the picture at the brightest that the camera can tell.
    tag_heights : mapping of int to float
        Side of each tag's black square, window heights.
    """

    size_px: tuple[int, int]
    brightest: float
    burnt_out: float
    tag_heights: dict[int, float]

    @classmethod
    def of(
        cls, luma: npt.NDArray[np.uint8], surface: Surface, burnt_out_level: int
    ) -> Circumstances:
        """Measure a picture; a sixteenth of its pixels is enough."""
        pixels = luma[::4, ::4]
        return cls(
            size_px=(luma.shape[1], luma.shape[0]),
            brightest=float(np.percentile(pixels, 99.5)),
            burnt_out=float((pixels >= burnt_out_level).mean()),
            tag_heights={
                tag_id: float(np.linalg.norm(corners[1] - corners[0])) / 2
                for tag_id, corners in surface.markers.items()
            },
        )


def advise(tags: Sequence[TagPlacement], circumstances: Circumstances) -> tuple[str, ...]:
    """One sentence for each kind of problem; none if every tag is good.

    Parameters
    ----------
    tags : sequence of TagPlacement
    circumstances : Circumstances
    """
    if all(tag.state == "not seen" for tag in tags):
        return (_nothing_seen(len(tags), circumstances),)
    sentences = [_cut_off(tags, circumstances)]
    for state, remedy in _REMEDIES.items():
        sentences.append(_sentence(tags, _in_state(tags, state), remedy))
    sentences.insert(-1, _too_small(tags, circumstances))
    return tuple(sentence for sentence in sentences if sentence)


def _nothing_seen(count: int, circumstances: Circumstances) -> str:
    if circumstances.brightest < _DARK_LEVEL:
        why = (
            "the picture of the scene camera is very dark: is the camera covered? Otherwise make "
            "the screen brighter, light the room, or set the camera's exposure to Shadows"
        )
    elif circumstances.burnt_out > _BRIGHT_SHARE:
        why = (
            "much of the picture of the scene camera is over-exposed: set its exposure in the "
            "Companion app to Highlights, or light the room"
        )
    else:
        why = (
            "face the screen from nearer, keep the head still, and check that the markers are "
            "shown and that these are their numbers"
        )
    return f"None of the {count} tags is seen: {why}."


def _in_state(tags: Sequence[TagPlacement], state: TagState) -> list[TagPlacement]:
    return [tag for tag in tags if tag.state == state]


def _sentence(tags: Sequence[TagPlacement], concerned: Sequence[TagPlacement], rest: str) -> str:
    if not concerned:
        return ""
    one = len(concerned) == 1
    they, them, their = ("it", "it", "its") if one else ("they", "them", "their")
    text = rest.format(they=they, them=them, their=their)
    return f"{_named(tags, concerned)} {'is' if one else 'are'} {text}."


def _named(tags: Sequence[TagPlacement], concerned: Sequence[TagPlacement]) -> str:
    if len(concerned) == len(tags):
        return f"All {len(tags)} tags"
    names = [f"{tag.tag_id} ({tag.place})" for tag in concerned]
    if len(names) == 1:
        return f"Tag {names[0]}"
    return f"Tags {', '.join(names[:-1])} and {names[-1]}"


def _too_small(tags: Sequence[TagPlacement], circumstances: Circumstances) -> str:
    small = _in_state(tags, "too small")
    wanted = max(
        (circumstances.tag_heights[tag.tag_id] * SAFE_SIDE_PX / tag.side_px for tag in small),
        default=0.0,
    )
    larger = f"make the markers larger (at least {math.ceil(wanted * 100) / 100:g} of the window's "
    choice = f"{larger}height) or sit nearer" if wanted <= _LARGEST_ADVISED else "sit nearer"
    return _sentence(tags, small, f"too small: {choice}")


def _cut_off(tags: Sequence[TagPlacement], circumstances: Circumstances) -> str:
    gone = _in_state(tags, "cut off")
    moves = _joined(_movements(gone, circumstances.size_px))
    turn = f", or turn the head {moves}" if moves else ""
    return _sentence(tags, gone, f"cut off by the edge of the picture: sit farther away{turn}")


def _movements(gone: Iterable[TagPlacement], size_px: tuple[int, int]) -> list[str]:
    """Where the head has to turn so that they come into the picture; none if both ways."""
    points = np.array([point for tag in gone for point in tag.corners_px or ()]).reshape(-1, 2)
    wanted = []
    for axis, (back, forth) in enumerate((("to the left", "to the right"), ("up", "down"))):
        before = bool((points[:, axis] < 0).any())
        after = bool((points[:, axis] > size_px[axis] - 1).any())
        if before != after:
            wanted.append(back if before else forth)
    return wanted


def _joined(words: Sequence[str]) -> str:
    return " and ".join(words)
