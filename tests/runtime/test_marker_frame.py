"""The frame of markers that draws itself, for scripts made for another eye tracker."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture(scope="module")
def real_window(runtime: Any) -> Iterator[Any]:
    from psychopy import visual

    window = visual.Window((640, 360), units="height", fullscr=False, checkTiming=False)
    yield window
    window.close()


@pytest.fixture
def show(runtime: Any, real_window: Any) -> Iterator[Any]:
    """``show_markers`` on the window; what it showed is hidden afterwards."""
    shown = []

    def showing(*tracker: Any, **layout: Any) -> Any:
        shown.append(runtime.show_markers(real_window, *tracker, **layout))
        return shown[-1]

    yield showing
    for frame in shown:
        frame.autoDraw = False


@pytest.fixture
def start_hub(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let ioHub run, with these devices."""
    from psychopy.iohub.client import ioHubConnection

    def starting(*views: Any) -> None:
        hub = SimpleNamespace(devices=SimpleNamespace(getAll=lambda: views))
        monkeypatch.setattr(ioHubConnection, "ACTIVE_CONNECTION", hub)

    return starting


def top_left_ids(view: Any) -> list[int]:
    return [surface["tags"][0][0] for (surface,) in view.named("neon_set_surface")]


def is_marked(window: Any) -> bool:
    """Whether the next flip shows a marker in the corner: black and white, on a window of grey."""
    from psychopy.visual.basevisual import MinimalStim

    class Shutter(MinimalStim):  # type: ignore[misc]
        """Drawn after everything else; takes a picture instead of drawing."""

        win, depth = window, -1e12

        def draw(self) -> None:
            picture = window._getFrame(buffer="back").convert("L").crop((0, 0, 36, 36))
            self.darkest, self.brightest = picture.getextrema()

    shutter = Shutter(name="shutter", autoLog=False)
    shutter.setAutoDraw(True)
    window.flip()
    shutter.setAutoDraw(False)
    return bool(shutter.darkest < 10 and shutter.brightest > 150)


def test_every_flip_shows_the_markers_until_they_are_hidden(show: Any, real_window: Any) -> None:
    frame = show()
    assert is_marked(real_window)
    frame.autoDraw = False
    assert not is_marked(real_window)


def test_a_given_tracker_learns_at_once_where_they_will_be(
    show: Any, view: Any, real_window: Any
) -> None:
    show(view, first_id=40)
    real_window.flip()
    real_window.flip()
    assert top_left_ids(view) == [40]


def test_an_iohub_that_is_started_later_is_found_at_a_flip(
    show: Any, view: Any, real_window: Any, start_hub: Any
) -> None:
    show()
    real_window.flip()
    assert top_left_ids(view) == []
    start_hub(SimpleNamespace(getIOHubDeviceClass=lambda full: "keyboard.Keyboard"), view)
    real_window.flip()
    real_window.flip()
    assert top_left_ids(view) == [0]


def test_other_markers_on_the_same_window_come_first(
    show: Any, runtime: Any, view: Any, real_window: Any
) -> None:
    show(view)
    component = runtime.NeonMarkers(real_window, view, first_id=20)
    component.autoDraw = True
    for _ in range(3):
        real_window.flip()
    assert top_left_ids(view) == [20]
    component.autoDraw = False
    real_window.flip()
    assert top_left_ids(view) == [20, 0]


def test_glasses_that_do_not_answer_are_told_of_at_the_first_flip(
    show: Any, view: Any, real_window: Any, start_hub: Any
) -> None:
    from psychopy_neon.exceptions import NeonConnectionError

    view.states, view.error = ["failed"], "no phone at 192.0.2.1"
    frame = show()
    start_hub(view)
    with pytest.raises(NeonConnectionError, match=r"no phone at 192\.0\.2\.1"):
        real_window.flip()
    frame.autoDraw = False
