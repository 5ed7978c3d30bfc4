"""Where the window is at the time of a gaze sample, though pictures come later and less often."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from psychopy_neon.samples import PoseSource, Vector
from psychopy_neon.screen import expected_error
from psychopy_neon.screen.alignment_fit import AlignmentFit
from psychopy_neon.screen.gyroscope import GyroTrack, Turn
from psychopy_neon.screen.neck import TYPICAL_WINDOW_HEIGHT_MM, NeckLever
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.pose_history import PoseHistory
from psychopy_neon.screen.rotations import angle_rad, from_vector, to_matrix, vector_of_matrix

Array = npt.NDArray[np.float64]

LONGEST_EXTRAPOLATION_S = 0.1
"""Without gyroscope the head is taken to turn on for so long; then a guess is worse than none."""

_STILL, _AT_REST = np.eye(3), np.zeros(3)
_NS_PER_S = 1e9
_VELOCITY_POSES, _MIN_VELOCITY_POSES, _VELOCITY_SPAN_S = 8, 4, 0.4
_FASTEST_SWAY_MM_S, _LONGEST_SWAY_S = 60.0, 0.25
_LEVER_LAG = 8  # poses between the two that the lever is learnt from
_LONGEST_RATE_S = 0.12
_SPEEDS_KEPT = 30


@dataclass(frozen=True, eq=False, slots=True)
class PlacedPose:
    """A pose at the time it was asked for.

    Attributes
    ----------
    pose : ScreenPose
        Its `device_ns`, tags and error are those of the picture it rests on; of two, the nearer.
    source : {"interpolated", "gyroscope", "extrapolated", "held"}
        How it was got from there.
    expected_error_deg : float
        Root mean square error of directions to the window, degrees.
    """

    pose: ScreenPose
    source: PoseSource
    expected_error_deg: float


@dataclass(frozen=True, eq=False, slots=True)
class _Newest:
    """The newest pose, and how the head moved in the pictures up to it."""

    pose: ScreenPose
    rate_rad_s: Array | None  # from the picture before, as the next
    velocity: Array
    pivot_velocity: Array
    speed_rad_s: float


class HeadMotion:
    """Poses of the window by time, between pictures and after the newest.

    A time between two pictures gets the pose between theirs, shaped by the gyroscope if there
    is one. A time after the newest picture gets its pose, carried forward: turned as the
    gyroscope says, about the neck, with the neck's own drift. Without gyroscope the head is
    taken to turn on as in the last two pictures, for 0.1 s at most.

    One thread at a time calls `take_gyro`, and one `take_pose` and `compare`; any may call `at`.

    Parameters
    ----------
    window_height_mm : float
        Of the window that shows the tags; need not be exact, see `NeckLever`.
    gyro, fit : GyroTrack, AlignmentFit, optional
        Those of the same head, if there are several windows; each has poses of its own.

    Attributes
    ----------
    history : PoseHistory
    gyro : GyroTrack
    fit : AlignmentFit
        Whether the gyroscope agrees with the pictures.
    """

    def __init__(
        self,
        window_height_mm: float = TYPICAL_WINDOW_HEIGHT_MM,
        *,
        gyro: GyroTrack | None = None,
        fit: AlignmentFit | None = None,
    ) -> None:
        self.history = PoseHistory()
        self.gyro = GyroTrack() if gyro is None else gyro
        self.fit = AlignmentFit() if fit is None else fit
        self._window_height_mm = window_height_mm
        self._neck = NeckLever(window_height_mm)
        self._fastest_sway = _FASTEST_SWAY_MM_S / (window_height_mm / 2)
        self._speeds: deque[float] = deque(maxlen=_SPEEDS_KEPT)
        self._newest: _Newest | None = None
        self._undated = False

    def take_gyro(self, device_ns: int, rotation_deg_s: Vector) -> None:
        """Take the next sample of the gyroscope; see `GyroTrack.add`."""
        self.gyro.add(device_ns, rotation_deg_s)

    def take_pose(self, pose: ScreenPose, *, undated: bool = False) -> bool:
        """Take the pose in the next picture; False if it is late, and left out.

        Parameters
        ----------
        pose : ScreenPose
        undated : bool
            Whether its time is that of the picture's arrival, because the phone has not told
            its own yet. The gyroscope does not fit such poses, so they are neither carried on by
            it nor compared with it, their expected error is larger, and the first one with its
            true time makes an end of them.
        """
        if undated != self._undated:
            self._undated = undated
            self.history.clear()
            self._newest = None
        before = self.history.newest
        if not self.history.add(pose):
            return False
        poses = self.history.poses
        if before is not None and len(poses) == 1:  # the clock was set back
            self.fit.clear()
            self._speeds.clear()
            before = None
        rate = None if before is None else _rate(before, pose)
        if before is not None and rate is not None:
            if not undated:
                self.fit.add(before, pose)
            self._speeds.append(float(rate @ rate))
        if len(poses) > _LEVER_LAG and _passed_s(poses[-1 - _LEVER_LAG], pose) < 0.5:
            self._neck.add(poses[-1 - _LEVER_LAG], pose)
        speed = float(np.sqrt(np.mean(self._speeds))) if self._speeds else 0.0
        velocity = _AT_REST if before is None or rate is None else _velocity(before, pose)
        self._newest = _Newest(pose, rate, velocity, self._pivot_velocity(poses), speed)
        return True

    def compare(self) -> None:
        """Check the gyroscope against the pictures, and learn from them; takes up to 1 ms."""
        self.fit.compare(self.gyro)

    def clear(self) -> None:
        """Forget the poses, and how large the window is: the tags are others now."""
        self.history.clear()
        self._neck = NeckLever(self._window_height_mm)
        self.fit.clear()
        self._newest = None

    def at(self, device_ns: int) -> PlacedPose | None:
        """The pose at a moment; takes some tens of microseconds.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.

        Returns
        -------
        PlacedPose or None
            None before the first pose. How far the nearest picture is away is for the caller
            to judge, by ``pose.device_ns``.
        """
        newest = self._newest
        placed = None if newest is None else self._placed(newest, device_ns)
        if newest is None or placed is None or not self._undated:
            return placed
        error = expected_error.undated_deg(placed.expected_error_deg, newest.speed_rad_s)
        return replace(placed, expected_error_deg=error)

    def _placed(self, newest: _Newest, device_ns: int) -> PlacedPose:
        if device_ns >= newest.pose.device_ns:
            return self._after(newest, device_ns)
        before, after = self.history.around(device_ns)
        if before is not None and after is not None:
            return self._between(before, after, device_ns)
        only = before or after or newest.pose
        speed = newest.speed_rad_s
        return self._after(_Newest(only, None, _AT_REST, _AT_REST, speed), device_ns)

    # -- after the newest picture -------------------------------------------------------------

    def _after(self, newest: _Newest, device_ns: int) -> PlacedPose:
        pose = newest.pose
        ahead_s = (device_ns - pose.device_ns) / _NS_PER_S
        turn = self._turn(pose.device_ns, device_ns)
        if turn is not None:
            error = expected_error.carried_deg(
                pose, ahead_s, angle_rad(turn.rotation), turn.guessed_s, newest.speed_rad_s
            )
            turned = self.fit.alignment.in_camera_axes(turn)
            return PlacedPose(self._carried(newest, turned, ahead_s), "gyroscope", error)
        error = expected_error.extrapolated_deg(pose, abs(ahead_s), newest.speed_rad_s)
        if newest.rate_rad_s is None or ahead_s <= 0:
            return PlacedPose(pose, "held", error)
        ahead_s = min(ahead_s, LONGEST_EXTRAPOLATION_S)
        turned = to_matrix(from_vector(*(newest.rate_rad_s * ahead_s).tolist()))
        # Not about the neck: errors of a pose's turn and place make up for each other.
        place = pose.camera_place + ahead_s * newest.velocity
        return PlacedPose(pose.moved(pose.rotation.T @ turned, place), "extrapolated", error)

    def _turn(self, start_ns: int, end_ns: int) -> Turn | None:
        fit = self.fit
        if self._undated or not fit.is_usable:
            return None
        return fit.alignment.turn(self.gyro, start_ns, end_ns)

    def _carried(self, newest: _Newest, turned: Array, ahead_s: float) -> ScreenPose:
        pose, lever = newest.pose, self._neck.lever
        to_window = pose.rotation.T @ turned
        sway_s = max(-_LONGEST_SWAY_S, min(ahead_s, _LONGEST_SWAY_S))
        swung = (to_window - pose.rotation.T) @ lever
        return pose.moved(to_window, pose.camera_place + swung + sway_s * newest.pivot_velocity)

    def _pivot_velocity(self, poses: tuple[ScreenPose, ...]) -> Array:
        """Velocity of the neck's pivot, plane units per second: a line through the last places."""
        last = [
            pose
            for pose in poses[-_VELOCITY_POSES:]
            if _passed_s(pose, poses[-1]) <= _VELOCITY_SPAN_S
        ]
        if len(last) < _MIN_VELOCITY_POSES:
            return _AT_REST
        times = np.array([_passed_s(poses[-1], pose) for pose in last])
        times -= times.mean()
        lever = self._neck.lever
        pivots = np.array([-(pose.translation + lever) @ pose.rotation for pose in last])
        velocity = times @ pivots / float(times @ times)
        speed = float(np.linalg.norm(velocity))
        return np.asarray(velocity * min(1.0, self._fastest_sway / max(speed, 1e-9)))

    # -- between two pictures -----------------------------------------------------------------

    def _between(self, before: ScreenPose, after: ScreenPose, device_ns: int) -> PlacedPose:
        share = (device_ns - before.device_ns) / (after.device_ns - before.device_ns)
        whole, part = self._turned(before, after.device_ns), self._turned(before, device_ns)
        has_gyro = whole is not None and part is not None
        if whole is None or part is None:
            whole = part = _STILL
        missing = share * vector_of_matrix(whole.T @ before.rotation @ after.rotation.T)
        to_window = before.rotation.T @ part @ to_matrix(from_vector(*missing.tolist()))
        lever = self._neck.lever
        pivots = [-(pose.translation + lever) @ pose.rotation for pose in (before, after)]
        place = pivots[0] + share * (pivots[1] - pivots[0]) + to_window @ lever
        nearer = after if share > 0.5 else before
        error = expected_error.interpolated_deg(
            nearer, _passed_s(before, after), share, _angle_between(before, after), has_gyro
        )
        return PlacedPose(nearer.moved(to_window, place), "interpolated", error)

    def _turned(self, before: ScreenPose, end_ns: int) -> Array | None:
        turn = self._turn(before.device_ns, end_ns)
        return None if turn is None else self.fit.alignment.in_camera_axes(turn)


def _passed_s(earlier: ScreenPose, later: ScreenPose) -> float:
    return (later.device_ns - earlier.device_ns) / _NS_PER_S


def _rate(before: ScreenPose, after: ScreenPose) -> Array | None:
    """Rotation from one picture to the next in camera axes, rad/s; None if they are far apart."""
    passed_s = _passed_s(before, after)
    if not 0 < passed_s <= _LONGEST_RATE_S:
        return None
    return np.asarray(vector_of_matrix(before.rotation @ after.rotation.T) / passed_s)


def _velocity(before: ScreenPose, after: ScreenPose) -> Array:
    return np.asarray((after.camera_place - before.camera_place) / _passed_s(before, after))


def _angle_between(before: ScreenPose, after: ScreenPose) -> float:
    return float(np.linalg.norm(vector_of_matrix(before.rotation @ after.rotation.T)))
