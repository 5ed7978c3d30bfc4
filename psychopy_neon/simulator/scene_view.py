"""How the scene camera sees the monitor: where a looked-at point falls in its picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.head import LOOP_NS, Head, Pose
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.participant import Norm
from psychopy_neon.simulator.point_lens import PointLens

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class SceneView:
    """Camera, head and monitor together."""

    camera: SceneCamera
    head: Head
    monitor: Monitor
    _lens: PointLens = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lens", PointLens(self.camera))

    def scene_px(self, norm: Norm, device_ns: int) -> tuple[float, float]:
        """Scene camera pixels of a point on the monitor, with the head as it is at `device_ns`.

        NaN where the lens model ends, about 64 degrees off axis.
        """
        x_mm, y_mm = self.monitor.point_mm(norm)
        right, down, ahead = (
            a * x_mm + b * y_mm + c for a, b, c in _rows(self.head, device_ns % LOOP_NS)
        )
        if ahead <= 0:
            return float("nan"), float("nan")
        return self._lens.project(right / ahead, down / ahead)

    def norm_of(self, points_px: npt.ArrayLike, device_ns: int = 0) -> Matrix:
        """Points of the monitor, norm units, behind scene pixels, both of shape (n, 2).

        The monitor goes on beyond its edges; NaN where the lens model ends.
        """
        rays = np.asarray(self.camera.undistort(points_px), np.float64).reshape(-1, 1, 2)
        places = cv2.perspectiveTransform(rays, self.monitor_px_from_rays(device_ns))
        width, height = self.monitor.size_px
        norm = (places.reshape(-1, 2) + 0.5) / (width / 2, height / 2) - 1
        return np.asarray(norm * (1, -1))

    def monitor_px_from_rays(self, device_ns: int) -> Matrix:
        """Homography, shape (3, 3), from rays of the camera to pixels of the monitor."""
        from_rays = np.linalg.inv(rays_from_mm(self.head.pose(device_ns)))
        return self.monitor.pixels_from_mm() @ from_rays


def rays_from_mm(pose: Pose) -> Matrix:
    """Homography from the monitor's plane (mm) to rays of the camera."""
    return np.column_stack([pose.rotation[:, :2], pose.translation])


@lru_cache(maxsize=4096)
def _rows(head: Head, into_loop_ns: int) -> tuple[tuple[float, float, float], ...]:
    """`rays_from_mm`, remembered: the gaze sensor asks 200 times a second, and the head's motion
    repeats."""
    rows = rays_from_mm(head.pose(into_loop_ns)).tolist()
    return tuple((float(a), float(b), float(c)) for a, b, c in rows)
