"""Tags on paper around a screen: how large, where, and as markers of the window."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import FAMILY_SIZE, MODULES, Marker

FIRST_PRINTED_ID = 100
"""Far from those that `frame_layout` gives to the tags on the screen."""

TAG_DEG = 2.4
"""Side of a tag as it should be seen; found down to 1.6 degrees."""

_TO_THE_EDGE_MM = 3.0
_HOW = (
    "left_mm and top_mm: from the left and the upper edge of the screen's visible picture to the "
    "left and the upper edge of the tag's black square, in mm, negative if it lies beyond that "
    "edge. side_mm: side of the black square. screen_mm: width and height of the visible "
    "picture. Measure them after gluing, and correct this file."
)


def side_for_distance(distance_m: float) -> int:
    """Side of the black square for a viewing distance, whole mm.

    Parameters
    ----------
    distance_m : float
        From the eyes to the screen, metres.

    Raises
    ------
    UsageError
        If it is not between 0.2 and 10 m.
    """
    if not 0.2 <= distance_m <= 10:
        raise UsageError(f"the distance must be between 0.2 and 10 m, not {distance_m:g} m.")
    return round(distance_m * 1000 * math.tan(math.radians(TAG_DEG)))


@dataclass(frozen=True, slots=True)
class PrintedTag:
    """One tag on paper.

    Attributes
    ----------
    id : int
        Within the family 36h11.
    left_mm, top_mm : float
        From the left and the upper edge of the screen's visible picture to those of the black
        square, negative beyond that edge.
    side_mm : float
        Of the black square.
    place : str
        In words, for people.
    """

    id: int
    left_mm: float
    top_mm: float
    side_mm: float
    place: str = ""


@dataclass(frozen=True, slots=True)
class PrintedTags:
    """All tags on paper around one screen.

    Attributes
    ----------
    screen_mm : tuple of 2 float
        Width and height of the screen's visible picture.
    tags : tuple of PrintedTag
    """

    screen_mm: tuple[float, float]
    tags: tuple[PrintedTag, ...]

    @classmethod
    def around_screen(
        cls,
        screen_mm: tuple[float, float],
        side_mm: float,
        *,
        columns: int = 3,
        rows: int = 3,
        first_id: int = FIRST_PRINTED_ID,
    ) -> PrintedTags:
        """Evenly on the edge around a screen, from the top left, row by row.

        Parameters
        ----------
        screen_mm : tuple of 2 float
            Width and height of the visible picture.
        side_mm : float
            Of each black square; the white margin is an eighth of it.
        columns, rows : int
            Tags above and below, and on both sides with the corners, at least 2.
        first_id : int
            Id of the first; the others count up.

        Raises
        ------
        UsageError
            If a length is not above 0, there are fewer than 2 columns or rows, or ids do not
            exist.
        """
        width, height = screen_mm
        if not min(width, height, side_mm) > 0 or columns < 2 or rows < 2:
            raise UsageError(
                "printed tags need a screen and a side larger than 0 mm, and 2 or more columns "
                f"and rows, not {width:g} x {height:g} mm, {side_mm:g} mm, {columns} and {rows}."
            )
        outside = side_mm / MODULES + _TO_THE_EDGE_MM
        lefts = _spread(-outside - side_mm, width + outside, columns)
        tops = _spread(-outside - side_mm, height + outside, rows)
        places = enumerate(_border(columns, rows))
        tags = tuple(
            PrintedTag(
                id=first_id + number,
                left_mm=round(lefts[column], 1),
                top_mm=round(tops[row], 1),
                side_mm=float(side_mm),
                place=_words(column / (columns - 1), row / (rows - 1)),
            )
            for number, (column, row) in places
        )
        return _checked(cls((float(width), float(height)), tags))

    @classmethod
    def from_json(cls, text: str) -> PrintedTags:
        """Read what `to_json` wrote and somebody corrected.

        Parameters
        ----------
        text : str
            Content of the file.

        Raises
        ------
        UsageError
            If it is not of that form; the sentence says what is missing.
        """
        try:
            content = json.loads(text)
            width, height = (float(each) for each in content["screen_mm"])
            tags = tuple(_tag_of(entry) for entry in content["tags"])
        except (
            OverflowError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as error:
            raise UsageError(
                "a file of printed tags must hold screen_mm (2 numbers) and tags (each with id, "
                f"left_mm, top_mm, side_mm), as `psychopy-neon markers --layout` writes it: {error}"
            ) from error
        return _checked(cls((width, height), tags))

    def to_json(self) -> str:
        """As text, to be corrected by what is measured after gluing."""
        rows = ",\n    ".join(json.dumps(asdict(tag)) for tag in self.tags)
        return (
            f'{{\n  "how": {json.dumps(_HOW)},\n  "screen_mm": {json.dumps(self.screen_mm)},\n'
            f'  "tags": [\n    {rows}\n  ]\n}}\n'
        )

    @property
    def ids(self) -> tuple[int, ...]:
        """Of the tags."""
        return tuple(tag.id for tag in self.tags)

    def markers(self, aspect: float | None = None) -> tuple[Marker, ...]:
        """The tags in ``norm`` units of a window that fills the screen.

        Parameters
        ----------
        aspect : float, optional
            Width of the window divided by its height, in pixels, which are square; it is known
            better than what somebody measured. Needed if the window shows tags as well.

        Returns
        -------
        tuple of Marker
            For `Neon.track_screen`.
        """
        width, measured = self.screen_mm
        height = measured if aspect is None else width / aspect
        return tuple(Marker(tag.id, _norm(tag, width, height)) for tag in self.tags)


def _spread(first: float, last: float, count: int) -> list[float]:
    return [first + (last - first) * index / (count - 1) for index in range(count)]


def _border(columns: int, rows: int) -> Iterator[tuple[int, int]]:
    for row in range(rows):
        inner = 0 < row < rows - 1
        yield from ((column, row) for column in ((0, columns - 1) if inner else range(columns)))


def _words(across: float, down: float) -> str:
    words = [
        "top" if down < 1 / 3 else "bottom" if down > 2 / 3 else "",
        "left" if across < 1 / 3 else "right" if across > 2 / 3 else "",
    ]
    return " ".join(word for word in words if word)


def _tag_of(entry: Mapping[str, Any]) -> PrintedTag:
    tag_id = entry["id"]
    if not isinstance(tag_id, int) or isinstance(tag_id, bool):
        raise TypeError(f"the tag id {tag_id!r} is not a whole number")
    left, top, side = (float(entry[name]) for name in ("left_mm", "top_mm", "side_mm"))
    return PrintedTag(tag_id, left, top, side, str(entry.get("place", "")))


def _checked(printed: PrintedTags) -> PrintedTags:
    ids = list(printed.ids)
    unknown = [tag_id for tag_id in ids if not 0 <= tag_id < FAMILY_SIZE]
    if unknown:
        raise UsageError(
            f"tag id {unknown[0]} does not exist: choose ids between 0 and {FAMILY_SIZE - 1}."
        )
    twice = [tag_id for tag_id in ids if ids.count(tag_id) > 1]
    if twice:
        raise UsageError(f"tag id {twice[0]} is printed twice: give every tag its own id.")
    lengths = [*printed.screen_mm, *(tag.side_mm for tag in printed.tags)]
    places = [place for tag in printed.tags for place in (tag.left_mm, tag.top_mm)]
    if not all(math.isfinite(each) for each in (*lengths, *places)) or not min(lengths) > 0:
        raise UsageError("the lengths of printed tags must be finite, and sizes above 0 mm.")
    return printed


def _norm(tag: PrintedTag, width: float, height: float) -> tuple[tuple[float, float], ...]:
    x0, x1 = (2 * x / width - 1 for x in (tag.left_mm, tag.left_mm + tag.side_mm))
    y0, y1 = (1 - 2 * y / height for y in (tag.top_mm, tag.top_mm + tag.side_mm))
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)
