"""From a gaze sample in the scene camera's picture to a point of the window."""

from __future__ import annotations

import math

from psychopy_neon.samples import GazeProblem, GazeSample, ScreenGaze
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.pose import ScreenPose

_NS_PER_S = 1e9


def map_gaze(
    gaze: GazeSample | None,
    pose: ScreenPose | None,
    camera: SceneCamera,
    *,
    now_device_ns: int,
    max_gaze_age_s: float,
    max_pose_age_s: float,
) -> ScreenGaze:
    """Find the point of the window that a gaze sample rests on.

    Of several problems the first in this order is reported: ``"no gaze"`` (no sample),
    ``"too old"``, ``"not worn"``, ``"no screen"`` (no pose, or the gaze does not meet the
    window's plane), ``"screen too old"``, ``"off lens"`` (no direction for this pixel).

    Parameters
    ----------
    gaze : GazeSample or None
    pose : ScreenPose or None
        The last known place of the window.
    camera : SceneCamera
    now_device_ns : int
        The present on the phone's Unix clock, ns.
    max_gaze_age_s : float
        Seconds that the sample may differ from now, in either direction: a sample from the
        future means that the clocks are not known well enough to call it fresh.
    max_pose_age_s : float
        Seconds that the sample and the pose's picture may be apart, in either direction.

    Returns
    -------
    ScreenGaze
        ``x`` and ``y`` in PsychoPy ``norm`` units, NaN with a problem. ``pose_age_s`` is
        negative if the picture is newer than the sample.
    """
    if gaze is None:
        return _screen_gaze(None, pose, math.nan, "no gaze", (math.nan, math.nan))
    age_s = (now_device_ns - gaze.device_ns) / _NS_PER_S
    x, y, problem = _point(gaze, pose, camera, age_s, max_gaze_age_s, max_pose_age_s)
    return _screen_gaze(gaze, pose, age_s, problem, (x, y))


def _point(
    gaze: GazeSample,
    pose: ScreenPose | None,
    camera: SceneCamera,
    age_s: float,
    max_gaze_age_s: float,
    max_pose_age_s: float,
) -> tuple[float, float, GazeProblem | None]:
    if abs(age_s) > max_gaze_age_s:
        return math.nan, math.nan, "too old"
    if not gaze.worn:
        return math.nan, math.nan, "not worn"
    if pose is None:
        return math.nan, math.nan, "no screen"
    if abs(_pose_age_s(gaze, pose)) > max_pose_age_s:
        return math.nan, math.nan, "screen too old"
    return _hit(gaze, pose, camera)


def _hit(
    gaze: GazeSample, pose: ScreenPose, camera: SceneCamera
) -> tuple[float, float, GazeProblem | None]:
    rays = camera.undistort([(gaze.x, gaze.y)])
    if math.isnan(rays[0, 0]):
        return math.nan, math.nan, "off lens"
    x, y = pose.norm_from_rays(rays)[0]
    if math.isnan(x) or math.isnan(y):
        return math.nan, math.nan, "no screen"
    return float(x), float(y), None


def _screen_gaze(
    gaze: GazeSample | None,
    pose: ScreenPose | None,
    age_s: float,
    problem: GazeProblem | None,
    point: tuple[float, float],
) -> ScreenGaze:
    return ScreenGaze(
        x=point[0],
        y=point[1],
        valid=problem is None,
        problem=problem,
        age_s=age_s,
        pose_age_s=_pose_age_s(gaze, pose) if gaze is not None and pose is not None else math.nan,
        tags=0 if pose is None else pose.tags,
        device_ns=None if gaze is None else gaze.device_ns,
        pupil_mm=math.nan if gaze is None else _mean_pupil_mm(gaze),
    )


def _pose_age_s(gaze: GazeSample, pose: ScreenPose) -> float:
    return (gaze.device_ns - pose.device_ns) / _NS_PER_S


def _mean_pupil_mm(gaze: GazeSample) -> float:
    """Mean over the open eyes; a shut eye reports 0 or NaN."""
    eyes = (eye for eye in (gaze.left_eye, gaze.right_eye) if eye is not None)
    open_mm = [eye.pupil_diameter_mm for eye in eyes if eye.pupil_diameter_mm > 0]
    return sum(open_mm) / len(open_mm) if open_mm else math.nan
