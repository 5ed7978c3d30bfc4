"""What a validation found, shown where it was found."""

from __future__ import annotations

import math
from typing import Any

from psychopy import visual

from psychopy_neon.samples import Point
from psychopy_neon.screen.accuracy import Accuracy, PointAccuracy

_INK, _PAPER = "black", "white"
_COLOURS = {True: "#0072b2", False: "#d55e00"}  # told apart by the colour-blind
_TEXT, _SMALL_TEXT = 0.024, 0.02
_RING, _DOT = 0.014, 0.008
_PANEL_WIDTH, _LINE = 0.5, 0.031
_LETTER, _LABEL_HEIGHT, _MARGIN = 0.012, 0.03, 0.02
_SUMMARY_Y, _KEYS_Y = 0.185, -0.185


class ValidationPicture:
    """Targets, mean gaze and numbers, on the window.

    A ring is a target, the dot beside it the mean gaze, the large circle the pass limit. The
    dot is placed by the distance that the pose tells, taking the window to be seen straight on.

    Parameters
    ----------
    win : psychopy.visual.Window
    accuracy : Accuracy
    limit_deg : float
        Beyond it, a target's gaze is drawn in another colour.
    lines : list of str
        Of the summary.
    keys : list of str
        What can be done now.
    """

    def __init__(
        self, win: Any, accuracy: Accuracy, limit_deg: float, lines: list[str], keys: list[str]
    ) -> None:
        self._win = win
        self._aspect = float(win.size[0]) / float(win.size[1])
        self._stimuli = [
            part for point in accuracy.points for part in self._of_point(point, limit_deg)
        ]
        self._stimuli += self._panel(lines, _SUMMARY_Y) + self._panel(keys, _KEYS_Y)

    def draw(self) -> None:
        """Draw into the back buffer."""
        for stimulus in self._stimuli:
            stimulus.draw()

    def _of_point(self, point: PointAccuracy, limit_deg: float) -> list[Any]:
        x, y = point.target[0] * self._aspect / 2, point.target[1] / 2
        ring = self._circle((x, y), _RING, None, _INK)
        if point.problem:
            return [ring, *self._label((x, y), _RING, point.problem, _COLOURS[False])]
        colour = _COLOURS[point.accuracy_deg <= limit_deg]
        limit = _aside(limit_deg, point)
        gaze = (x + _aside(point.offset_x_deg, point), y + _aside(point.offset_y_deg, point))
        return [
            self._circle((x, y), limit, None, _INK),
            visual.Line(
                self._win,
                (x, y),
                gaze,
                units="height",
                lineColor=colour,
                lineWidth=2,
                autoLog=False,
            ),
            ring,
            self._circle(gaze, _DOT, colour, _PAPER),
            *self._label((x, y), limit, f"{point.accuracy_deg:.2f}°", colour),
        ]

    def _circle(self, place: Point, radius: float, fill: str | None, line: str) -> Any:
        return visual.Circle(
            self._win,
            radius=radius,
            pos=place,
            units="height",
            edges=48,
            fillColor=fill,
            lineColor=line,
            lineWidth=1.5,
            autoLog=False,
        )

    def _text(self, place: Point, text: str, colour: str, height: float = _SMALL_TEXT) -> Any:
        return visual.TextStim(
            self._win,
            text=text,
            pos=place,
            units="height",
            height=height,
            color=colour,
            wrapWidth=_PANEL_WIDTH,
            autoLog=False,
        )

    def _label(self, target: Point, radius: float, text: str, colour: str) -> list[Any]:
        """Beside a target, where neither panels nor markers are."""
        width = _LETTER * len(text) + _MARGIN
        aside = radius + width / 2 + _MARGIN / 2
        is_far_out = abs(target[0]) > self._aspect / 4
        to_the_right = (target[0] >= 0) != is_far_out
        place = (target[0] + (aside if to_the_right else -aside), target[1])
        return [self._paper(place, (width, _LABEL_HEIGHT)), self._text(place, text, colour)]

    def _paper(self, place: Point, size: Point) -> Any:
        return visual.Rect(
            self._win,
            width=size[0],
            height=size[1],
            pos=place,
            units="height",
            fillColor=_PAPER,
            lineColor=None,
            autoLog=False,
        )

    def _panel(self, lines: list[str], middle: float) -> list[Any]:
        paper = self._paper((0.0, middle), (_PANEL_WIDTH, _LINE * (len(lines) + 0.6)))
        top = middle + _LINE * (len(lines) - 1) / 2
        texts = [
            self._text((0.0, top - _LINE * number), line, _INK, _SMALL_TEXT if number else _TEXT)
            for number, line in enumerate(lines)
        ]
        return [paper, *texts]


def _aside(angle_deg: float, point: PointAccuracy) -> float:
    """Length on the window, in window heights, of an angle at the target."""
    distance = point.distance if math.isfinite(point.distance) else 2.0
    return distance * math.tan(math.radians(angle_deg))
