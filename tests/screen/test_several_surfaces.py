"""Two screens at an angle and at different distances, in one picture and one search."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from psychopy_neon.samples import LookedAt, ScreenGaze
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.screen.expected_markers import expected_markers
from psychopy_neon.screen.looked_at import choose
from psychopy_neon.screen.markers import MarkerLayout, frame_layout, paint_markers
from psychopy_neon.screen.pose import ScreenPose, estimate_pose
from psychopy_neon.screen.surface import Surface

CAMERA = SceneCamera.typical()
POINTS = np.array([(0.0, 0.0), (0.6, 0.6), (-0.6, 0.6), (0.6, -0.6), (-0.6, -0.6)])


def place(side_mm: float, away_mm: float, turned_deg: float, height_mm: float) -> ScreenPose:
    """A 16:9 screen somewhere in front of the camera."""
    angle = math.radians(turned_deg)
    cosine, sine = math.cos(angle), math.sin(angle)
    rotation = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    translation = np.array([side_mm, 20.0, away_mm]) / (height_mm / 2)
    return ScreenPose(0, rotation, translation, (16 / 9, 1.0), 8, 0.9, 0.2)


def paint(picture: np.ndarray, rays: np.ndarray, pose: ScreenPose, layout: MarkerLayout) -> None:
    """Draw what the screen shows where `pose` has it."""
    width, height = layout.size_px
    shown = np.full((height, width), 128, np.uint8)
    paint_markers(shown, layout)
    norm = pose.norm_from_rays(rays) * (1, -1)
    with np.errstate(invalid="ignore"):
        inside = (np.abs(norm) < 1).all(axis=1)
    at = ((norm[inside] + 1) / 2 * (width, height)).astype(int)
    picture.reshape(-1)[inside] = shown[at[:, 1], at[:, 0]]


def all_rays() -> np.ndarray:
    """Directions of all pixels, from a grid of every eighth: the lens is smooth."""
    grid = np.stack(np.meshgrid(np.arange(3.5, 1600, 8), np.arange(3.5, 1200, 8)), -1)
    rays = np.nan_to_num(CAMERA.undistort(grid.reshape(-1, 2)), nan=1e3).reshape(grid.shape)
    return cv2.resize(rays, (1600, 1200), interpolation=cv2.INTER_CUBIC).reshape(-1, 2)


NEAR, FAR = place(-190, 560, 18, 190), place(330, 800, -24, 299)
LAYOUTS = (
    frame_layout((1280, 720), tag_size=0.1),
    frame_layout((1920, 1080), tag_size=0.1, first_id=100),
)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    rays = all_rays()
    luma = np.full((1200, 1600), 90, np.uint8)
    for pose, layout in zip((NEAR, FAR), LAYOUTS, strict=True):
        paint(luma, rays, pose, layout)
    return luma


def test_one_search_finds_the_poses_of_both(picture: np.ndarray) -> None:
    surfaces = [Surface.from_markers(layout.markers) for layout in LAYOUTS]
    detector = MarkerDetector(tag for surface in surfaces for tag in surface.tag_ids)
    for number in range(3):  # searched as a whole, then near the last place
        found = detector.detect(picture)
        assert len(found) >= 15, number
        for surface, truth in zip(surfaces, (NEAR, FAR), strict=True):
            pose = estimate_pose(found, surface, CAMERA, number)
            assert pose is not None and pose.tags >= 7
            rays, true_rays = (each.rays_from_norm(POINTS) for each in (pose, truth))
            # Drawn without blur or smoothing, so that edges are good to a pixel: 0.065 degrees.
            assert np.degrees(np.abs(rays - true_rays)).max() < 0.05
            expected = expected_markers(pose, surface, CAMERA)
            assert set(expected.ids) <= set(surface.tag_ids)


def test_a_screen_that_is_not_there_has_no_pose(picture: np.ndarray) -> None:
    other = Surface.from_markers(frame_layout((1280, 720), first_id=200).markers)
    detector = MarkerDetector([*LAYOUTS[0].tag_ids, *other.tag_ids])
    found = detector.detect(picture)
    assert len(found) == 8
    assert estimate_pose(found, other, CAMERA, 0) is None


def gaze(x: float, y: float) -> ScreenGaze:
    return ScreenGaze(x, y, not math.isnan(x), None, 0.0, 0.0, 8, 1, 3.0)


@pytest.mark.parametrize(
    ("on", "distances", "name"),
    [
        ({"a": gaze(0.5, 0.2), "b": gaze(-3.0, 0.2)}, {}, "a"),
        ({"a": gaze(1.1, 0.2), "b": gaze(-0.9, 1.0)}, {}, "b"),
        ({"a": gaze(0.5, 0.2), "b": gaze(0.1, 0.1)}, {"a": 800.0, "b": 560.0}, "b"),
        ({"a": gaze(1.5, 0.2), "b": gaze(0.1, -1.1)}, {}, None),
        ({"a": gaze(math.nan, math.nan)}, {}, None),
        ({}, {}, None),
    ],
    ids=["one", "edge", "behind each other", "beside both", "not valid", "none"],
)
def test_the_surface_that_gaze_meets_first_is_looked_at(
    on: dict[str, ScreenGaze], distances: dict[str, float], name: str | None
) -> None:
    asked: Callable[[str], float] = distances.__getitem__
    seen = choose(on, asked)
    assert seen == LookedAt(name, on)
    assert seen.gaze == (on[name] if name else None)


def test_the_distance_is_that_of_the_point() -> None:
    assert NEAR.distance_to((0.0, 0.0)) * 95 == pytest.approx(math.hypot(190, 20, 560))
    assert NEAR.distance_to((1.0, 0.0)) != NEAR.distance_to((-1.0, 0.0))
