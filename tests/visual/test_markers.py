from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.detector import DetectedMarkers, MarkerDetector
from psychopy_neon.screen.markers import frame_layout, paint_markers
from psychopy_neon.screen.printed_tags import PrintedTags
from psychopy_neon.screen.surface import Surface

pytestmark = pytest.mark.usefixtures("display")

Open = Callable[..., Any]
Photograph = Callable[[Any], Any]


@pytest.fixture
def neon_markers(psychopy_visual: Any) -> Any:
    from psychopy_neon.visual import NeonMarkers

    return NeonMarkers


def detect(picture: Any) -> DetectedMarkers:
    return MarkerDetector(range(30)).detect(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


@pytest.mark.parametrize("color", [-1, 0, 1])
@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (801, 601)])
def test_shown_tags_are_where_the_layout_says(
    open_window: Open,
    photograph: Photograph,
    neon_markers: Any,
    size: tuple[int, int],
    color: int,
) -> None:
    window = open_window(size, color=[color] * 3)
    markers = neon_markers(window)
    markers.setAutoDraw(True)
    found = detect(photograph(window))
    assert found.ids.tolist() == list(range(8))
    assert np.abs(found.corners_px + 0.5 - markers.layout.corners_px()).max() < 0.1


def test_shown_picture_is_the_painted_layout_to_the_pixel(
    open_window: Open, photograph: Photograph, neon_markers: Any
) -> None:
    window = open_window((1280, 720), color=[-1, -1, -1])
    neon_markers(window).setAutoDraw(True)
    expected = np.zeros((720, 1280, 3), np.uint8)
    paint_markers(expected, frame_layout((1280, 720)))
    assert (photograph(window) == expected).all()


def test_surface_has_y_up_and_agrees_with_what_is_shown(
    open_window: Open, photograph: Photograph, neon_markers: Any
) -> None:
    window = open_window((1280, 720))
    markers = neon_markers(window, first_id=10, columns=4)
    markers.setAutoDraw(True)
    found = detect(photograph(window))
    described = dict(markers.surface()["tags"])
    for tag_id, corners in zip(found.ids.tolist(), found.corners_px + 0.5, strict=True):
        norm = (corners / (640, 360) - 1) * (1, -1)
        assert norm == pytest.approx(np.array(described[tag_id]), abs=0.001)
    assert described[10][0][0] < 0 < described[10][0][1]


def test_surface_is_plain_and_understood_by_the_mapper(
    open_window: Open, neon_markers: Any
) -> None:
    surface = neon_markers(open_window((1024, 768), units="height")).surface()
    assert set(surface) == {"tags", "units_per_norm", "size_px"}
    assert surface["size_px"] == [1024, 768]
    assert type(surface["tags"][0][1][0][0]) is float
    assert Surface.from_message(surface["tags"]).aspect == pytest.approx(1024 / 768)
    assert surface["units_per_norm"] == pytest.approx([2 / 3, 0.5])


def test_tags_cover_stimuli_that_started_later(
    open_window: Open, photograph: Photograph, neon_markers: Any, psychopy_visual: Any
) -> None:
    window = open_window((1280, 720))
    neon_markers(window).setAutoDraw(True)
    cover = psychopy_visual.Rect(window, units="norm", size=(2, 2), fillColor="red", depth=-900)
    cover.setAutoDraw(True)
    picture = photograph(window)
    assert tuple(picture[360, 640]) == (255, 0, 0)
    assert len(detect(picture)) == 8


def test_drawing_by_hand_shows_the_tags_for_one_picture(
    open_window: Open, photograph: Photograph, neon_markers: Any
) -> None:
    window = open_window((1280, 720))
    neon_markers(window).draw()
    assert len(detect(photograph(window))) == 8
    assert len(detect(photograph(window))) == 0


def test_stopping_takes_the_tags_away_and_tells_so(
    open_window: Open, photograph: Photograph, neon_markers: Any
) -> None:
    window = open_window((1280, 720))
    markers = neon_markers(window)
    markers.autoDraw = True
    started = markers.status
    markers.autoDraw = False
    assert markers.status != started
    assert len(detect(photograph(window))) == 0


def test_tags_follow_a_window_that_changes_its_size(
    open_window: Open, photograph: Photograph, neon_markers: Any
) -> None:
    window = open_window((1280, 720))
    markers = neon_markers(window)
    assert markers.size_changed()
    markers.surface()
    assert not markers.size_changed()
    window.viewport = window.scissor = (0, 0, 960, 600)
    markers.draw()
    found = detect(photograph(window)[-600:, :960])
    assert markers.size_changed()
    assert markers.layout == frame_layout((960, 600))
    assert np.abs(found.corners_px + 0.5 - markers.layout.corners_px()).max() < 0.1


def test_points_of_two_pixels_as_on_a_retina_screen_make_no_difference(
    open_window: Open, photograph: Photograph, neon_markers: Any
) -> None:
    window = open_window((1280, 720), units="pix")
    window.useRetina = True
    markers = neon_markers(window)
    markers.setAutoDraw(True)
    found = detect(photograph(window))
    assert np.abs(found.corners_px + 0.5 - markers.layout.corners_px()).max() < 0.1
    assert markers.units_per_norm == pytest.approx((320, 180))


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ("norm", (1, 1)),
        ("height", (1280 / 720 / 2, 0.5)),
        ("pix", (640, 360)),
        ("degFlat", (1, 1)),
        ("degFlatPos", (1, 1)),
    ],
)
def test_units_per_norm_are_those_of_the_window(
    open_window: Open, neon_markers: Any, units: str, expected: tuple[float, float]
) -> None:
    window = open_window((1280, 720), units=units)
    assert neon_markers(window).units_per_norm == pytest.approx(expected)


