"""The pose of a window in one picture after the other."""

from __future__ import annotations

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import DetectedMarkers
from psychopy_neon.screen.pose import ScreenPose, estimate_pose
from psychopy_neon.screen.surface import Surface

CHOSEN_FOR_NS = 500_000_000
"""So long poses near the foreseen one are taken; then both solutions are looked at again."""


class PoseFinder:
    """Finds poses near the foreseen ones, and now and then without regard to them.

    Of the two poses that tags in a plane fit, the wrong one would otherwise stay for ever, once
    it was taken. Use from one thread.
    """

    def __init__(self) -> None:
        self._chosen_ns: int | None = None

    def find(
        self,
        found: DetectedMarkers,
        surface: Surface,
        camera: SceneCamera,
        device_ns: int,
        foreseen: ScreenPose | None,
    ) -> ScreenPose | None:
        """Where the window is in one picture; arguments as of `estimate_pose`."""
        chosen_ns = self._chosen_ns
        if chosen_ns is None or not 0 <= device_ns - chosen_ns < CHOSEN_FOR_NS:
            self._chosen_ns, foreseen = device_ns, None
        return estimate_pose(found, surface, camera, device_ns, foreseen)
