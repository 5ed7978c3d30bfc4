"""A small chart as inline SVG: one axis below, one at the left, and what is drawn between.

Shapes differ, not only colours, so that it can be read in grey.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

from psychopy_neon.certificate.axis import Axis, tick_text

Place = tuple[float, float]

WIDTH, HEIGHT = 340, 176
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 21, 34
_MARKS: dict[str, Callable[[float, float], str]] = {
    "dot": lambda x, y: f"M{x - 1.4:.1f} {y:.1f}a1.4 1.4 0 1 0 2.8 0a1.4 1.4 0 1 0 -2.8 0",
    "cross": lambda x, y: f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6",
    "triangle": lambda x, y: f"M{x:.1f} {y - 3.5:.1f}l3.5 6h-7z",
}


class Chart:
    """Collects shapes and gives them out as one ``<svg>``.

    Parameters
    ----------
    title : str
        Shown above, and read out.
    x, y : Axis
        The axes; what lies outside is drawn at their ends.
    """

    def __init__(self, title: str, x: Axis, y: Axis) -> None:
        self._title = title
        self._x, self._y = x, y
        self._shapes: list[str] = []
        self._is_empty = False

    def line(self, places: Iterable[Place], kind: str = "line") -> None:
        """Join places by a line."""
        path = "L".join(self._at(place) for place in places)
        if "L" in path:
            self._shapes.append(f'<path class="{kind}" d="M{path}"/>')

    def band(self, low: Sequence[Place], high: Sequence[Place]) -> None:
        """Fill between two lines."""
        path = "L".join(self._at(place) for place in (*low, *reversed(high)))
        if "L" in path:
            self._shapes.append(f'<path class="band" d="M{path}z"/>')

    def marks(self, places: Iterable[Place], shape: str) -> None:
        """Draw the same mark at each place; `shape` is "dot", "cross" or "triangle"."""
        draw = _MARKS[shape]
        path = "".join(draw(self._left(x), self._top(y)) for x, y in places)
        if path:
            self._shapes.append(f'<path class="{shape}" d="{path}"/>')

    def bars(self, bins: Iterable[tuple[float, float, float]]) -> None:
        """Draw bars up from the axis: left end, right end, height."""
        floor = self._top(self._y.low)
        for left, right, height in bins:
            x, top = self._left(left), self._top(height)
            width = max(0.5, self._left(right) - x - 0.4)
            self._shapes.append(
                f'<rect class="bar" x="{x:.1f}" y="{top:.1f}" '
                f'width="{width:.1f}" height="{floor - top:.1f}"/>'
            )

    def limit(self, value: float, text: str, *, upright: bool = False) -> None:
        """Draw a limit across, or up from the axis below, with its name."""
        if upright:
            start, end = (value, self._y.low), (value, self._y.high)
            at = self._beside(value)
        else:
            start, end = (self._x.low, value), (self._x.high, value)
            at = f'x="{WIDTH - RIGHT - 2}" y="{self._top(value) - 3:.1f}" text-anchor="end"'
        self.line((start, end), "limit")
        self._shapes.append(f'<text class="note" {at}>{escape(text)}</text>')

    def span(self, start: float, end: float) -> None:
        """Shade a stretch of the axis below, behind everything."""
        x, width = self._left(start), max(1.0, self._left(end) - self._left(start))
        self._shapes.insert(
            0,
            f'<rect class="gap" x="{x:.1f}" y="{TOP}" width="{width:.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}"/>',
        )

    def upright(self, x: float, text: str) -> None:
        """Draw a dotted line at an instant, with a word at its top."""
        self.line(((x, self._y.low), (x, self._y.high)), "instant")
        self._shapes.append(f'<text class="note" {self._beside(x)}>{escape(text)}</text>')

    def say(self, text: str) -> None:
        """Write a sentence in the middle of a chart that has nothing else to show."""
        self._is_empty = True
        x, y = LEFT + (WIDTH - LEFT - RIGHT) / 2, TOP + (HEIGHT - TOP - BOTTOM) / 2
        self._shapes.append(
            f'<text class="note" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(text)}</text>'
        )

    def svg(self) -> str:
        """The chart as text."""
        title = escape(self._title)
        parts = [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">',
            f'<text class="title" x="2" y="12">{title}</text>',
            *self._grid(),
            *self._shapes,
            *self._labels(),
            "</svg>",
        ]
        return "\n".join(parts)

    def _grid(self) -> list[str]:
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        parts = [f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>']
        if self._is_empty:
            return parts
        for value in self._y.ticks():
            y = self._top(value)
            parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>')
            parts.append(
                f'<text class="tick" x="{LEFT - 4}" y="{y + 3:.1f}" text-anchor="end">'
                f"{tick_text(value)}</text>"
            )
        for value in self._x.ticks():
            x = self._left(value)
            parts.append(f'<path class="axis" d="M{x:.1f} {bottom}v3"/>')
            parts.append(
                f'<text class="tick" x="{x:.1f}" y="{bottom + 12}" text-anchor="middle">'
                f"{tick_text(value)}</text>"
            )
        return parts

    def _labels(self) -> list[str]:
        middle_x = LEFT + (WIDTH - LEFT - RIGHT) / 2
        middle_y = TOP + (HEIGHT - TOP - BOTTOM) / 2
        return [
            f'<text class="label" x="{middle_x:.0f}" y="{HEIGHT - 5}" text-anchor="middle">'
            f"{escape(self._x.label)}</text>",
            f'<text class="label" transform="translate(10 {middle_y:.0f}) rotate(-90)" '
            f'text-anchor="middle">{escape(self._y.label)}</text>',
        ]

    def _beside(self, x: float) -> str:
        """Where a word at the top of an upright line goes: where there is more room."""
        anchor, shift = ("end", -3) if self._x.share(x) > 0.6 else ("start", 3)
        return f'x="{self._left(x) + shift:.1f}" y="{TOP + 9}" text-anchor="{anchor}"'

    def _at(self, place: Place) -> str:
        return f"{self._left(place[0]):.1f} {self._top(place[1]):.1f}"

    def _left(self, x: float) -> float:
        return LEFT + self._x.share(x) * (WIDTH - LEFT - RIGHT)

    def _top(self, y: float) -> float:
        return HEIGHT - BOTTOM - self._y.share(y) * (HEIGHT - TOP - BOTTOM)
