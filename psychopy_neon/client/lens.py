"""The lens of the scene camera that is connected."""

from __future__ import annotations

import logging

from psychopy_neon.client.neon import Neon
from psychopy_neon.exceptions import NeonError
from psychopy_neon.screen.camera import SceneCamera

logger = logging.getLogger(__name__)


def camera_of(neon: Neon) -> SceneCamera:
    """By the calibration of these glasses, or the typical one of their kind; blocks for a request.

    Pupil Invisible tells none.
    """
    hardware = neon.status.hardware
    if hardware is not None and (hardware.version or "").startswith("1"):
        return SceneCamera.typical_of_invisible()
    try:
        scene = neon.calibration().scene
        return SceneCamera(scene.matrix, scene.distortion)
    except NeonError as error:
        logger.warning("using a typical camera calibration: %s", error)
        return SceneCamera.typical()
