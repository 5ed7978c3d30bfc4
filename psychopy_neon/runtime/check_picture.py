"""The live picture of the scene camera, with gaze and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psychopy import visual

from psychopy_neon.runtime.check_text import text_at
from psychopy_neon.samples import Point
from psychopy_neon.transport.picture_board import Preview, PreviewTag
from psychopy_neon.visual.markers import grey_picture

_GAZE, _GOOD, _NOT_GOOD, _EMPTY = "#e8291c", "#12c07f", "#ff9d00", "#30363d"
_RING, _TEXT, _CAPTION = 0.022, 0.024, 0.02
_OUTSIDE = 1.6
CAPTION = "Scene camera. Ring: gaze. Green: good marker."
_CAPTION_WIDTH = 26.0  # in heights of its letters


class CheckPicture:
    """What the scene camera sees.

    Parameters
    ----------
    win : psychopy.visual.Window
    right_top : tuple of 2 float
        Corner of the room for it, ``height`` units.
    size : tuple of 2 float
        Of that room; pictures of other proportions are made to fit in.
    """

    def __init__(self, win: Any, right_top: Point, size: Point) -> None:
        self._win = win
        self._room = size
        self._middle = (right_top[0] - size[0] / 2, right_top[1] - size[1] / 2)
        self._size = size
        self._empty = visual.Rect(
            win,
            width=size[0],
            height=size[1],
            pos=self._middle,
            units="height",
            fillColor=_EMPTY,
            lineColor=None,
            autoLog=False,
        )
        self._no_picture = text_at(win, self._middle, "no picture yet", _TEXT, "white", left=False)
        left, bottom = right_top[0] - size[0], right_top[1] - size[1]
        height = min(_CAPTION, size[0] / _CAPTION_WIDTH)
        self._caption = text_at(win, (left, bottom - 0.8 * _CAPTION), CAPTION, height, "#101418")
        self.left_bottom = (left, bottom - 2.0 * _CAPTION)
        self._image: Any = None
        self._outlines: list[Any] = []
        self._gaze: Point | None = None
        self._tags: tuple[PreviewTag, ...] = ()
        self._rings = [self._ring(_RING, "white", 5), self._ring(_RING, _GAZE, 3)]

    def show(self, preview: Preview) -> None:
        """Show this one from now on."""
        height, width = preview.luma.shape
        scale = min(self._room[0] / width, self._room[1] / height)
        self._size = (scale * width, scale * height)
        picture = grey_picture(preview.luma)
        if self._image is None:
            self._image = visual.ImageStim(
                self._win,
                image=picture,
                pos=self._middle,
                size=self._size,
                units="height",
                autoLog=False,
            )
        else:
            self._image.image = picture
            self._image.size = self._size
        self._gaze, self._tags = preview.gaze, preview.tags

    def draw(self) -> None:
        """Draw into the back buffer."""
        self._empty.draw()
        self._caption.draw()
        if self._image is None:
            self._no_picture.draw()
            return
        self._image.draw()
        for number, tag in enumerate(self._tags):
            if all(_is_inside(corner) for corner in tag.corners):
                self._outline(number, tag).draw()
        if self._gaze is not None and _is_inside(self._gaze):
            for ring in self._rings:
                ring.pos = self._place(self._gaze)
                ring.draw()

    def _outline(self, number: int, tag: PreviewTag) -> Any:
        while len(self._outlines) <= number:
            self._outlines.append(
                visual.ShapeStim(
                    self._win,
                    units="height",
                    fillColor=None,
                    lineWidth=3,
                    closeShape=True,
                    autoLog=False,
                )
            )
        outline = self._outlines[number]
        outline.vertices = [self._place(corner) for corner in _around(tag.corners)]
        outline.lineColor = _GOOD if tag.good else _NOT_GOOD
        return outline

    def _place(self, point: Point) -> Point:
        """On the window, of fractions of the picture."""
        return (
            self._middle[0] + (point[0] - 0.5) * self._size[0],
            self._middle[1] + (0.5 - point[1]) * self._size[1],
        )

    def _ring(self, radius: float, colour: str, width: float) -> Any:
        return visual.Circle(
            self._win,
            radius=radius,
            units="height",
            edges=48,
            fillColor=None,
            lineColor=colour,
            lineWidth=width,
            autoLog=False,
        )


def _around(corners: Sequence[Point]) -> list[Point]:
    """A little outside of the tag, which is small and is to be seen."""
    middle_x = sum(x for x, _ in corners) / len(corners)
    middle_y = sum(y for _, y in corners) / len(corners)
    return [
        (middle_x + _OUTSIDE * (x - middle_x), middle_y + _OUTSIDE * (y - middle_y))
        for x, y in corners
    ]


def _is_inside(point: Point) -> bool:
    return all(0.0 <= each <= 1.0 for each in point)
