"""A tracker of gaze on a window, for one device."""

from __future__ import annotations

from psychopy_neon.client.lens import camera_of
from psychopy_neon.client.neon import Neon
from psychopy_neon.client.screen_tracker import ScreenTracker


def make_tracker(neon: Neon, max_gaze_age_s: float, max_pose_age_s: float) -> ScreenTracker:
    """One that uses the gaze, scene and motion of these glasses; asks for their calibration."""
    return ScreenTracker(
        neon.scene,
        camera_of(neon),
        imu=neon.imu,
        gaze=neon.gaze,
        max_gaze_age_s=max_gaze_age_s,
        max_pose_age_s=max_pose_age_s,
    )
