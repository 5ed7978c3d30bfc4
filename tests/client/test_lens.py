"""Which lens gaze is mapped with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from psychopy_neon.client.lens import camera_of
from psychopy_neon.client.neon import Neon
from psychopy_neon.protocol.calibration import Calibration
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


@pytest.fixture
def bent() -> bytes:
    """A calibration whose checksum is right and whose focal lengths are not."""
    good = Calibration.typical()
    matrix = good.scene.matrix.copy()
    matrix[0, 0] = -1.0
    return replace(good, scene=replace(good.scene, matrix=matrix)).pack()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "404"),
        ("cut short", "bytes"),
        ("one bit wrong", "checksum"),
        ("impossible", "focal lengths"),
    ],
)
def test_without_a_usable_calibration_a_typical_lens_is_taken_and_the_log_says_why(
    simulated_neon: Any, caplog: pytest.LogCaptureFixture, bent: bytes, kind: str, words: str
) -> None:
    phone = simulated_neon(scene=False)
    good = Calibration.typical().pack()
    bodies = {
        "cut short": good[:100],
        "one bit wrong": good[:-5] + bytes([good[-5] ^ 1]) + good[-4:],
        "impossible": bent,
    }
    if kind == "missing":
        phone.faults.http_error(404, "/calibration.bin", 50)
    else:
        phone.faults.http_garbage("/calibration.bin", 50, bodies[kind])
    with Neon.connect(f"{phone.address}:{phone.port}") as neon:
        camera = camera_of(neon)
    assert (camera.camera_matrix == SceneCamera.typical().camera_matrix).all()
    (warning,) = [r.message for r in caplog.records if "typical camera calibration" in r.message]
    assert words in warning
