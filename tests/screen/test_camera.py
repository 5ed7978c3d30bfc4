from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.camera import SceneCamera

CAMERA = SceneCamera.typical()
PICTURE_X = st.floats(0, 1599)
PICTURE_Y = st.floats(0, 1199)


@given(PICTURE_X, PICTURE_Y)
def test_every_pixel_returns_to_itself_or_has_no_ray(x: float, y: float) -> None:
    rays = CAMERA.undistort([(x, y)])
    off_center = np.hypot(*(np.array((x, y)) - CAMERA.camera_matrix[:2, 2]))
    if np.isnan(rays).any():
        assert off_center > 940
    else:
        assert CAMERA.project(rays)[0] == pytest.approx((x, y), abs=0.01)


@given(st.floats(0, 62), st.floats(0, 360))
def test_every_direction_within_62_degrees_returns_to_itself(off_axis: float, turn: float) -> None:
    size, angle = np.tan(np.radians(off_axis)), np.radians(turn)
    rays = [(size * np.cos(angle), size * np.sin(angle))]
    assert CAMERA.undistort(CAMERA.project(rays)) == pytest.approx(np.array(rays), abs=2e-4)


def test_undistortion_is_converged_far_from_the_center() -> None:
    ray = np.array([[1.5, 0.6]])
    assert CAMERA.undistort(CAMERA.project(ray)) == pytest.approx(ray, abs=1e-5)


@pytest.mark.parametrize("corner", [(0, 0), (1599, 0), (0, 1199), (1e6, 0), (np.nan, 5)])
def test_pixels_without_a_direction_give_nan(corner: tuple[float, float]) -> None:
    assert np.isnan(CAMERA.undistort([corner, (800, 600)])[0]).all()
    assert np.isfinite(CAMERA.undistort([corner, (800, 600)])[1]).all()


def test_directions_beyond_the_lens_model_give_nan() -> None:
    assert 62 < np.degrees(np.arctan(CAMERA.max_tangent)) < 68
    assert np.isnan(CAMERA.project([(CAMERA.max_tangent + 0.01, 0)])).all()


def test_camera_without_distortion_is_a_pinhole() -> None:
    camera = SceneCamera(np.array([[900.0, 0, 800], [0, 900, 600], [0, 0, 1]]), np.zeros(8))
    assert camera.undistort([(1250, 600)])[0] == pytest.approx((0.5, 0))
    assert camera.project([(0, -0.5)])[0] == pytest.approx((800, 150))


def test_no_points_give_no_points() -> None:
    assert CAMERA.undistort(np.empty((0, 2))).shape == (0, 2)
    assert CAMERA.project(np.empty((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    ("matrix", "distortion"),
    [
        (np.eye(2), np.zeros(8)),
        (np.eye(3), np.zeros(5)),
        (np.full((3, 3), np.nan), np.zeros(8)),
        (np.zeros((3, 3)), np.zeros(8)),
    ],
)
def test_impossible_calibration_is_refused(matrix: np.ndarray, distortion: np.ndarray) -> None:
    with pytest.raises(UsageError):
        SceneCamera(matrix, distortion)


def test_calibration_is_a_copy_that_cannot_change() -> None:
    matrix = np.array(CAMERA.camera_matrix)
    camera = SceneCamera(matrix, CAMERA.distortion)
    matrix[0, 0] = 1.0
    assert camera.camera_matrix[0, 0] == CAMERA.camera_matrix[0, 0]
    with pytest.raises(ValueError, match="read-only"):
        camera.camera_matrix[0, 0] = 1.0
