"""Where each line of a check goes, and how large it may be."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from psychopy_neon.readiness import Item

INK, PAPER = "#101418", "#ffffff"
SCALES = tuple(round(1.25 - 0.03 * step, 2) for step in range(24))
_TEXT, _SMALL, _BADGE_TEXT = 0.025, 0.0225, 0.019
_HEAD, _LINE = 0.034, 0.0275
_GAP, _NARROW_GAP = 0.012, 0.005
_BADGE, _TITLE_AT, _VALUE_AT = 0.088, 0.1, 0.262
_WIDTH_OF_LETTER = 0.53  # of its height, on average


@dataclass(frozen=True, slots=True)
class Row:
    """An item in its place; lengths in window heights.

    Attributes
    ----------
    item : Item
    lines : tuple of str
        Its sentence.
    offset : float
        Of its top, downwards from that of the list.
    head, line : float
        Heights of its first line and of those of its sentence.
    text, small, badge_text : float
        Heights of letters.
    badge, title_at, value_at : float
        Width of the badge; where title and value begin, from the left.
    """

    item: Item
    lines: tuple[str, ...]
    offset: float
    head: float
    line: float
    text: float
    small: float
    badge_text: float
    badge: float
    title_at: float
    value_at: float


def lay_out(items: Sequence[Item], width: float, height: float) -> tuple[list[Row], float]:
    """As large as everything fits.

    Parameters
    ----------
    items : sequence of Item
    width, height : float
        Of the list, window heights.

    Returns
    -------
    tuple of list of Row and float
        The rows, and their scale.
    """
    for scale in SCALES:
        rows, used = _rows(items, width, scale)
        if used <= height and _fits(items, width, scale):
            break
    return rows, scale


def _rows(items: Sequence[Item], width: float, scale: float) -> tuple[list[Row], float]:
    rows, offset = [], 0.0
    is_plain = not any(item.sentence for item in items)
    letters = int((width - _TITLE_AT * scale) / (_SMALL * scale * _WIDTH_OF_LETTER))
    for item in items:
        lines = tuple(textwrap.wrap(item.sentence, max(10, letters)))
        rows.append(_row(item, lines, offset, scale))
        offset += scale * (
            _HEAD + _LINE * len(lines) + (_GAP if lines or is_plain else _NARROW_GAP)
        )
    return rows, offset


def _row(item: Item, lines: tuple[str, ...], offset: float, scale: float) -> Row:
    return Row(
        item,
        lines,
        offset,
        head=_HEAD * scale,
        line=_LINE * scale,
        text=_TEXT * scale,
        small=_SMALL * scale,
        badge_text=_BADGE_TEXT * scale,
        badge=_BADGE * scale,
        title_at=_TITLE_AT * scale,
        value_at=_VALUE_AT * scale,
    )


def _fits(items: Sequence[Item], width: float, scale: float) -> bool:
    longest = max((len(item.value) for item in items), default=0)
    return scale * (_VALUE_AT + longest * _TEXT * _WIDTH_OF_LETTER) <= width
