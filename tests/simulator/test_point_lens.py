from __future__ import annotations

import math

import numpy as np
import pytest

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.point_lens import PointLens


def test_agrees_with_the_projection_of_many_points():
    camera = SceneCamera.typical()
    lens = PointLens(camera)
    rays = np.random.default_rng(1).uniform(-1.3, 1.3, (500, 2))
    projected = [lens.project(x, y) for x, y in rays]
    assert np.asarray(projected) == pytest.approx(camera.project(rays), abs=1e-9, nan_ok=True)


def test_beyond_the_end_of_the_lens_there_is_nothing():
    camera = SceneCamera.typical()
    lens, end = PointLens(camera), camera.max_tangent
    assert all(map(math.isnan, lens.project(end * 1.001, 0)))
    assert all(map(math.isfinite, lens.project(end * 0.999, 0)))
    assert all(map(math.isnan, lens.project(math.nan, 0)))
