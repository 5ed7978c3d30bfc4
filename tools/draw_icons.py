"""Draw the icons of the Builder components: ``python tools/draw_icons.py``.

One description per icon, on a grid of 48 x 48, gives the SVG (for Studio, which colours it through
CSS variables) and PNGs of 48 and 96 pixels for each theme of the wx application. Needs Pillow,
which PsychoPy brings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

GRID = 48
OVERSAMPLING = 8
COMPONENTS = Path(__file__).resolve().parents[1] / "builder_components"
THEMES = {
    "light": {"outline": "#66666e", "blue": "#02a9ea", "red": "#f2545b", "orange": "#ec9703"},
    "dark": {"outline": "#acacb0", "blue": "#02a9ea", "red": "#f2545b", "orange": "#ec9703"},
    "classic": {"outline": "#26262c", "blue": "#3f7fd8", "red": "#d8232a", "orange": "#e08a00"},
}

Points = tuple[tuple[float, float], ...]


class Canvas:
    """A PNG in the making, drawn large and shrunk at the end."""

    def __init__(self, size_px: int, colours: dict[str, str]) -> None:
        side = size_px * OVERSAMPLING
        self.size_px, self.colours, self.scale = size_px, colours, side / GRID
        self.image = Image.new("RGBA", (side, side))
        self.draw = ImageDraw.Draw(self.image)

    def finished(self) -> Image.Image:
        """The icon at its real size."""
        return self.image.resize((self.size_px, self.size_px), Image.Resampling.BOX)

    def points(self, points: Points) -> list[tuple[float, float]]:
        """Grid coordinates as pixels."""
        return [(x * self.scale, y * self.scale) for x, y in points]


@dataclass(frozen=True)
class Disc:
    """A filled circle."""

    x: float
    y: float
    radius: float
    colour: str

    def png(self, canvas: Canvas) -> None:
        """Draw on a canvas."""
        left_top = (self.x - self.radius, self.y - self.radius)
        right_bottom = (self.x + self.radius, self.y + self.radius)
        box = (left_top, right_bottom)
        canvas.draw.ellipse(canvas.points(box), fill=canvas.colours[self.colour])

    def svg(self) -> str:
        """As an SVG element."""
        fill = _css("fill", self.colour)
        return f'<circle cx="{self.x:g}" cy="{self.y:g}" r="{self.radius:g}" style="{fill}"/>'


@dataclass(frozen=True)
class Shape:
    """A filled polygon."""

    points: Points
    colour: str

    def png(self, canvas: Canvas) -> None:
        """Draw on a canvas."""
        canvas.draw.polygon(canvas.points(self.points), fill=canvas.colours[self.colour])

    def svg(self) -> str:
        """As an SVG element."""
        return f'<polygon points="{_listed(self.points)}" style="{_css("fill", self.colour)}"/>'


@dataclass(frozen=True)
class Line:
    """A line with round joints and ends."""

    points: Points
    width: float
    colour: str = "outline"

    def png(self, canvas: Canvas) -> None:
        """Draw on a canvas."""
        pixels = canvas.points(self.points)
        colour = canvas.colours[self.colour]
        canvas.draw.line(pixels, fill=colour, width=round(self.width * canvas.scale))
        for x, y in self.points:
            Disc(x, y, self.width / 2, self.colour).png(canvas)

    def svg(self) -> str:
        """As an SVG element."""
        style = (
            f"fill:none;{_css('stroke', self.colour)};stroke-width:{self.width:g};"
            "stroke-linecap:round;stroke-linejoin:round"
        )
        return f'<polyline points="{_listed(self.points)}" style="{style}"/>'


Part = Disc | Shape | Line


def _listed(points: Points) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _css(attribute: str, colour: str) -> str:
    return f"{attribute}:var(--{colour}, {THEMES['light'][colour]})"


def _curve(
    start: tuple[float, float], pull: tuple[float, float], end: tuple[float, float]
) -> Points:
    steps = [step / 12 for step in range(13)]
    return tuple(
        (
            (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * pull[0] + t**2 * end[0],
            (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * pull[1] + t**2 * end[1],
        )
        for t in steps
    )


def _glasses() -> list[Part]:
    lens: Points = ((6, 5), (20, 5), (21, 12), (18, 19), (9, 19), (5, 13), (6, 5))
    mirrored: Points = tuple((GRID - x, y) for x, y in lens)
    bridge = _curve((21, 8.5), (24, 5.5), (27, 8.5))
    arms = [Line(((6, 5), (2, 7)), 3.4), Line(((42, 5), (46, 7)), 3.4)]
    return [Line(lens, 3.4), Line(mirrored, 3.4), Line(bridge, 3.4), *arms]


def _ring(x: float, y: float, radius: float, width: float) -> Line:
    quarter = 0.7071 * radius
    around = (
        _curve((x, y - radius), (x + radius * 0.42, y - radius), (x + quarter, y - quarter))
        + _curve((x + quarter, y - quarter), (x + radius, y - radius * 0.42), (x + radius, y))
        + _curve((x + radius, y), (x + radius, y + radius * 0.42), (x + quarter, y + quarter))
        + _curve((x + quarter, y + quarter), (x + radius * 0.42, y + radius), (x, y + radius))
    )
    other = tuple((2 * x - px, py) for px, py in reversed(around))
    return Line(around + other, width)


def _tag(x: float, y: float, hole: tuple[int, int]) -> list[Part]:
    def square(left: float, top: float, side: float, colour: str) -> Shape:
        right, bottom = left + side, top + side
        return Shape(((left, top), (right, top), (right, bottom), (left, bottom)), colour)

    inner = square(x + 2.5 + 3 * hole[0], y + 2.5 + 3 * hole[1], 4, "blue")
    return [square(x, y, 12, "outline"), inner]


def icons() -> dict[str, list[Part]]:
    """All icons by the stem of their files."""
    frame: Points = ((3, 5), (45, 5), (45, 43), (3, 43), (3, 5))
    corners = (((8, 10), (0, 1)), ((28, 10), (1, 0)), ((8, 26), (1, 1)), ((28, 26), (0, 0)))
    ticks = (((24, 1), (24, 12)), ((24, 36), (24, 47)), ((1, 24), (12, 24)), ((36, 24), (47, 24)))
    lid, lower = _curve((6, 36), (24, 18), (42, 36)), _curve((42, 36), (24, 54), (6, 36))
    return {
        "neon_recording": [*_glasses(), _ring(24, 35, 10.5, 3), Disc(24, 35, 6.5, "red")],
        "neon_event": [
            *_glasses(),
            Shape(((17, 25.5), (37, 31.5), (17, 37.5)), "orange"),
            Line(((17, 25.5), (17, 45.5)), 3.4),
        ],
        "neon_gaze": [
            *_glasses(),
            Disc(24, 36, 7.5, "blue"),
            Line(lid + lower, 3.4),
            Disc(24, 36, 3, "outline"),
        ],
        "neon_check": [
            Line(((5, 4), (43, 4), (43, 44), (5, 44), (5, 4)), 3.4),
            *(
                part
                for y, colour in ((13, "blue"), (24, "blue"), (35, "orange"))
                for part in (Disc(14, y, 4, colour), Line(((24, y), (36, y)), 3.4))
            ),
        ],
        "neon_display_lag": [
            Line(((4, 5), (44, 5), (44, 33), (4, 33), (4, 5)), 3.4),
            Line(((24, 33), (24, 42)), 3.4),
            Line(((14, 42.5), (34, 42.5)), 3.4),
            Shape(((10, 11), (22, 11), (22, 27), (10, 27)), "outline"),
            Shape(((26, 11), (38, 11), (38, 27), (26, 27)), "orange"),
        ],
        "neon_gate": [
            _ring(24, 24, 18.5, 3.4),
            Disc(24, 24, 6, "blue"),
            *(Line(line, 3.4) for line in ticks),
        ],
        "neon_validate": [
            Disc(24, 24, 20, "blue"),
            _ring(24, 24, 18.5, 3.4),
            Line(((13, 31), (21, 39), (40, 14)), 5),
        ],
        "neon_markers": [
            Line(frame, 3.4),
            *(part for (x, y), hole in corners for part in _tag(x, y, hole)),
        ],
    }


def draw(stem: str, parts: list[Part]) -> None:
    """Write all files of one icon."""
    folder = COMPONENTS / stem
    body = "\n".join(f"  {part.svg()}" for part in parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GRID} {GRID}">'
    (folder / f"{stem}.svg").write_text(f"{head}\n{body}\n</svg>\n", encoding="utf-8")
    for theme, colours in THEMES.items():
        (folder / theme).mkdir(exist_ok=True)
        for factor, suffix in ((1, ""), (2, "@2x")):
            canvas = Canvas(GRID * factor, colours)
            for part in parts:
                part.png(canvas)
            canvas.finished().save(folder / theme / f"{stem}{suffix}.png", optimize=True)


if __name__ == "__main__":
    for icon_stem, icon_parts in icons().items():
        draw(icon_stem, icon_parts)
