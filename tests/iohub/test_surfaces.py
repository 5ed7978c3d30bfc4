"""The surfaces that the device knows, before there are glasses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.samples import GazeSample
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.screen.surface import Surface
from psychopy_neon.transport.gaze_board import NO_GAZE, GazeBoard

DEVICE_NS = 1_700_000_000_000_000_000


def frame(first_id: int) -> Surface:
    return Surface.from_markers(frame_layout((1280, 720), first_id=first_id).markers)


@pytest.fixture
def surfaces() -> Iterator[Any]:
    from psychopy_neon.iohub.surface_gaze import Ages
    from psychopy_neon.iohub.surfaces import Surfaces

    made = Surfaces(Ages(0.5, 0.5))
    yield made
    made.close()


def test_a_tag_on_two_surfaces_is_refused_before_there_are_glasses(surfaces: Any) -> None:
    surfaces.give(frame(0))
    with pytest.raises(UsageError, match=r"'screen' \(tags 0-7\) and 'left' \(tags 7-14\)"):
        surfaces.give(frame(7), "left")
    assert [each.name for each in surfaces.given] == ["screen"]
    surfaces.give(frame(8), "left")
    surfaces.give(frame(100))  # the window's move
    surfaces.give(frame(0), "left")
    assert [each.tag_ids[0] for each in surfaces.given] == [100, 0]


def test_what_is_forgotten_leaves_its_tags_to_others(surfaces: Any) -> None:
    surfaces.give(frame(0))
    surfaces.give(frame(100), "left")
    assert not surfaces.forget("screen") and not surfaces.forget("right")
    assert surfaces.forget("left") and not surfaces.forget("left")
    surfaces.give(frame(100), "right")
    assert [each.name for each in surfaces.given] == ["screen", "right"]


def test_there_is_a_limit(surfaces: Any) -> None:
    with pytest.raises(UsageError, match="there are 16 surfaces already"):
        for number in range(17):
            surfaces.named(f"surface {number}")
    assert surfaces.named("surface 3") is surfaces.named("surface 3")


def test_gaze_on_a_surface_without_markers_says_so(surfaces: Any) -> None:
    sample = GazeSample(DEVICE_NS, time.perf_counter_ns(), 800.0, 600.0, True)
    board = GazeBoard(surfaces.named("left").board.path, 60.0)
    window = GazeBoard(surfaces.window.board.path, 60.0)
    on_window = replace(NO_GAZE, x=0.5, y=0.0, valid=True, problem=None, device_ns=DEVICE_NS)
    surfaces.show(sample, on_window, time.perf_counter_ns())
    assert board.read().problem == "no screen"
    assert window.read().x == 0.5
    for each in (board, window):
        each.close()
