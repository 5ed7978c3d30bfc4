"""From a gaze sample in the scene camera's picture to a point of the window."""

from __future__ import annotations

import math

from psychopy_neon.samples import GazeProblem, GazeSample, PoseSource, ScreenGaze
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.pose import ScreenPose

SHUT_MM = 0.5
"""Lids no farther apart than this are shut; in recordings a blink reaches 0, an open eye 12."""

_NS_PER_S = 1e9


def map_gaze(
    gaze: GazeSample | None,
    pose: ScreenPose | None,
    camera: SceneCamera,
    *,
    now_device_ns: int,
    max_gaze_age_s: float,
    max_pose_age_s: float,
    pose_source: PoseSource = "held",
    expected_error_deg: float = math.nan,
    correction: GazeCorrection | None = None,
) -> ScreenGaze:
    """Find the point of the window that a gaze sample rests on.

    Of several problems the first in this order is reported: ``"no gaze"`` (no sample),
    ``"too old"``, ``"not worn"``, ``"blink"`` (both eyes shut), ``"no screen"`` (no pose, or the
    gaze does not meet the window's plane), ``"screen too old"``, ``"off lens"`` (no direction for
    this pixel).

    Parameters
    ----------
    gaze : GazeSample or None
    pose : ScreenPose or None
        Place of the window at the time of the sample; its `device_ns` is that of the picture it
        rests on.
    camera : SceneCamera
    now_device_ns : int
        The present on the phone's Unix clock, ns.
    max_gaze_age_s : float
        Seconds that the sample may differ from now, in either direction: a sample from the
        future means that the clocks are not known well enough to call it fresh.
    max_pose_age_s : float
        Seconds that the sample and the pose's picture may be apart, in either direction.
    pose_source : {"interpolated", "gyroscope", "extrapolated", "held"}
        How the pose was got.
    expected_error_deg : float
        Of the pose; handed on if the gaze is valid.
    correction : GazeCorrection, optional
        Applied to the direction of gaze before it meets the window.

    Returns
    -------
    ScreenGaze
        ``x`` and ``y`` in PsychoPy ``norm`` units, NaN with a problem. ``pose_age_s`` is
        negative if the picture is newer than the sample.
    """
    if gaze is None:
        return ScreenGaze(
            math.nan, math.nan, False, "no gaze", math.nan, math.nan, 0, None, math.nan
        )
    age_s = (now_device_ns - gaze.device_ns) / _NS_PER_S
    x, y, problem = _point(gaze, pose, camera, age_s, max_gaze_age_s, max_pose_age_s, correction)
    return ScreenGaze(
        x=x,
        y=y,
        valid=problem is None,
        problem=problem,
        age_s=age_s,
        pose_age_s=math.nan if pose is None else _pose_age_s(gaze, pose),
        tags=0 if pose is None else pose.tags,
        device_ns=gaze.device_ns,
        pupil_mm=_mean_pupil_mm(gaze),
        expected_error_deg=expected_error_deg if problem is None else math.nan,
        pose_source=None if pose is None else pose_source,
    )


def _point(
    gaze: GazeSample,
    pose: ScreenPose | None,
    camera: SceneCamera,
    age_s: float,
    max_gaze_age_s: float,
    max_pose_age_s: float,
    correction: GazeCorrection | None,
) -> tuple[float, float, GazeProblem | None]:
    if abs(age_s) > max_gaze_age_s:
        return math.nan, math.nan, "too old"
    if not gaze.worn:
        return math.nan, math.nan, "not worn"
    if _eyes_are_shut(gaze):
        return math.nan, math.nan, "blink"
    if pose is None:
        return math.nan, math.nan, "no screen"
    if abs(_pose_age_s(gaze, pose)) > max_pose_age_s:
        return math.nan, math.nan, "screen too old"
    return _hit(gaze, pose, camera, correction)


def _hit(
    gaze: GazeSample, pose: ScreenPose, camera: SceneCamera, correction: GazeCorrection | None
) -> tuple[float, float, GazeProblem | None]:
    rays = camera.undistort([(gaze.x, gaze.y)])
    if math.isnan(rays[0, 0]):
        return math.nan, math.nan, "off lens"
    if correction is not None:
        rays = correction.apply_to_rays(rays)
    x, y = pose.norm_from_rays(rays)[0]
    if math.isnan(x) or math.isnan(y):
        return math.nan, math.nan, "no screen"
    return float(x), float(y), None


def _pose_age_s(gaze: GazeSample, pose: ScreenPose) -> float:
    return (gaze.device_ns - pose.device_ns) / _NS_PER_S


def _mean_pupil_mm(gaze: GazeSample) -> float:
    """Mean over the open eyes; a shut eye reports 0 or NaN."""
    eyes = (eye for eye in (gaze.left_eye, gaze.right_eye) if eye is not None)
    open_mm = [eye.pupil_diameter_mm for eye in eyes if eye.pupil_diameter_mm > 0]
    return sum(open_mm) / len(open_mm) if open_mm else math.nan


def _eyes_are_shut(gaze: GazeSample) -> bool:
    left, right = gaze.left_lid, gaze.right_lid
    if left is None or right is None:
        return False
    return left.aperture_mm <= SHUT_MM and right.aperture_mm <= SHUT_MM
