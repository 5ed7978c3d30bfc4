"""The search for tags, for one device."""

from __future__ import annotations

import math

from psychopy_neon.client.lens import camera_of
from psychopy_neon.client.neon import Neon
from psychopy_neon.client.screen_watch import ScreenWatch
from psychopy_neon.exceptions import UsageError


def make_watch(neon: Neon) -> ScreenWatch:
    """One that uses the gaze, scene and motion of these glasses; asks for their calibration."""
    return ScreenWatch(neon.scene, camera_of(neon), imu=neon.imu, gaze=neon.gaze)


def checked_height_mm(height_mm: float) -> float:
    """The same, if a surface can be so high."""
    if not (math.isfinite(height_mm) and height_mm > 0):
        raise UsageError(f"the height of a surface must be above 0 mm, not {height_mm!r}.")
    return float(height_mm)
