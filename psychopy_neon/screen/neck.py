"""How the scene camera moves when the head turns: about the neck, not about itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.pose import ScreenPose

Array = npt.NDArray[np.float64]

CAMERA_FROM_NECK_MM = (0.0, -80.0, 110.0)
"""The camera sits that far above and in front of the neck's pivot (reference); camera axes."""

TYPICAL_WINDOW_HEIGHT_MM = 300.0
"""Of a 24-inch monitor; only the lever depends on it, and that is learnt."""

_DOUBT_MM = 50.0
_SWAY_MM = 25.0  # of the pivot meanwhile; pairs follow closely, so each counts for little
_MEMORY = 0.998
_LONGEST_MM = 400.0


class NeckLever:
    """From the neck's pivot to the camera, in camera axes and plane units (half window heights).

    Learnt from poses some tenths of a second apart, since people, their frames and the size of
    the window differ: where the head turns, the camera moves by the lever.

    Parameters
    ----------
    window_height_mm : float
        Of the window that shows the tags; need not be exact.

    Attributes
    ----------
    lever : ndarray, shape (3,)
        Best known one.
    """

    def __init__(self, window_height_mm: float = TYPICAL_WINDOW_HEIGHT_MM) -> None:
        unit_mm = window_height_mm / 2
        self._typical = np.array(CAMERA_FROM_NECK_MM) / unit_mm
        self._known = np.eye(3) * (_SWAY_MM / _DOUBT_MM) ** 2
        self._longest = _LONGEST_MM / unit_mm
        self._turned = np.zeros((3, 3))
        self._moved = np.zeros(3)
        self.lever: Array = self._typical

    def add(self, earlier: ScreenPose, later: ScreenPose) -> None:
        """Take two poses, some tenths of a second apart."""
        turned = later.rotation.T - earlier.rotation.T
        moved = later.camera_place - earlier.camera_place
        self._turned = _MEMORY * self._turned + turned.T @ turned
        self._moved = _MEMORY * self._moved + turned.T @ moved
        lever = np.linalg.solve(
            self._turned + self._known, self._moved + self._known @ self._typical
        )
        if np.linalg.norm(lever) <= self._longest:
            self.lever = np.asarray(lever, np.float64)
