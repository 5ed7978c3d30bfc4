"""Sharp text for the screen of a check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psychopy import visual


def text_at(
    win: Any,
    place: Sequence[float],
    text: str,
    height: float,
    colour: str,
    *,
    bold: bool = False,
    left: bool = True,
) -> Any:
    """Text on one line or more, on whole pixels, where it is not blurred.

    Parameters
    ----------
    win : psychopy.visual.Window
    place : sequence of 2 float
        Of its left edge or middle, ``height`` units.
    text : str
    height : float
        Of its letters, ``height`` units.
    colour : str
    bold : bool
    left : bool
        Whether it begins at its place, instead of being centred there.
    """
    height_px = float(win.size[1])
    side = "left" if left else "center"
    return visual.TextStim(
        win,
        text=text,
        pos=[round(each * height_px) / height_px for each in place],
        units="height",
        height=height,
        color=colour,
        bold=bold,
        wrapWidth=4.0,
        anchorHoriz=side,
        alignText=side,
        autoLog=False,
    )