@pytest.mark.parametrize("units", ["norm", "height", "pix", "cm", "deg"])
def test_scaled_norm_is_the_same_place_in_units_of_the_window(
    open_window: Open, neon_markers: Any, psychopy_visual: Any, units: str
) -> None:
    window = open_window((1280, 720), units=units)
    scaled = np.array((0.3, -0.7)) * neon_markers(window).units_per_norm
    dot = psychopy_visual.Rect(window, pos=scaled, size=0.1)
    assert dot.verticesPix.mean(axis=0) == pytest.approx((0.3 * 640, -0.7 * 360), abs=0.01)


def test_units_that_need_an_unknown_monitor_are_refused(
    open_window: Open, neon_markers: Any
) -> None:
    window = open_window((1280, 720), units="cm")
    markers = neon_markers(window)
    window.monitor.setWidth(None)
    with pytest.raises(UsageError, match="Monitor Center"):
        _ = markers.units_per_norm


def test_white_modules_are_not_darker_than_a_bright_window(
    open_window: Open, photograph: Photograph, neon_markers: Any
) -> None:
    window = open_window((1280, 720), color=[0.9, 0.9, 0.9])
    neon_markers(window).setAutoDraw(True)
    picture = photograph(window)
    assert picture[2, 2].tolist() == picture[360, 640].tolist()


@pytest.mark.parametrize("white", [160, 255])
def test_white_level_can_be_chosen(
    open_window: Open, photograph: Photograph, neon_markers: Any, white: int
) -> None:
    window = open_window((1280, 720))
    neon_markers(window, white=white).setAutoDraw(True)
    assert photograph(window)[2, 2].tolist() == [white] * 3


@pytest.mark.parametrize(
    "request_", [{"white": 0}, {"white": 256}, {"tag_size": 0.5}, {"columns": 1}, {"first_id": 999}]
)
def test_impossible_tags_are_refused(
    open_window: Open, neon_markers: Any, request_: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        neon_markers(open_window((1280, 720)), **request_)


def test_another_window_is_refused(open_window: Open, neon_markers: Any) -> None:
    markers = neon_markers(open_window((1280, 720)))
    with pytest.raises(UsageError, match="one window"):
        markers.draw(open_window((800, 600)))


def test_printed_tags_join_those_on_the_window(open_window: Open, neon_markers: Any) -> None:
    printed = PrintedTags.around_screen((531, 299), 25)
    markers = neon_markers(open_window((1280, 720)), printed=printed)
    surface = markers.surface()
    assert [tag[0] for tag in surface["tags"]] == [*range(8), *range(100, 108)]
    assert Surface.from_message(surface["tags"]).aspect == pytest.approx(1280 / 720)
    assert [marker.tag_id for marker in markers.markers][8:] == list(range(100, 108))
    left_of_the_window = surface["tags"][8 + 3][1]
    assert all(x < -1 for x, _ in left_of_the_window)


def test_printed_tags_alone_take_nothing_of_the_window(
    open_window: Open, photograph: Photograph, neon_markers: Any, tmp_path: Path
) -> None:
    file = tmp_path / "printed.json"
    file.write_text(PrintedTags.around_screen((531, 299), 25).to_json(), "utf-8")
    window = open_window((1280, 720))
    markers = neon_markers(window, printed=file, shown=False)
    markers.setAutoDraw(True)
    assert len(np.unique(photograph(window))) == 1
    assert [tag[0] for tag in markers.surface()["tags"]] == list(range(100, 108))
    assert markers.covered_fraction == 0.0


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"shown": False}, "use at least 3"),
        ({"printed": "no such file.json"}, "cannot be read"),
        ({"printed": __file__}, "psychopy-neon markers --layout"),
        ({"printed": PrintedTags.around_screen((531, 299), 25, first_id=7)}, "tag 7 is on paper"),
    ],
)
def test_impossible_printed_tags_are_refused(
    open_window: Open, neon_markers: Any, request_: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        neon_markers(open_window((1280, 720)), **request_)


def test_an_empty_name_means_no_printed_tags(open_window: Open, neon_markers: Any) -> None:
    assert neon_markers(open_window((1280, 720)), printed="").printed is None


@pytest.mark.parametrize("color", [-1, 0])
def test_dimmed_tags_give_a_third_of_the_light_and_are_still_found(
    open_window: Open, photograph: Photograph, neon_markers: Any, color: int
) -> None:
    window = open_window((1280, 720), color=[color] * 3)
    markers = neon_markers(window)
    markers.setAutoDraw(True)
    bright = photograph(window)
    markers.setDimmed(True, log=False)
    dim = photograph(window)
    markers.dimmed = False
    assert (photograph(window) == bright).all()
    assert (dim[2, 2] / bright[2, 2]) ** 2.2 == pytest.approx(1 / 3, abs=0.02)
    assert len(detect(dim)) == 8


def test_the_area_taken_from_the_stimulus_is_stated(
    open_window: Open, photograph: Photograph, neon_markers: Any
) -> None:
    window = open_window((1280, 720))
    markers = neon_markers(window)
    markers.draw()
    changed = (photograph(window) != photograph(window)).any(axis=2)
    assert markers.covered_fraction == pytest.approx(changed.mean())
    assert markers.covered_fraction < 0.05
