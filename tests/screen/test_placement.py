"""What the placement check says of drawn pictures in which something is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.screen.markers import MarkerLayout, frame_layout
from psychopy_neon.screen.placement import Placement, TagPlacement
from psychopy_neon.screen.placement_check import check_placement
from psychopy_neon.screen.pose import estimate_pose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.simulator.head import LOOP_NS, Head
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.scene_renderer import SceneRenderer
from psychopy_neon.simulator.scene_view import SceneView

MONITOR = Monitor((1920, 1080), 531.0)
LEFT = 3  # of the 8 tags, 0 at the top left


@dataclass(frozen=True)
class Scene:
    """A drawn picture, and what is needed to judge it."""

    luma: Any
    layout: MarkerLayout
    camera: SceneCamera


def drawn(distance_mm: float = 600.0, turned_deg: float = 0.0) -> Scene:
    camera, turned_most_ns = SceneCamera.typical(), LOOP_NS // 4
    view = SceneView(camera, Head(distance_mm, moves=False, turn_deg=turned_deg), MONITOR)
    luma = SceneRenderer(view, [turned_most_ns]).picture(turned_most_ns)
    return Scene(luma, frame_layout(MONITOR.size_px), camera)


def exposed(luma: Any, times: float) -> Any:
    """The same with so many times the light, some of which spreads in the lens."""
    light = (luma / 255.0) ** 2.2 * times
    spread = 0.8 * light + 0.2 * cv2.GaussianBlur(light, (0, 0), 3)
    return np.rint(np.clip(spread, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)


def check(scene: Any, luma: Any = None, pose: Any = None) -> Placement:
    surface = Surface.from_markers(scene.layout.markers)
    picture = scene.luma if luma is None else luma
    return check_placement(picture, surface, scene.camera, 7, pose)


def pose_of(scene: Any) -> Any:
    found = MarkerDetector(scene.layout.tag_ids).detect(scene.luma)
    return estimate_pose(found, Surface.from_markers(scene.layout.markers), scene.camera, 0)


def box_of(tag: TagPlacement, margin_px: int = 8) -> tuple[slice, slice]:
    corners = np.array(tag.corners_px)
    (x0, y0), (x1, y1) = corners.min(0).astype(int), corners.max(0).astype(int) + 1
    return slice(y0 - margin_px, y1 + margin_px), slice(x0 - margin_px, x1 + margin_px)


def states(placement: Placement) -> set[str]:
    return {tag.state for tag in placement.tags}


@pytest.fixture(scope="session")
def ordinary() -> Any:
    return drawn()


def test_an_ordinary_picture_gives_nothing_to_change(ordinary: Any) -> None:
    placement = check(ordinary)
    assert placement.good and placement.has_pose and placement.sentences == ()
    assert (placement.seen, placement.expected, placement.device_ns) == (8, 8, 7)
    assert placement.hull_fraction > 0.9
    assert placement.distance == pytest.approx(600 / 299, rel=0.05)
    assert all(32 < tag.side_px < 42 and tag.contrast > 0.4 for tag in placement.tags)
    assert [tag.place for tag in placement.tags[:5]] == [
        *("top left", "top", "top right", "left", "right")
    ]


def test_sizes_and_corners_are_those_of_the_picture(ordinary: Any) -> None:
    found = MarkerDetector(ordinary.layout.tag_ids).detect(ordinary.luma)
    for tag, corners in zip(check(ordinary).tags, found.corners_px, strict=True):
        assert np.array(tag.corners_px) == pytest.approx(corners, abs=0.3)
        assert tag.module_px == pytest.approx(tag.side_px / 8)


def test_tags_far_away_are_too_small_and_the_sentence_says_how_large() -> None:
    placement = check(drawn(1150.0))
    assert states(placement) == {"too small"}
    (sentence,) = placement.sentences
    assert sentence.startswith("All 8 tags are too small: make the markers larger (at least 0.1")
    assert "of the window's height) or sit nearer" in sentence


def test_burnt_out_tags_are_over_exposed(ordinary: Any) -> None:
    placement = check(ordinary, exposed(ordinary.luma, 16.0))
    assert states(placement) == {"over-exposed"}
    assert "Highlights" in placement.sentences[0]
    assert all(tag.white > 250 for tag in placement.tags)


def test_brighter_than_the_camera_can_tell_is_good_while_it_does_not_spread(ordinary: Any) -> None:
    placement = check(ordinary, exposed(ordinary.luma, 3.0))
    assert placement.good and placement.tags[0].white > 250


def test_tags_in_the_dark_are_too_dark(ordinary: Any) -> None:
    placement = check(ordinary, (ordinary.luma // 4).astype(np.uint8), pose_of(ordinary))
    assert states(placement) == {"too dark"}
    assert "brighter" in placement.sentences[0]


def test_a_head_that_turns_blurs_all_tags(ordinary: Any) -> None:
    smeared = cv2.blur(ordinary.luma, (9, 1))
    placement = check(ordinary, smeared, pose_of(ordinary))
    assert states(placement) == {"blurred"}
    assert "keep the head still" in placement.sentences[0]


def test_a_hand_covers_only_what_it_covers(ordinary: Any) -> None:
    tag = check(ordinary).tags[LEFT]
    luma = ordinary.luma.copy()
    luma[box_of(tag)] = 90
    placement = check(ordinary, luma)
    assert [tag.tag_id for tag in placement.tags if tag.state == "disturbed"] == [LEFT]
    assert (placement.seen, placement.has_pose) == (7, True)
    assert placement.sentences[0].startswith("Tag 3 (left) is covered")


def test_a_stimulus_over_the_white_margin_is_told(ordinary: Any) -> None:
    tag = check(ordinary).tags[LEFT]
    rows, columns = box_of(tag, 8)
    luma = ordinary.luma.copy()
    luma[rows.start : rows.start + 7, columns] = luma[rows, columns.start : columns.start + 7] = 20
    placement = check(ordinary, luma)
    assert placement.tags[LEFT].state == "disturbed"
    assert "white margin" in placement.sentences[0]


def test_a_tag_that_the_stimulus_shows_as_well_is_elsewhere(ordinary: Any) -> None:
    tag = check(ordinary).tags[LEFT]
    tile = ordinary.luma[box_of(tag)]
    luma = ordinary.luma.copy()
    luma[600 : 600 + tile.shape[0], 760 : 760 + tile.shape[1]] = tile
    placement = check(ordinary, luma)
    assert [tag.tag_id for tag in placement.tags if tag.state == "elsewhere"] == [LEFT]
    assert placement.tags[LEFT].found and placement.has_pose
    assert "Tag 3 (left) is seen where it should not be" in placement.sentences[0]


def test_a_tag_in_the_wrong_place_is_elsewhere(ordinary: Any) -> None:
    tag = check(ordinary).tags[LEFT]
    tile = ordinary.luma[box_of(tag)].copy()
    luma = ordinary.luma.copy()
    luma[box_of(tag)] = 118
    luma[600 : 600 + tile.shape[0], 760 : 760 + tile.shape[1]] = tile
    placement = check(ordinary, luma)
    assert (placement.tags[LEFT].state, placement.tags[LEFT].found) == ("elsewhere", False)


def test_a_head_turned_away_cuts_tags_off_and_is_told_where_to_turn() -> None:
    placement = check(drawn(600.0, turned_deg=31.0))
    gone = {tag.place for tag in placement.tags if tag.state == "cut off"}
    assert gone == {"top left", "left", "bottom left"}
    assert placement.sentences[0].startswith("Tags 0 (top left), 3 (left) and 5 (bottom left) are")
    assert placement.sentences[0].endswith("sit farther away, or turn the head to the left.")


def test_tags_are_said_to_be_cut_off_also_without_a_pose(ordinary: Any) -> None:
    right = [check(ordinary).tags[index] for index in (2, 4, 7)]
    first = min(box_of(tag, 0)[1].start for tag in right) - 10
    shifted = np.full_like(ordinary.luma, 118)
    shifted[:, : 1600 - first] = ordinary.luma[:, first:]
    placement = check(ordinary, shifted)
    assert not placement.has_pose
    assert {tag.place for tag in placement.tags if tag.found} == {
        *("top right", "right", "bottom right")
    }
    assert {tag.state for tag in placement.tags if not tag.found} == {"cut off"}


@pytest.mark.parametrize(
    ("level", "words"), [(8, "very dark"), (118, "face the screen"), (250, "over-exposed")]
)
def test_without_any_tag_the_picture_itself_tells_why(
    ordinary: Any, level: int, words: str
) -> None:
    placement = check(ordinary, np.full((1200, 1600), level, np.uint8))
    assert states(placement) == {"not seen"}
    assert (placement.seen, placement.has_pose, placement.hull_fraction) == (0, False, 0.0)
    assert placement.sentences[0].startswith("None of the 8 tags is seen: ")
    assert words in placement.sentences[0]
    assert all(tag.corners_px is None and np.isnan(tag.side_px) for tag in placement.tags)


def test_the_message_is_plain(ordinary: Any) -> None:
    message = check(ordinary).to_message()
    assert json.loads(json.dumps(message)) == message
    assert (message["seen"], message["good"]) == (8, True)
    assert message["tags"][0][:4] == [0, "top left", "good", True]


def test_padded_read_only_pictures_are_taken(ordinary: Any) -> None:
    padded = np.zeros((1200, 1664), np.uint8)
    padded[:, :1600] = ordinary.luma
    padded.flags.writeable = False
    assert check(ordinary, padded[:, :1600]).good
