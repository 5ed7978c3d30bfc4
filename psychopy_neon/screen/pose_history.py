"""Where the window was in the last ten seconds."""

from __future__ import annotations

from bisect import bisect_right

from psychopy_neon.screen.pose import ScreenPose

KEPT = 300
"""Poses: ten seconds at 30 a second."""

CLOCK_SET_BACK_NS = 1_000_000_000
"""A picture that much older than the one before means another clock, not a late picture."""


class PoseHistory:
    """Poses by the phone's clock, the oldest first.

    One thread at a time adds; any thread may read meanwhile.

    Attributes
    ----------
    poses : tuple of ScreenPose
        A snapshot.
    """

    def __init__(self) -> None:
        self.poses: tuple[ScreenPose, ...] = ()

    @property
    def newest(self) -> ScreenPose | None:
        """The latest one, or None before the first."""
        poses = self.poses
        return poses[-1] if poses else None

    def add(self, pose: ScreenPose) -> bool:
        """Take the next one; False if it came too late, after a newer one, and is left out.

        If it is older by more than `CLOCK_SET_BACK_NS`, the others are forgotten instead.
        """
        if self.is_late(pose.device_ns):
            return False
        newest = self.newest
        if newest is not None and pose.device_ns <= newest.device_ns:
            self.poses = ()
        self.poses = (*self.poses[1 - KEPT :], pose)
        return True

    def is_late(self, device_ns: int) -> bool:
        """Whether a picture of that time would come after a newer one."""
        newest = self.newest
        return newest is not None and 0 <= newest.device_ns - device_ns < CLOCK_SET_BACK_NS

    def clear(self) -> None:
        """Forget all."""
        self.poses = ()

    def around(self, device_ns: int) -> tuple[ScreenPose | None, ScreenPose | None]:
        """The last pose up to a moment, and the first one after it; None where there is none."""
        poses = self.poses
        after = bisect_right(poses, device_ns, key=_device_ns)
        before = poses[after - 1] if after else None
        return before, poses[after] if after < len(poses) else None

    def nearest(self, device_ns: int, max_distance_ns: int) -> ScreenPose | None:
        """The pose nearest to a moment, or None if all are farther away than that."""
        near = [
            pose
            for pose in self.around(device_ns)
            if pose is not None and abs(pose.device_ns - device_ns) <= max_distance_ns
        ]
        return min(near, key=lambda pose: abs(pose.device_ns - device_ns), default=None)


def _device_ns(pose: ScreenPose) -> int:
    return pose.device_ns
