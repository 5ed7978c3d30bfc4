"""Which lens gaze is mapped with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychopy_neon.client.lens import camera_of
from psychopy_neon.client.neon import Neon
from psychopy_neon.screen.camera import SceneCamera


@pytest.mark.parametrize("model", ["neon", "invisible"])
def test_the_lens_is_that_of_the_glasses(simulated_neon: Any, model: str) -> None:
    phone = simulated_neon(scene=False, model=model, module_serial="654321")
    with Neon.connect(f"{phone.address}:{phone.port}") as neon:
        camera = camera_of(neon)
        if model == "invisible":
            expected = SceneCamera.typical_of_invisible()
        else:
            scene = neon.calibration().scene
            expected = SceneCamera(scene.matrix, scene.distortion)
    assert (camera.camera_matrix == expected.camera_matrix).all()
    assert (camera.distortion == expected.distortion).all()


def test_the_older_glasses_see_82_degrees_of_their_picture() -> None:
    rays = SceneCamera.typical_of_invisible().undistort([(0.0, 540.0), (1087.0, 540.0)])
    left, right = np.degrees(np.arctan(rays[:, 0]))
    assert right - left == pytest.approx(82, abs=3)
