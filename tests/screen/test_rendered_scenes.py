"""Pictures of a simulated scene camera through detector, pose and mapping, against the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from psychopy_neon.samples import GazeSample
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.screen.mapper import map_gaze
from psychopy_neon.screen.pose import ScreenPose, estimate_pose
from psychopy_neon.screen.surface import Surface


def find_window(scene: Any, camera: SceneCamera | None = None) -> ScreenPose:
    detected = MarkerDetector(scene.layout.tag_ids).detect(scene.luma)
    surface = Surface.from_markers(scene.layout.markers)
    pose = estimate_pose(detected, surface, camera or scene.camera, device_ns=0)
    assert pose is not None
    return pose


def mapping_error_deg(scene: Any, camera: SceneCamera | None = None) -> Any:
    camera = camera or scene.camera
    pose = find_window(scene, camera)
    return scene.error_deg(pose.norm_from_rays(camera.undistort(scene.points_px)))


@pytest.mark.parametrize(("distance_mm", "content"), [(600.0, "natural"), (900.0, "black")])
def test_gaze_is_within_a_fiftieth_of_a_degree_in_good_light(
    render: Callable[..., Any], distance_mm: float, content: str
) -> None:
    scene = render(distance_mm, content)
    assert find_window(scene).tags == 8
    errors = mapping_error_deg(scene)
    assert errors.mean() < 0.02
    assert errors.max() < 0.05


@pytest.mark.parametrize("content", ["white", "text"])
def test_tags_darker_than_the_page_keep_their_corners(
    render: Callable[..., Any], content: str
) -> None:
    scene = render(600.0, content)
    assert find_window(scene).tags >= 7
    assert mapping_error_deg(scene).mean() < 0.02


@pytest.mark.parametrize(
    "situation",
    [
        {"distance_mm": 600.0, "azimuth": 25.0},
        {"distance_mm": 600.0, "yaw": 20.0},
        {"distance_mm": 700.0, "exposure": 4.0, "room": 0.02},
        {"distance_mm": 600.0, "exposure": 0.12, "room": 0.02},
    ],
    ids=["seat aside", "head turned", "overexposed in a dark room", "dim"],
)
def test_gaze_is_within_a_twentieth_of_a_degree_in_hard_situations(
    render: Callable[..., Any], situation: dict[str, float]
) -> None:
    scene = render(**situation)
    assert find_window(scene).tags >= 6
    assert mapping_error_deg(scene).mean() < 0.05


def test_camera_of_another_module_costs_little(render: Callable[..., Any]) -> None:
    assert mapping_error_deg(render(600.0), SceneCamera.typical()).mean() < 0.05


def test_tracking_in_a_cropped_picture_gives_the_same_corners(render: Callable[..., Any]) -> None:
    scene = render(600.0)
    detector = MarkerDetector(scene.layout.tag_ids)
    searched, tracked = detector.detect(scene.luma), detector.detect(scene.luma)
    assert tracked.ids.tolist() == searched.ids.tolist()
    assert np.abs(tracked.corners_px - searched.corners_px).max() < 0.2


def test_gaze_sample_becomes_a_point_of_the_window(render: Callable[..., Any]) -> None:
    scene = render(600.0)
    pose = find_window(scene)
    for (x, y), expected in zip(scene.points_px, scene.points_norm, strict=True):
        sample = GazeSample(device_ns=0, arrived_host_ns=0, x=x, y=y, worn=True)
        result = map_gaze(
            sample, pose, scene.camera, now_device_ns=0, max_gaze_age_s=0.1, max_pose_age_s=0.5
        )
        assert (result.x, result.y) == pytest.approx(tuple(expected), abs=0.003)
