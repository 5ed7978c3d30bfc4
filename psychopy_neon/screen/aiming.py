"""Gaze beside the target that somebody is to look at, both as seen from the scene camera."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from psychopy_neon.samples import GazeProblem, GazeSample, Point
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.viewing_angles import angles_from_rays


@dataclass(frozen=True, slots=True)
class AimedGaze:
    """A sample of gaze, and where the target was at its time.

    Attributes
    ----------
    device_ns : int
        Time of the sample on the phone's Unix clock, ns.
    gaze_deg : tuple of 2 float
        Azimuth and elevation in camera axes, degrees, as the glasses sent it: without a
        correction. NaN when not valid.
    target_deg : tuple of 2 float
        The same of the target; NaN when not valid.
    distance : float
        From the camera to the target, window heights; NaN when not valid.
    problem : str or None
        Why it is not valid; see `ScreenGaze`.
    """

    device_ns: int
    gaze_deg: Point
    target_deg: Point
    distance: float
    problem: GazeProblem | None


def aim(
    gaze: GazeSample,
    pose: ScreenPose | None,
    camera: SceneCamera,
    target: Point,
    problem: GazeProblem | None,
) -> AimedGaze:
    """See gaze and target from the camera.

    Parameters
    ----------
    gaze : GazeSample
    pose : ScreenPose or None
        Place of the window at the time of the sample.
    camera : SceneCamera
    target : tuple of 2 float
        ``norm`` units of the window.
    problem : str or None
        That `map_gaze` found with this sample.
    """
    nothing = (math.nan, math.nan)
    if pose is None or problem is not None:
        return AimedGaze(gaze.device_ns, nothing, nothing, math.nan, problem or "no screen")
    rays = np.concatenate([camera.undistort([(gaze.x, gaze.y)]), pose.rays_from_norm([target])])
    (gaze_x, gaze_y), (target_x, target_y) = angles_from_rays(rays).tolist()
    return AimedGaze(
        gaze.device_ns, (gaze_x, gaze_y), (target_x, target_y), _distance(pose, target), None
    )


def _distance(pose: ScreenPose, target: Point) -> float:
    plane = (target[0] * pose.half_size[0], -target[1] * pose.half_size[1], 0.0)
    half_heights = np.linalg.norm(pose.rotation @ np.array(plane) + pose.translation)
    return float(half_heights) / 2.0
