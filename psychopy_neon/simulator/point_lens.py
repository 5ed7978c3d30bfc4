"""The scene camera's lens for one point at a time, in plain Python.

`SceneCamera.project` is made for many points and takes a tenth of a millisecond even for one;
200 times a second that was most of what the simulator cost.
"""

from __future__ import annotations

import math

from psychopy_neon.screen.camera import SceneCamera


class PointLens:
    """OpenCV's rational model with 8 coefficients.

    Parameters
    ----------
    camera : SceneCamera
    """

    def __init__(self, camera: SceneCamera) -> None:
        matrix = camera.camera_matrix
        self._focal_px = float(matrix[0, 0]), float(matrix[1, 1])
        self._centre_px = float(matrix[0, 2]), float(matrix[1, 2])
        self._distortion: list[float] = camera.distortion.tolist()
        self._max_tangent = camera.max_tangent

    def project(self, x: float, y: float) -> tuple[float, float]:
        """Pixel of a ray (x / z, y / z); NaN beyond the end of the lens model."""
        if not math.hypot(x, y) <= self._max_tangent:
            return math.nan, math.nan
        k1, k2, p1, p2, k3, k4, k5, k6 = self._distortion
        r2 = x * x + y * y
        radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
        across = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
        down = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
        (fx, fy), (cx, cy) = self._focal_px, self._centre_px
        return fx * across + cx, fy * down + cy
