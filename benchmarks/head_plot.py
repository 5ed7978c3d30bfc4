"""Draws error over head speed as SVG, one line for each way of mapping."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 70, 250, 56, 64
SPEEDS = (0, 4, 8, 12, 16, 20, 25, 30, 35, 40, 45, 50, 60, 75)
LOWEST, HIGHEST = 0.001, 10.0
COLOURS = ("#8c2d04", "#e6804a", "#7a7a7a", "#1b6ca8", "#2c8a4b")
FEWEST = 30


def draw(by_speed: dict[str, tuple[Array, Array]], path: Path) -> None:
    """Write the plot: medians as lines, up to the 95th percentile as shades.

    Parameters
    ----------
    by_speed : dict of str to tuple of two ndarray
        Way of mapping -> head speed (deg/s) and error (deg) of each sample.
    path : Path
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="24" font-size="17">Gaze on the screen: error added by tags and '
        "head motion</text>",
        f'<text x="{LEFT}" y="43" fill="#555">real head (gyroscope trace), picture 50 ms later '
        "than gaze; line: median, shade: up to 95 %</text>",
        *_grid(),
    ]
    labels: list[float] = []
    for colour, (name, (speed, error)) in zip(COLOURS, by_speed.items(), strict=False):
        parts += _line(name, colour, _binned(speed, error), labels)
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


def _binned(speed: Array, error: Array) -> list[tuple[float, float, float]]:
    found = []
    for low, high in itertools.pairwise(SPEEDS):
        inside = (speed >= low) & (speed < high) & np.isfinite(error)
        if inside.sum() >= FEWEST:
            median, upper = np.percentile(error[inside], [50, 95])
            found.append((float(speed[inside].mean()), float(median), float(upper)))
    return found


def _line(
    name: str, colour: str, points: list[tuple[float, float, float]], labels: list[float]
) -> list[str]:
    middle = " ".join(f"{_x(speed):.1f},{_y(median):.1f}" for speed, median, _ in points)
    upper = " ".join(f"{_x(speed):.1f},{_y(high):.1f}" for speed, _, high in reversed(points))
    speed, median, _ = points[-1]
    place = _y(median)
    while any(abs(place - other) < 17 for other in labels):
        place += 4
    labels.append(place)
    return [
        f'<polygon points="{middle} {upper}" fill="{colour}" opacity="0.13"/>',
        f'<polyline points="{middle}" fill="none" stroke="{colour}" stroke-width="2.5"/>',
        f'<text x="{_x(speed) + 10:.0f}" y="{place + 4:.0f}" fill="{colour}">{name}</text>',
    ]


def _grid() -> list[str]:
    parts = []
    for error in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10):
        y = _y(error)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{error:g}°</text>')
    for speed in range(0, 71, 10):
        x = _x(speed)
        parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#eee"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{speed}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    label = "speed of the head (degrees per second)"
    parts.append(f'<text x="{middle}" y="{HEIGHT - 18}" text-anchor="middle">{label}</text>')
    return parts


def _x(speed: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * speed / 70


def _y(error: float) -> float:
    bounded = min(max(error, LOWEST), HIGHEST)
    part = math.log(bounded / LOWEST) / math.log(HIGHEST / LOWEST)
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part
