from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import frame_layout, paint_markers
from psychopy_neon.screen.patch import BRIGHT, DARK, paint_inverted, paint_patch

pytestmark = pytest.mark.usefixtures("display")

Open = Callable[..., Any]
Photograph = Callable[[Any], Any]


@pytest.fixture
def stimuli(psychopy_visual: Any) -> Any:
    from psychopy_neon import visual

    return visual


def expected(size: tuple[int, int], level: int) -> Any:
    pixels = np.zeros(size[::-1], np.uint8)
    layout = frame_layout(size)
    paint_markers(pixels, layout)
    paint_patch(pixels, layout, level)
    return pixels


@pytest.mark.parametrize("units", ["norm", "height", "pix", "cm", "deg", "degFlat"])
def test_the_patch_is_drawn_to_the_pixel_in_all_units(
    open_window: Open, photograph: Photograph, stimuli: Any, units: str
) -> None:
    window = open_window((1024, 768), units=units, color=[-1, -1, -1])
    markers = stimuli.NeonMarkers(window)
    patch = stimuli.NeonPatch(markers)
    markers.autoDraw = patch.autoDraw = True
    assert (photograph(window)[..., 0] == expected((1024, 768), DARK)).all()
    patch.bright = True
    assert (photograph(window)[..., 0] == expected((1024, 768), BRIGHT)).all()


def test_markers_are_inverted_to_the_pixel(
    open_window: Open, photograph: Photograph, stimuli: Any
) -> None:
    window = open_window((1024, 768), color=[-1, -1, -1])
    markers = stimuli.NeonMarkers(window)
    inversion = stimuli.NeonInversion(markers)
    markers.autoDraw = inversion.autoDraw = True
    pixels = np.zeros((768, 1024), np.uint8)
    layout = frame_layout((1024, 768))
    paint_markers(pixels, layout)
    plain = pixels.copy()
    paint_inverted(pixels, layout)
    assert (photograph(window)[..., 0] == pixels).all()
    inversion.bright = True
    assert (photograph(window)[..., 0] == plain).all()


def test_points_of_two_pixels_make_no_difference(
    open_window: Open, photograph: Photograph, stimuli: Any
) -> None:
    window = open_window((1280, 720), color=[-1, -1, -1])
    window.useRetina = True
    markers = stimuli.NeonMarkers(window)
    patch = stimuli.NeonPatch(markers)
    patch.bright = True
    markers.draw()
    patch.draw()
    assert (photograph(window)[..., 0] == expected((1280, 720), BRIGHT)).all()


def test_white_can_be_chosen_and_black_stays(
    open_window: Open, photograph: Photograph, stimuli: Any
) -> None:
    window = open_window((1280, 720), color=[0, 0, 0])
    patch = stimuli.NeonPatch(stimuli.NeonMarkers(window), white=255)
    patch.bright = True
    patch.autoDraw = True
    assert photograph(window).max() == 255
    patch.bright = False
    assert photograph(window).min() == 0


@pytest.mark.parametrize("white", [0, 256])
def test_an_impossible_white_is_refused(open_window: Open, stimuli: Any, white: int) -> None:
    with pytest.raises(UsageError, match="white"):
        stimuli.NeonPatch(stimuli.NeonMarkers(open_window((1280, 720))), white=white)


def test_another_window_is_refused(open_window: Open, stimuli: Any) -> None:
    patch = stimuli.NeonPatch(stimuli.NeonMarkers(open_window((1280, 720))))
    with pytest.raises(UsageError, match="window"):
        patch.draw(open_window((1280, 720)))


def test_markers_that_are_not_shown_are_not_inverted(open_window: Open, stimuli: Any) -> None:
    window = open_window((1024, 768))
    markers = stimuli.NeonMarkers(window)
    markers.shown = False
    with pytest.raises(UsageError, match="not shown"):
        stimuli.NeonInversion(markers)
