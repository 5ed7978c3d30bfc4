"""Real PsychoPy windows and pictures of what they show."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def psychopy_visual(display: None) -> Any:
    with warnings.catch_warnings():
        # PsychoPy's imports use what the standard library has deprecated.
        warnings.simplefilter("ignore")
        from psychopy import visual
    return visual


@pytest.fixture
def open_window(psychopy_visual: Any) -> Iterator[Callable[..., Any]]:
    """``open_window(size, **options)``: a window that is closed after the test."""
    opened = []

    def opening(size: tuple[int, int] = (1280, 720), **options: Any) -> Any:
        given = {"fullscr": False, "checkTiming": False, "waitBlanking": False, **options}
        opened.append(psychopy_visual.Window(size, monitor="testMonitor", **given))
        return opened[-1]

    yield opening
    for window in opened:
        window.close()


@pytest.fixture
def photograph(psychopy_visual: Any) -> Callable[[Any], Any]:
    """``photograph(window)``: flip, and return what was about to appear: (height, width, 3)."""
    from psychopy.visual.basevisual import MinimalStim

    class Shutter(MinimalStim):  # type: ignore[misc]
        """Drawn after everything else, it takes the picture instead of drawing."""

        def __init__(self, window: Any) -> None:
            super().__init__(name="shutter", autoLog=False)
            self.win, self.depth = window, -1e12
            self.picture: Any = None

        def draw(self) -> None:
            self.picture = np.array(self.win._getFrame(buffer="back"))

    def taking(window: Any) -> Any:
        shutter = Shutter(window)
        shutter.setAutoDraw(True)
        window.flip()
        shutter.setAutoDraw(False)
        return shutter.picture

    return taking
