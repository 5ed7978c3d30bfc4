from __future__ import annotations

import dataclasses
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import DetectedMarkers
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.screen.pose import MIN_HULL_FRACTION, ScreenPose, estimate_pose
from psychopy_neon.screen.surface import Surface

CAMERA = SceneCamera.typical()
SURFACE = Surface.from_markers(frame_layout((1920, 1080)).markers)
GRID = np.stack(np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-1, 1, 5)), -1).reshape(-1, 2)


def pose_of(
    distance: float = 4.0, yaw: float = 10.0, pitch: float = -5.0, roll: float = 4.0
) -> ScreenPose:
    """Window `distance` half heights away and turned by degrees, as the truth."""
    vectors = np.diag(np.radians((pitch, yaw, roll)))
    rotation = np.linalg.multi_dot([cv2.Rodrigues(vector)[0] for vector in vectors[::-1]])
    translation = np.array([0.2, -0.1, distance])
    return ScreenPose(0, rotation, translation, SURFACE.half_size, 8, 1.0, 0.0)


def seen(pose: ScreenPose, ids: Any = range(8)) -> DetectedMarkers:
    corners = []
    for tag_id in ids:
        points = np.pad(SURFACE.markers[tag_id], ((0, 0), (0, 1)))
        inside = points @ pose.rotation.T + pose.translation
        corners.append(CAMERA.project(inside[:, :2] / inside[:, 2:]))
    return DetectedMarkers(np.array(list(ids), np.int64), np.array(corners).reshape(-1, 4, 2))


def estimate(detected: DetectedMarkers) -> ScreenPose:
    pose = estimate_pose(detected, SURFACE, CAMERA, device_ns=123)
    assert pose is not None
    return pose


def norm_error(estimated: ScreenPose, truth: ScreenPose) -> float:
    return float(np.abs(estimated.norm_from_rays(truth.rays_from_norm(GRID)) - GRID).max())


@settings(deadline=None)
@given(
    distance=st.floats(2.5, 9.0),
    yaw=st.floats(-40, 40),
    pitch=st.floats(-30, 30),
    roll=st.floats(-175, 175),
)
def test_pose_of_exact_corners_maps_the_whole_window_exactly(
    distance: float, yaw: float, pitch: float, roll: float
) -> None:
    truth = pose_of(distance, yaw, pitch, roll)
    estimated = estimate(seen(truth))
    assert estimated.tags == 8
    assert estimated.reprojection_error_px < 1e-3
    assert norm_error(estimated, truth) < 1e-4


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_points_of_the_plane_return_from_their_rays(x: float, y: float) -> None:
    truth = pose_of(distance=5.0)
    rays = truth.rays_from_norm([(x, y)])
    assert np.isfinite(rays).all() or max(abs(x), abs(y)) > 1
    if np.isfinite(rays).all():
        assert truth.norm_from_rays(rays)[0] == pytest.approx((x, y), abs=1e-9)


def test_middle_and_corners_of_a_window_seen_from_the_front_have_their_signs() -> None:
    truth = pose_of(yaw=0, pitch=0, roll=0)
    estimated = estimate(seen(truth))
    above_and_right = estimated.norm_from_rays([(0.3, -0.2)])[0]
    assert above_and_right[0] > 0
    assert above_and_right[1] > 0


@settings(deadline=None)
@given(st.sets(st.integers(0, 7), min_size=3, max_size=8), st.integers(0, 2**32 - 1))
def test_any_tags_that_span_enough_give_a_pose_and_others_none(tags: set[int], seed: int) -> None:
    truth = pose_of()
    exact = seen(truth, sorted(tags))
    noise = np.random.default_rng(seed).normal(0, 0.05, exact.corners_px.shape)
    detected = DetectedMarkers(exact.ids, exact.corners_px + noise)
    pose = estimate_pose(detected, SURFACE, CAMERA, device_ns=0)
    if SURFACE.hull_fraction(tags) < MIN_HULL_FRACTION:
        assert pose is None
    else:
        assert pose is not None
        assert pose.tags == len(tags)
        assert norm_error(pose, truth) < 0.02


@pytest.mark.parametrize("tags", [[], [0], [0, 7], [0, 1, 2], [0, 1, 3]])
def test_too_few_or_crowded_tags_give_no_pose(tags: list[int]) -> None:
    assert estimate_pose(seen(pose_of(), tags), SURFACE, CAMERA, device_ns=0) is None


@settings(deadline=None)
@given(st.integers(0, 7), st.floats(-300, 300), st.floats(-300, 300))
def test_one_wrong_tag_is_left_out(wrong: int, right_px: float, down_px: float) -> None:
    truth = pose_of()
    detected = seen(truth)
    shift = np.array((right_px, down_px))
    detected.corners_px[wrong] += shift
    pose = estimate(detected)
    if np.hypot(*shift) > 10:
        assert pose.tags == 7
        assert norm_error(pose, truth) < 1e-4
    assert pose.reprojection_error_px <= 3.0


def test_two_exchanged_tags_are_left_out() -> None:
    truth = pose_of()
    detected = seen(truth)
    detected.corners_px[[1, 6]] = detected.corners_px[[6, 1]]
    pose = estimate(detected)
    assert pose.tags == 6
    assert norm_error(pose, truth) < 1e-4


def test_tags_that_contradict_each_other_give_no_pose() -> None:
    scattered = np.random.default_rng(3).uniform((300, 300), (1300, 900), (8, 1, 2))
    square = np.array([(0, 0), (40, 0), (40, 40), (0, 40)], np.float64)
    detected = DetectedMarkers(np.arange(8), scattered + square)
    assert estimate_pose(detected, SURFACE, CAMERA, device_ns=0) is None


def test_unknown_tags_and_tags_off_the_lens_are_ignored() -> None:
    truth = pose_of()
    detected = seen(truth)
    detected.ids[0] = 500
    detected.corners_px[1] = (5.0, 5.0)
    pose = estimate(detected)
    assert pose.tags == 6
    assert norm_error(pose, truth) < 1e-4


def test_camera_center_far_off_changes_the_mapping_little() -> None:
    truth = pose_of(yaw=0, pitch=0, roll=0)
    matrix = np.array(CAMERA.camera_matrix)
    matrix[:2, 2] += 12
    other = SceneCamera(matrix, CAMERA.distortion)
    pose = estimate_pose(seen(truth), SURFACE, other, device_ns=0)
    assert pose is not None
    gaze_px = CAMERA.project(truth.rays_from_norm(GRID))
    assert np.abs(pose.norm_from_rays(other.undistort(gaze_px)) - GRID).max() < 0.01


def test_rays_that_miss_the_plane_give_nan() -> None:
    pose = pose_of(yaw=60, pitch=0, roll=0)
    outward = pose.norm_from_rays([(1.9, 0.0), (-1.9, 0.0), (np.nan, 0.0), (0.0, 0.0)])
    assert np.isnan(outward).all(axis=1).sum() == 2
    assert np.isfinite(outward[3]).all()


def test_pose_is_a_snapshot_that_cannot_change() -> None:
    pose = estimate(seen(pose_of()))
    assert pose.device_ns == 123
    with pytest.raises(ValueError, match="read-only"):
        pose.rotation[0, 0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        pose.translation[0] = 0.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        pose.tags = 9  # type: ignore[misc]
