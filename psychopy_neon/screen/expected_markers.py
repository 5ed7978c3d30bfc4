"""Where the tags of a window should appear in a picture."""

from __future__ import annotations

import numpy as np

from psychopy_neon.screen.camera import PICTURE_SIZE_PX, SceneCamera
from psychopy_neon.screen.detector import DetectedMarkers
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.surface import Surface


def expected_markers(pose: ScreenPose, surface: Surface, camera: SceneCamera) -> DetectedMarkers:
    """Tags that lie wholly in the picture if the window is where `pose` says.

    Parameters
    ----------
    pose : ScreenPose
        At the time of the picture.
    surface : Surface
    camera : SceneCamera
    """
    plane = np.array(list(surface.markers.values()))
    norm = plane.reshape(-1, 2) / surface.half_size * (1.0, -1.0)
    pixels = camera.project(pose.rays_from_norm(norm)).reshape(-1, 4, 2)
    with np.errstate(invalid="ignore"):
        inside = ((pixels >= 0) & (pixels <= np.array(PICTURE_SIZE_PX) - 1)).all(axis=(1, 2))
    return DetectedMarkers(np.array(surface.tag_ids, np.int64)[inside], pixels[inside])
