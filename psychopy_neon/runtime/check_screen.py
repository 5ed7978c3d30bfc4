"""The screen of a check: readable from a metre away, in words as well as in colours."""

from __future__ import annotations

from typing import Any

from psychopy import visual

from psychopy_neon.readiness import Item, Readiness
from psychopy_neon.runtime.check_layout import INK, PAPER, Row, lay_out
from psychopy_neon.runtime.check_picture import CheckPicture
from psychopy_neon.runtime.check_text import text_at
from psychopy_neon.transport.picture_board import Preview

COLOURS = {"good": "#0a7d55", "warning": "#9a5b00", "bad": "#c02020", "waiting": "#55606e"}
WORDS = {"good": "OK", "warning": "LOOK", "bad": "FAULT", "waiting": "WAIT"}
BANNER = {
    "ready": "good",
    "ready with warnings": "warning",
    "not ready": "bad",
    "waiting": "waiting",
}
_HEAD, _HEAD_TEXT, _KEY_TEXT, _KEY_LINE = 0.075, 0.044, 0.026, 0.037
_LONGEST_KEY = 17.0  # in heights of its letters
_KEYS_HEIGHT = 0.2  # with the caption of the picture
_GAP, _PICTURE_SHARE = 0.02, 0.37
_MOST_ROWS_KEPT = 200


class CheckScreen:
    """Draws what was found, between the markers of a window.

    Parameters
    ----------
    win : psychopy.visual.Window
        Any units, any background.
    markers : NeonMarkers
        Those of that window.
    """

    def __init__(self, win: Any, markers: Any) -> None:
        self._win = win
        width_px, height_px = (float(side) for side in win.size)
        layout = markers.layout
        tile_px = layout.side_px + 2 * layout.quiet_px if markers.shown else 0
        margin = tile_px / height_px + _GAP / 2
        self._width, self._height = width_px / height_px - 2 * margin, 1 - 2 * margin
        self._paper = self._rect((0.0, 0.0), (self._width, self._height), PAPER)
        self._banner = self._rect(
            (0.0, self._height / 2 - _HEAD / 2), (self._width, _HEAD), COLOURS["waiting"]
        )
        self._headline = self._text(self._banner.pos, "", _HEAD_TEXT, PAPER, bold=True, left=False)
        picture = _within(
            _PICTURE_SHARE * self._width, self._height - _HEAD - 2 * _GAP - _KEYS_HEIGHT
        )
        self._list_width = self._width - picture[0] - 3 * _GAP
        self._picture = CheckPicture(
            win, (self._width / 2 - _GAP, self._height / 2 - _HEAD - _GAP), picture
        )
        self._key_text = min(_KEY_TEXT, picture[0] / _LONGEST_KEY)
        self._legend: dict[tuple[str, int], Any] = {}
        self._rows: dict[tuple[Item, float, float], list[Any]] = {}

    def show_picture(self, preview: Preview) -> None:
        """Show this picture of the scene camera from now on."""
        self._picture.show(preview)

    def draw(self, readiness: Readiness, legend: list[str]) -> None:
        """Draw into the back buffer.

        Parameters
        ----------
        readiness : Readiness
        legend : list of str
            What can be done now.
        """
        colour = COLOURS[BANNER[readiness.verdict]]
        if self._headline.text != headline(readiness):
            self._headline.text = headline(readiness)
            self._banner.fillColor = colour
        for stimulus in (self._paper, self._banner, self._headline):
            stimulus.draw()
        self._picture.draw()
        self._draw_list(readiness)
        for number, line in enumerate(legend):
            self._legend_line(line, number).draw()

    def _draw_list(self, readiness: Readiness) -> None:
        room = self._height - _HEAD - 2 * _GAP
        rows, scale = lay_out(readiness.items, self._list_width, room)
        top = self._height / 2 - _HEAD - _GAP
        for row in rows:
            for stimulus in self._row(row, top - row.offset, scale):
                stimulus.draw()

    def _row(self, row: Row, top: float, scale: float) -> list[Any]:
        key = (row.item, round(top, 4), scale)
        if key not in self._rows:
            if len(self._rows) >= _MOST_ROWS_KEPT:
                self._rows.clear()
            self._rows[key] = self._make_row(row, top)
        return self._rows[key]

    def _make_row(self, row: Row, top: float) -> list[Any]:
        left, item = -self._width / 2 + _GAP, row.item
        middle = top - row.head / 2
        badge = (left + row.badge / 2, middle)
        stimuli = [
            self._rect(badge, (row.badge, 0.84 * row.head), COLOURS[item.state]),
            self._text(badge, WORDS[item.state], row.badge_text, PAPER, bold=True, left=False),
            self._text((left + row.title_at, middle), item.title, row.text, INK, bold=True),
            self._text((left + row.value_at, middle), item.value, row.text, INK),
        ]
        if row.lines:
            place = (left + row.title_at, top - row.head - row.line * len(row.lines) / 2)
            colour = INK if item.state == "good" else COLOURS[item.state]
            stimuli.append(self._text(place, "\n".join(row.lines), row.small, colour))
        return stimuli

    def _legend_line(self, line: str, number: int) -> Any:
        key = (line, number)
        if key not in self._legend:
            if len(self._legend) >= _MOST_ROWS_KEPT:
                self._legend.clear()
            left, bottom = self._picture.left_bottom
            place = (left, bottom - _KEY_LINE * (number + 1.1))
            self._legend[key] = self._text(place, line, self._key_text, INK, bold=number < 3)
        return self._legend[key]

    def _rect(self, place: Any, size: Any, colour: str) -> Any:
        return visual.Rect(
            self._win,
            width=size[0],
            height=size[1],
            pos=place,
            units="height",
            fillColor=colour,
            lineColor=None,
            autoLog=False,
        )

    def _text(self, place: Any, text: str, height: float, colour: str, **style: bool) -> Any:
        return text_at(self._win, place, text, height, colour, **style)


def _within(width: float, height: float) -> tuple[float, float]:
    """The largest 4 by 3."""
    return min(width, height / 0.75), min(0.75 * width, height)


def headline(readiness: Readiness) -> str:
    """All of it in a few words."""
    faults = len(readiness.bad)
    if faults:
        return f"NOT READY: {faults} thing{'s' * (faults > 1)} to put right"
    return {
        "ready": "READY",
        "ready with warnings": "READY, but look at the warnings",
        "waiting": "PLEASE WAIT",
    }[readiness.verdict]
