"""How far off a pose is expected to be, degrees root mean square.

The figures were set with ``benchmarks/bench_head_motion.py`` so that they hold on average over
heads at rest, turning evenly and moving freely; they count what tags and motion add to the error
of the glasses' own gaze, which they do not contain.
"""

from __future__ import annotations

import math

from psychopy_neon.screen.pose import ScreenPose

_POSE_DEG = ((0.5, 0.008), (0.35, 0.03), (0.0, 0.1))  # from this share of the window on
_TYPICAL_REPROJECTION_PX = 0.3
# With gyroscope: per second (the neck moves), per degree turned (axes, scale, lever).
_CARRIED_PER_S, _CARRIED_PER_TURN, _CARRIED_PER_SPEED = 0.7, 0.025, 0.025
# Without: the head's speed changes by so many times itself per second, and is never quite 0.
_RESTLESS_PER_S, _SLOWEST_RAD_S = 14.0, math.radians(1.5)
_RESTLESS_WITH_GYRO_PER_S = 10.0  # beyond how the newest samples of the gyroscope go on
_LONGEST_EXTRAPOLATION_S = 0.1
_SHAPED = 0.05
_UNDATED_S = 0.1  # by which the delays of pictures and gaze differ at most, as a rule


def pose_deg(pose: ScreenPose) -> float:
    """Of the pose in its own picture: by how much of the window its tags span and how they fit."""
    error = next(error for share, error in _POSE_DEG if pose.hull_fraction >= share)
    return error * max(1.0, pose.reprojection_error_px / _TYPICAL_REPROJECTION_PX)


def carried_deg(
    pose: ScreenPose, ahead_s: float, turned_rad: float, guessed_s: float, speed_rad_s: float
) -> float:
    """Of a pose carried by the gyroscope.

    Parameters
    ----------
    pose : ScreenPose
    ahead_s : float
        Time from its picture, seconds.
    turned_rad : float
        Angle by which the head turned meanwhile.
    guessed_s : float
        Part of that time which the gyroscope does not cover.
    speed_rad_s : float
        Root mean square speed of the head lately.
    """
    speed_deg_s = math.degrees(speed_rad_s)
    return math.hypot(
        pose_deg(pose),
        _CARRIED_PER_S * ahead_s,
        _CARRIED_PER_TURN * math.degrees(turned_rad),
        _CARRIED_PER_SPEED * speed_deg_s * ahead_s,
        _unforeseen_deg(guessed_s, speed_rad_s, _RESTLESS_WITH_GYRO_PER_S),
    )


def extrapolated_deg(pose: ScreenPose, ahead_s: float, speed_rad_s: float) -> float:
    """Of a pose carried on at the head's last speed, or not at all; arguments as above."""
    still_s = max(0.0, ahead_s - _LONGEST_EXTRAPOLATION_S)
    guessed = _unforeseen_deg(min(ahead_s, _LONGEST_EXTRAPOLATION_S), speed_rad_s)
    stood = math.degrees(max(speed_rad_s, _SLOWEST_RAD_S)) * still_s
    return math.hypot(pose_deg(pose), guessed + stood)


def interpolated_deg(
    pose: ScreenPose, gap_s: float, share: float, turned_rad: float, has_gyro: bool
) -> float:
    """Of a pose between two pictures.

    Parameters
    ----------
    pose : ScreenPose
        The nearer of the two.
    gap_s : float
        Time between them, seconds.
    share : float
        Of it that had passed, 0 to 1.
    turned_rad : float
        Angle between the two.
    has_gyro : bool
        Whether the gyroscope tells how it was passed.
    """
    speed_rad_s = max(turned_rad / gap_s, _SLOWEST_RAD_S)
    bend_s = gap_s * math.sqrt(share * (1 - share))
    bent = _unforeseen_deg(bend_s, speed_rad_s) * (_SHAPED if has_gyro else 1.0)
    return math.hypot(pose_deg(pose), bent)


def undated_deg(error_deg: float, speed_rad_s: float) -> float:
    """Of a pose whose picture is dated by its arrival; arguments: without that, and the speed."""
    speed_deg_s = math.degrees(max(speed_rad_s, _SLOWEST_RAD_S))
    return math.hypot(error_deg, _UNDATED_S * speed_deg_s)


def _unforeseen_deg(
    passed_s: float, speed_rad_s: float, restless_per_s: float = _RESTLESS_PER_S
) -> float:
    """What the head turns in that time beyond going on at its speed."""
    speed_deg_s = math.degrees(max(speed_rad_s, _SLOWEST_RAD_S))
    return 0.5 * restless_per_s * speed_deg_s * passed_s**2
