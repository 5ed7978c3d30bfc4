from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.markers import FAMILY_SIZE, frame_layout
from psychopy_neon.screen.surface import Surface


def message(size: tuple[int, int] = (1280, 720)) -> list[Any]:
    return [[m.tag_id, [list(c) for c in m.corners]] for m in frame_layout(size).markers]


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (801, 601), (1080, 1920)])
def test_aspect_of_the_window_follows_from_square_tags(size: tuple[int, int]) -> None:
    assert Surface.from_message(message(size)).aspect == pytest.approx(size[0] / size[1])


def test_plane_has_square_pixels_and_y_down() -> None:
    surface = Surface.from_message(message())
    top_left, top_right, _, bottom_left = surface.markers[0]
    assert top_right[0] - top_left[0] == pytest.approx(bottom_left[1] - top_left[1])
    assert bottom_left[1] > top_left[1]


def test_hull_of_all_tags_is_nearly_the_window_and_of_one_row_a_strip() -> None:
    surface = Surface.from_message(message())
    assert 0.9 < surface.hull_fraction(surface.tag_ids) < 1.0
    assert surface.hull_fraction([0, 1, 2]) < 0.15
    assert surface.hull_fraction([]) == 0.0


def bent(change: Any) -> list[Any]:
    tags = message()
    change(tags)
    return tags


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        (message()[:2], "at least 3"),
        (bent(lambda tags: tags[1].__setitem__(0, 0)), "used twice"),
        (bent(lambda tags: tags[1].__setitem__(0, 900)), "does not exist"),
        (bent(lambda tags: tags[1].__setitem__(0, FAMILY_SIZE)), "does not exist"),
        (bent(lambda tags: tags[1].__setitem__(0, -1)), "does not exist"),
        (bent(lambda tags: tags[1].__setitem__(0, "1")), "list of tags"),
        ([[number, [[0.0, 0.0]] * 4] for number in range(3)], "upright square"),
        (bent(lambda tags: tags[1][1].pop()), "list of tags"),
        (bent(lambda tags: tags[1].append(1)), "list of tags"),
        (bent(lambda tags: tags[1][1].reverse()), "upright square"),
        (bent(lambda tags: tags[1][1][0].__setitem__(0, float("nan"))), "finite"),
        (bent(lambda tags: tags[1].__setitem__(1, [[0, 0.1], [0.1, 0.1], [0.1, 0], [0, 0]])),
         "common shape"),
        ([3, 4, 5], "list of tags"),
    ],
)  # fmt: skip
def test_impossible_surface_is_refused_with_a_reason(tags: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Surface.from_message(tags)


def test_the_last_tag_of_the_family_can_be_used() -> None:
    tags = bent(lambda tags: tags[1].__setitem__(0, FAMILY_SIZE - 1))
    assert FAMILY_SIZE - 1 in Surface.from_message(tags).tag_ids


def test_corners_of_a_surface_cannot_be_changed() -> None:
    surface = Surface.from_message(message())
    with pytest.raises(ValueError, match="read-only"):
        surface.markers[0][0, 0] = 0.0
    assert np.isfinite(surface.markers[0]).all()


def test_a_surface_equals_another_with_the_same_tags_in_the_same_places() -> None:
    layout = frame_layout((1280, 720))
    surface = Surface.from_markers(layout.markers)
    assert surface.equals(Surface.from_markers(layout.markers))
    assert not surface.equals(None)
    assert not surface.equals(Surface.from_markers(frame_layout((1280, 800)).markers))
    assert not surface.equals(Surface.from_markers(frame_layout((1280, 720), first_id=9).markers))
