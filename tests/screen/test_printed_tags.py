from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.screen.markers import frame_layout, tag_bits
from psychopy_neon.screen.pose import estimate_pose
from psychopy_neon.screen.printed_tags import PrintedTag, PrintedTags, side_for_distance
from psychopy_neon.screen.surface import Surface
from psychopy_neon.simulator.head import Head
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.scene_renderer import SceneRenderer
from psychopy_neon.simulator.scene_view import SceneView

SCREEN_MM = (531.0, 299.0)


@pytest.fixture
def printed() -> PrintedTags:
    return PrintedTags.around_screen(SCREEN_MM, 25)


@pytest.mark.parametrize(("distance_m", "side_mm"), [(0.6, 25), (0.9, 38), (1.2, 50)])
def test_size_is_two_and_a_half_degrees_of_view(distance_m: float, side_mm: int) -> None:
    assert side_for_distance(distance_m) == side_mm


@pytest.mark.parametrize("distance_m", [0.0, 60.0, float("nan")])
def test_impossible_distance_is_refused(distance_m: float) -> None:
    with pytest.raises(UsageError, match=r"between 0\.2 and 10 m"):
        side_for_distance(distance_m)


def test_tags_stand_around_the_picture_and_cover_none_of_it(printed: PrintedTags) -> None:
    assert printed.ids == tuple(range(100, 108))
    margin = 25 / 8
    for tag in printed.tags:
        right, bottom = tag.left_mm + tag.side_mm + margin, tag.top_mm + tag.side_mm + margin
        beside = tag.left_mm - margin > SCREEN_MM[0] or right < 0
        assert beside or tag.top_mm - margin > SCREEN_MM[1] or bottom < 0
    assert [tag.place for tag in printed.tags[:4]] == ["top left", "top", "top right", "left"]


def test_measured_places_become_markers_in_norm_units() -> None:
    (marker,) = PrintedTags((500.0, 250.0), (PrintedTag(7, -50.0, 100.0, 25.0),)).markers()
    assert np.array(marker.corners) == pytest.approx(
        np.array([(-1.2, 0.2), (-1.1, 0.2), (-1.1, 0.0), (-1.2, 0.0)])
    )


def test_printed_and_drawn_tags_make_one_surface(printed: PrintedTags) -> None:
    # Measured with a ruler, a screen of 16:9 is not quite 16:9; that of the pixels is exact.
    drawn = frame_layout((1920, 1080)).markers
    surface = Surface.from_markers((*drawn, *printed.markers(1920 / 1080)))
    assert len(surface.tag_ids) == 16
    assert surface.aspect == pytest.approx(1920 / 1080)


def test_printed_tags_alone_are_a_surface_as_wide_as_measured(printed: PrintedTags) -> None:
    surface = Surface.from_markers(printed.markers())
    assert surface.aspect == pytest.approx(531 / 299)
    assert surface.hull_fraction(surface.tag_ids) == 1.0


def test_file_can_be_corrected_and_read_again(printed: PrintedTags) -> None:
    assert PrintedTags.from_json(printed.to_json()) == printed
    content = json.loads(printed.to_json())
    content["tags"][0]["left_mm"] = -33.5
    assert PrintedTags.from_json(json.dumps(content)).tags[0].left_mm == -33.5
    assert "left edge" in content["how"] or "left and the upper edge" in content["how"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"screen_mm": None}, "screen_mm"),
        ({"screen_mm": [531]}, "screen_mm"),
        ({"screen_mm": [0, 299]}, "above 0"),
        ({"screen_mm": [10**400, 299]}, "screen_mm"),
        ({"tags": 5}, "tags"),
        ({"tags": [{"id": 1}]}, "left_mm"),
        ({"tags": [{"id": "1", "left_mm": 0, "top_mm": 0, "side_mm": 1}]}, "whole number"),
        ({"tags": [{"id": 999, "left_mm": 0, "top_mm": 0, "side_mm": 1}]}, "does not exist"),
        ({"tags": [{"id": 1, "left_mm": 0, "top_mm": 0, "side_mm": 1}] * 2}, "printed twice"),
        ({"tags": [{"id": 1, "left_mm": 1e999, "top_mm": 0, "side_mm": 1}]}, "finite"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_a_reason(
    printed: PrintedTags, change: dict[str, Any], words: str
) -> None:
    content = {**json.loads(printed.to_json()), **change}
    with pytest.raises(UsageError, match=words):
        PrintedTags.from_json(json.dumps(content))


@pytest.mark.parametrize("text", ["", "[]", "null", "[" * 100_000])
def test_a_file_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="psychopy-neon markers --layout"):
        PrintedTags.from_json(text)


@pytest.mark.parametrize("request_", [{"columns": 1}, {"rows": 1}, {"first_id": 580}])
def test_impossible_layouts_are_refused(request_: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        PrintedTags.around_screen(SCREEN_MM, 25, **request_)
    with pytest.raises(UsageError, match="larger than 0"):
        PrintedTags.around_screen(SCREEN_MM, 0)


def wall_with(printed: PrintedTags) -> Any:
    pixels = np.full((2000, 3000), 60, np.uint8)
    left_of_screen, above_screen = (750 - 531) / 2, (500 - 299) / 2
    module, side = 25 / 8 * 4, 125
    for tag in printed.tags:
        tile = np.pad(tag_bits(tag.id) * np.uint8(230), 1, constant_values=230)
        shown = cv2.resize(tile, (side, side), interpolation=cv2.INTER_NEAREST)
        left = round((left_of_screen + tag.left_mm) * 4 - module)
        top = round((above_screen + tag.top_mm) * 4 - module)
        pixels[top : top + side, left : left + side] = shown
    return pixels


def test_gaze_is_found_on_a_screen_with_printed_tags_only(printed: PrintedTags) -> None:
    class Wall(Monitor):
        """The wall behind the screen, 4 pixels a millimetre, with the printed tags on it."""

        def picture(self) -> Any:
            return wall_with(printed)

    camera = SceneCamera.typical()
    view = SceneView(camera, Head(650.0, moves=True), Wall((3000, 2000), 750.0))
    luma = SceneRenderer(view, [0]).picture(0)
    surface = Surface.from_markers(printed.markers())
    pose = estimate_pose(MarkerDetector(printed.ids).detect(luma), surface, camera, 0)
    assert pose is not None and pose.tags == 8
    looked_at = np.array([(0.0, 0.0), (0.8, -0.7), (-0.9, 0.5)])
    on_wall = looked_at * (531 / 750, 299 / 500)
    gaze_px = [view.scene_px((x, y), 0) for x, y in on_wall]
    found = pose.norm_from_rays(camera.undistort(gaze_px))
    assert np.abs(found - looked_at).max() < 0.003
