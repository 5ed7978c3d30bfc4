"""The frame of tags that lets the scene camera find the window."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from psychopy.colors import Color
from psychopy.visual.basevisual import MinimalStim
from psychopy.visual.image import ImageStim

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.given_numbers import number, whole_number
from psychopy_neon.screen.markers import (
    MODULES,
    WHITE_LEVEL,
    Marker,
    MarkerLayout,
    frame_layout,
    tile_levels,
)
from psychopy_neon.visual.printed import Printed, check_together, printed_tags
from psychopy_neon.visual.window_units import units_per_norm

DIMMED = 0.6
"""Of the white when dimmed: a third of its light. With less, tags are lost in ordinary light."""

ON_TOP_DEPTH = -100_000.0
"""PsychoPy draws the lowest depth last; Builder numbers its components -1, -2, ... downwards."""


class NeonMarkers(MinimalStim):
    """Tags along the border of a window, drawn on top of everything else.

    The scene camera of the glasses needs them to tell where on the window somebody looks. Each
    tag is a small picture whose modules are whole device pixels, so that its corners are where
    `surface` says to the pixel. For that reason there is no size, position, orientation or
    opacity to set afterwards: choose when creating. Only `dimmed` may change at any time.

    With `autoDraw` the tags cover other stimuli that are drawn automatically; a stimulus drawn
    by hand after `draw` covers them. A window that mirrors its picture (negative ``viewScale``)
    shows tags that cannot be found.

    Parameters
    ----------
    win : psychopy.visual.Window
        Where they are drawn, and for whose size they are laid out.
    name : str
        For PsychoPy's log.
    tag_size : float
        Side of each black square as a fraction of the window's height; rounded so that each of
        its 8 modules is a whole number of pixels.
    columns, rows : int
        Tags along the horizontal and along the vertical edges, at least 2; 3 x 3 is 8 tags.
    first_id : int
        Id of the tag at the top left (family 36h11, 0-586); the others count up row by row.
    white : int or None
        Grey level of the white modules, 1-255. None takes the window's colour if that is brighter
        than 200, and 200 otherwise: tags darker than what surrounds them are found less often,
        full white overexposes the scene camera sooner.
    printed : path-like or PrintedTags, optional
        Tags on paper around the screen, which the window has to fill: the file that
        ``psychopy-neon markers --layout`` has written, with the places that were measured.
    shown : bool
        False shows none, for printed ones alone; nothing else of the layout matters then.
    depth : float
        Drawing order among automatically drawn stimuli; the lowest is on top.
    autoLog : bool or None
        Whether changes are logged; None asks the window.

    Raises
    ------
    UsageError
        If the tags do not fit into the window, do not exist, have an impossible white, or are
        printed as well; if the file cannot be read; if there are neither shown nor printed ones.
    """

    def __init__(
        self,
        win: Any,
        name: str = "",
        tag_size: float = 0.08,
        columns: int = 3,
        rows: int = 3,
        first_id: int = 0,
        white: int | None = None,
        printed: Printed = None,
        shown: bool = True,
        depth: float = ON_TOP_DEPTH,
        autoLog: bool | None = None,  # noqa: N803  PsychoPy's name
    ) -> None:
        super().__init__(name=name, autoLog=False)
        if white is not None and not 1 <= white <= 255:
            raise UsageError(f"the white of the tags must be between 1 and 255, not {white}.")
        self.win = win
        self.depth = depth
        self.white = max(WHITE_LEVEL, _brightness(win)) if white is None else int(white)
        self._lay_out = partial(
            frame_layout,
            tag_size=number(tag_size, "Size of a marker", name or "the markers"),
            columns=whole_number(columns, "Columns", name or "the markers"),
            rows=whole_number(rows, "Rows", name or "the markers"),
            first_id=whole_number(first_id, "First marker", name or "the markers"),
        )
        self.shown = bool(shown)
        self.printed = printed_tags(printed)
        self._dimmed = False
        self._registered_size: tuple[int, int] | None = None
        self._arrange()
        check_together(self.printed, self._layout.tag_ids if self.shown else ())
        if self.shown:
            self._tiles_of(self.white)  # not in the first frame
        self.__dict__["autoLog"] = win.autoLog if autoLog is None else autoLog

    @property
    def fills_window(self) -> bool:
        """Whether they are around a window, or a screen that it fills."""
        return True

    @property
    def layout(self) -> MarkerLayout:
        """Where the tags are, for the present size of the window."""
        if self._layout.size_px != _size_px(self.win):
            self._arrange()
        return self._layout

    @property
    def markers(self) -> tuple[Marker, ...]:
        """All tags by which the window is found, shown and printed, in its ``norm`` units."""
        layout = self.layout
        width, height = layout.size_px
        drawn = layout.markers if self.shown else ()
        if self.printed is None:
            return drawn
        return drawn + self.printed.markers(width / height if self.fills_window else None)

    @property
    def covered_fraction(self) -> float:
        """Share of the window that the tags and their margins take from the stimuli, 0 to 1."""
        return self.layout.covered_fraction if self.shown else 0.0

    @property
    def dimmed(self) -> bool:
        """Whether they give a third of their light, as between trials; change it at any time.

        They are still found in ordinary light. In a dark picture, or before a white background,
        they may be lost; gaze is then not valid (``"no screen"`` or ``"screen too old"``).
        """
        return self._dimmed

    @dimmed.setter
    def dimmed(self, dimmed: bool) -> None:
        self._dimmed = bool(dimmed)

    def setDimmed(self, dimmed: bool, log: bool | None = None) -> None:  # noqa: N802
        """Set `dimmed`, as Builder's scripts do.

        Parameters
        ----------
        dimmed : bool
        log : bool or None
            Ignored.
        """
        self.dimmed = dimmed

    @property
    def units_per_norm(self) -> tuple[float, float]:
        """How many of the window's units one ``norm`` unit is, (x, y).

        Holds for all units that are proportional to pixels: norm, height, pix, cm and deg. For
        degFlat and degFlatPos, which are not, it is (1.0, 1.0): the gaze stays in ``norm``.

        Raises
        ------
        UsageError
            If the units need a monitor width or distance that PsychoPy does not know.
        """
        return units_per_norm(self.win)

    def size_changed(self) -> bool:
        """Whether the window has another size than at the last `surface` (True before it)."""
        return self._registered_size != _size_px(self.win)

    def surface(self) -> dict[str, Any]:
        """Describe the tags to the eye tracker device, as its ``neon_set_surface`` wants it.

        Returns
        -------
        dict
            ``"tags"``: ``[[tag_id, [[x, y], [x, y], [x, y], [x, y]]], ...]`` with the corners of
            the black squares in ``norm`` units of the window (-1 to 1, y up), in the order top
            left, top right, bottom right, bottom left. ``"units_per_norm"``: ``[x, y]``.
            ``"size_px"``: width and height of the window; 0 if the tags are around none.
            ``"height_mm"``: of the screen, if the file of printed tags tells.
        """
        layout = self.layout
        fills = self.fills_window
        told: dict[str, Any] = {
            "tags": [_plain(marker) for marker in self.markers],
            "units_per_norm": list(self.units_per_norm) if fills else [1.0, 1.0],
            "size_px": list(layout.size_px) if fills else [0, 0],
        }
        if self.printed is not None:
            told["height_mm"] = self.printed.screen_mm[1]
        self._registered_size = layout.size_px
        return told

    def draw(self, win: Any = None) -> None:
        """Draw the tags into the back buffer; they appear with the next flip.

        Parameters
        ----------
        win : psychopy.visual.Window, optional
            Must be the stimulus's own window, for which the tags were laid out.

        Raises
        ------
        UsageError
            If it is another window.
        """
        if win is not None and win is not self.win:
            raise UsageError("NeonMarkers belong to one window: create others for another window.")
        if self._layout.size_px != _size_px(self.win):
            self._arrange()
        if self.shown:
            for tile in self._tiles_of(self.white * DIMMED if self._dimmed else self.white):
                tile.draw()

    def _arrange(self) -> None:
        self._layout = self._lay_out(_size_px(self.win))
        lefts_tops = self._layout.corners_px()[:, 0] - self._layout.quiet_px
        self._lefts_tops = dict(zip(self._layout.tag_ids, lefts_tops, strict=True))
        self._tiles: dict[int, list[ImageStim]] = {}

    def _tiles_of(self, white: float) -> list[ImageStim]:
        level = max(1, round(white))
        if level not in self._tiles:
            quiet_modules = self._layout.quiet_px * MODULES // self._layout.side_px
            self._tiles[level] = [
                self.tile(tag_id, tile_levels(tag_id, quiet_modules=quiet_modules, white=level))
                for tag_id in self._layout.tag_ids
            ]
        return self._tiles[level]

    def tile(self, tag_id: int, levels: npt.NDArray[np.uint8]) -> ImageStim:
        """A picture in the place of a tag and its margin.

        Parameters
        ----------
        tag_id : int
            The tag.
        levels : ndarray of uint8, shape (N, N)
            Grey levels, one a module, row 0 at the top.

        Returns
        -------
        psychopy.visual.ImageStim
            Whole device pixels.
        """
        layout, left_top = self._layout, self._lefts_tops[tag_id]
        side = layout.side_px + 2 * layout.quiet_px
        middle = (left_top + side / 2 - np.array(layout.size_px) / 2) * (1, -1)
        # PsychoPy's pix are points: on a retina screen one is two device pixels.
        scale = 2.0 if self.win.useRetina else 1.0
        return ImageStim(
            self.win,
            image=grey_picture(levels),
            units="pix",
            size=(side / scale, side / scale),
            pos=tuple(middle / scale),
            interpolate=False,
            name=f"{self.name} tag {tag_id}",
            autoLog=False,
        )


def _size_px(win: Any) -> tuple[int, int]:
    width, height = win.size
    return int(width), int(height)


def _brightness(win: Any) -> int:
    """Grey level of the window's background, 0-255."""
    red, green, blue = Color(win.color, win.colorSpace).rgb255
    return round(float(0.299 * red + 0.587 * green + 0.114 * blue))


def _plain(marker: Marker) -> list[Any]:
    return [marker.tag_id, [[x, y] for x, y in marker.corners]]


def grey_picture(levels: npt.NDArray[np.uint8]) -> Image.Image:
    """Grey levels as a picture: unlike arrays, PsychoPy keeps its bytes as they are."""
    return Image.fromarray(levels).convert("RGB")
