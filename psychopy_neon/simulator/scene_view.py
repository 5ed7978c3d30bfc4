"""How the scene camera sees the monitor: where a looked-at point falls in its picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.head import Head, Pose
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.participant import Norm

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class SceneView:
    """Camera, head and monitor together."""

    camera: SceneCamera
    head: Head
    monitor: Monitor

    def scene_px(self, norm: Norm, device_ns: int) -> tuple[float, float]:
        """Scene camera pixels of a point on the monitor, with the head as it is at `device_ns`.

        NaN where the lens model ends, about 64 degrees off axis.
        """
        x_mm, y_mm = self.monitor.point_mm(norm)
        ray = rays_from_mm(self.head.pose(device_ns)) @ (x_mm, y_mm, 1.0)
        if ray[2] <= 0:
            return float("nan"), float("nan")
        x, y = self.camera.project(ray[None, :2] / ray[2])[0]
        return float(x), float(y)

    def monitor_px_from_rays(self, device_ns: int) -> Matrix:
        """Homography, shape (3, 3), from rays of the camera to pixels of the monitor."""
        from_rays = np.linalg.inv(rays_from_mm(self.head.pose(device_ns)))
        return self.monitor.pixels_from_mm() @ from_rays


def rays_from_mm(pose: Pose) -> Matrix:
    """Homography from the monitor's plane (mm) to rays of the camera."""
    return np.column_stack([pose.rotation[:, :2], pose.translation])
