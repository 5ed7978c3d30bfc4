"""Pages with tags to print, cut out and glue around a screen, in millimetres."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import MODULES, tag_bits
from psychopy_neon.screen.printed_tags import PrintedTag

PAPERS_MM = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}

RULER_MM = 100.0
_EDGE_MM = 12.0
_HEAD_MM, _FOOT_MM = 22.0, 30.0
_GAP_MM = 6.0
_LABEL_MM = 5.0
_TEXT_MM = 3.2
_LABEL_TEXT_MM = 2.8
_LETTER_WIDTH = 0.55
_INSTRUCTION = (
    "Print at 100 % (actual size), cut along the dashed lines, glue them upright around the "
    "screen, and measure where they are."
)
_RULER_TEXT = "100 mm; black squares of {} mm. If they measure anything else, the page was scaled."


class Rectangle(NamedTuple):
    """Filled black; mm from the upper left of the page."""

    left: float
    top: float
    width: float
    height: float


class Line(NamedTuple):
    """A thin line, mm from the upper left of the page."""

    x0: float
    y0: float
    x1: float
    y1: float
    dashed: bool = False


class Text(NamedTuple):
    """One line; mm from the upper left of the page to where its base line begins."""

    left: float
    base: float
    size: float
    words: str


@dataclass(frozen=True, slots=True)
class TagSheet:
    """One page.

    Attributes
    ----------
    size_mm : tuple of 2 float
    rectangles : tuple of Rectangle
        The black parts of all tags, and nothing else.
    lines : tuple of Line
        Cutting lines (dashed) and the ruler.
    texts : tuple of Text
    """

    size_mm: tuple[float, float]
    rectangles: tuple[Rectangle, ...]
    lines: tuple[Line, ...]
    texts: tuple[Text, ...]


class _Card(NamedTuple):
    """What is cut out: a tag, its white margin, and a strip with its number below."""

    tag: PrintedTag
    left: float
    top: float

    @property
    def margin(self) -> float:
        return self.tag.side_mm / MODULES

    @property
    def width(self) -> float:
        return self.tag.side_mm + 2 * self.margin

    @property
    def height(self) -> float:
        return self.width + _LABEL_MM


def tag_sheets(tags: Sequence[PrintedTag], paper: str = "a4") -> tuple[TagSheet, ...]:
    """Arrange tags on as many pages as they need.

    Each has a white margin of an eighth of its side, cutting lines around it, and its number and
    place below; each page has a ruler and one line of instructions.

    Parameters
    ----------
    tags : sequence of PrintedTag
    paper : {"a4", "letter"}
        Upright.

    Raises
    ------
    UsageError
        If the paper is unknown, or a tag is too large for it.
    """
    if paper not in PAPERS_MM:
        raise UsageError(f"the paper {paper!r} is unknown: choose {' or '.join(PAPERS_MM)}.")
    size = PAPERS_MM[paper]
    return tuple(_sheet(cards, size) for cards in _pages(tags, size))


def _pages(tags: Sequence[PrintedTag], size: tuple[float, float]) -> Iterator[list[_Card]]:
    right, bottom = size[0] - _EDGE_MM, size[1] - _FOOT_MM
    page: list[_Card] = []
    left, top, row_height = _EDGE_MM, _HEAD_MM, 0.0
    for tag in tags:
        card = _Card(tag, left, top)
        _check_fits(card, size)
        if card.left + card.width > right:
            card = _Card(tag, _EDGE_MM, top + row_height + _GAP_MM)
            row_height = 0.0
        if card.top + card.height > bottom:
            yield page
            page, card, row_height = [], _Card(tag, _EDGE_MM, _HEAD_MM), 0.0
        page.append(card)
        left, top = card.left + card.width + _GAP_MM, card.top
        row_height = max(row_height, card.height)
    if page:
        yield page


def _check_fits(card: _Card, size: tuple[float, float]) -> None:
    free = size[0] - 2 * _EDGE_MM, size[1] - _HEAD_MM - _FOOT_MM
    if card.width > free[0] or card.height > free[1]:
        largest = int(min(free[0], free[1] - _LABEL_MM) * MODULES / (MODULES + 2))
        raise UsageError(
            f"a tag of {card.tag.side_mm:g} mm does not fit on this paper: its largest is "
            f"{largest} mm. Print it larger in a copy shop, or sit nearer."
        )


def _sheet(cards: Sequence[_Card], size: tuple[float, float]) -> TagSheet:
    ruler_y = size[1] - 16.0
    sides = dict.fromkeys(f"{card.tag.side_mm:g}" for card in cards)
    return TagSheet(
        size_mm=size,
        rectangles=tuple(rectangle for card in cards for rectangle in _black(card)),
        lines=(*(line for card in cards for line in _cuts(card)), *_ruler(ruler_y)),
        texts=(
            Text(_EDGE_MM, 14.0, _TEXT_MM, _INSTRUCTION),
            Text(_EDGE_MM, ruler_y + 6.0, _TEXT_MM, _RULER_TEXT.format(" and ".join(sides))),
            *(_label(card) for card in cards),
        ),
    )


def _black(card: _Card) -> Iterator[Rectangle]:
    """The tag row by row; neighbouring black modules are one rectangle."""
    bits = tag_bits(card.tag.id)
    module = card.tag.side_mm / MODULES
    left, top = card.left + card.margin, card.top + card.margin
    for row in range(MODULES):
        column = 0
        while column < MODULES:
            end = column
            while end < MODULES and not bits[row, end]:
                end += 1
            if end > column:
                yield Rectangle(
                    left + column * module, top + row * module, (end - column) * module, module
                )
            column = end + 1


def _cuts(card: _Card) -> Iterator[Line]:
    x0, y0 = card.left, card.top
    x1, y1 = x0 + card.width, y0 + card.height
    yield Line(x0, y0, x1, y0, dashed=True)
    yield Line(x1, y0, x1, y1, dashed=True)
    yield Line(x1, y1, x0, y1, dashed=True)
    yield Line(x0, y1, x0, y0, dashed=True)


def _label(card: _Card) -> Text:
    words = f"{card.tag.id} {card.tag.place}".strip()
    fitting = (card.width - 2 * card.margin) / (_LETTER_WIDTH * len(words))
    base = card.top + card.width + _LABEL_MM - 1.8
    return Text(card.left + card.margin, base, min(_LABEL_TEXT_MM, fitting), words)


def _ruler(y: float) -> Iterator[Line]:
    yield Line(_EDGE_MM, y, _EDGE_MM + RULER_MM, y)
    for centimetre in range(11):
        x = _EDGE_MM + 10 * centimetre
        yield Line(x, y - (4.0 if centimetre in (0, 5, 10) else 2.5), x, y)
