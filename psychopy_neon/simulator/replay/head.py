"""A still head, turned so that the monitor is where the wearer looked most."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.head import Head, Pose
from psychopy_neon.simulator.native.reading import NativeRecording


@dataclass(frozen=True, slots=True)
class TurnedHead(Head):
    """A head whose camera has the middle of the monitor elsewhere than straight ahead.

    Attributes
    ----------
    middle_ray : tuple of 2 float
        Where: x / z and y / z in the axes of the camera.
    """

    middle_ray: tuple[float, float] = (0.0, 0.0)

    def pose(self, device_ns: int) -> Pose:
        """Pose at a moment of the phone's clock."""
        straight = Head.pose(self, device_ns)  # super() does not know a class with slots
        x, y = self.middle_ray
        angle, length = math.atan(math.hypot(x, y)), math.hypot(x, y) or 1.0
        turn = np.asarray(cv2.Rodrigues(np.array([-y, x, 0.0]) * angle / length)[0])
        return Pose(turn @ straight.rotation, turn @ straight.translation)


def head_of(recording: NativeRecording, camera: SceneCamera, distance_mm: float) -> Head:
    """The head that has the monitor at the median of gaze."""
    points = np.array(recording.gaze.rows[["x", "y"]].tolist(), np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return Head(distance_mm, moves=False)
    x, y = np.nan_to_num(camera.undistort(np.median(points, axis=0)[None])[0]).tolist()
    return TurnedHead(distance_mm, moves=False, middle_ray=(x, y))
