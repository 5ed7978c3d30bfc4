"""Asks how well the tags show in the newest picture, and has the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable

from psychopy_neon.exceptions import NeonTimeoutError
from psychopy_neon.samples import VideoFrame
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.placement import Placement
from psychopy_neon.screen.placement_check import check_placement
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.transport.deadline import clipped_s

FRESH_NS = 500_000_000
"""A pose from a picture older than that does not tell where a tag is now."""


class PlacementChecks:
    """Judges pictures of the tags, when asked and never otherwise.

    The thread that searches the pictures does it, so neither a frame loop nor gaze waits; each
    check takes it about 30 ms, during which it looks at no other picture.

    In the ioHub process, where nothing may block, call `ask` as often as a new answer is wanted
    (twice a second is plenty) and read `newest` whenever you like:
    ``glasses.window.tracker.placement.ask()`` and then ``...placement.newest``, a `Placement`
    whose `to_message` is what another process can be told. Scripts call `wait`.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._answered = threading.Condition()
        self._newest: Placement | None = None
        self._answers = 0

    @property
    def newest(self) -> Placement | None:
        """The latest answer, with the time of its picture; None before the first."""
        return self._newest

    def ask(self) -> None:
        """Have the next picture judged; returns at once."""
        self._asked.set()

    def wait(self, timeout_s: float = 2.0) -> Placement:
        """Have the next picture judged, and wait for the answer.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        NeonTimeoutError
            If no scene picture came in that time.
        """
        with self._answered:
            answers = self._answers
            self.ask()
            if self._answered.wait_for(lambda: self._answers > answers, clipped_s(timeout_s)):
                assert self._newest is not None
                return self._newest
        raise NeonTimeoutError(
            f"no picture of the scene camera was judged within {timeout_s:g} s: does the scene "
            "video come, and are the glasses plugged in?"
        )

    def take(
        self,
        frame: VideoFrame,
        surface: Surface,
        camera: SceneCamera,
        pose_at: Callable[[int], ScreenPose | None],
    ) -> None:
        """Judge this picture if somebody has asked; called by the thread that searches them."""
        if not self._asked.is_set():
            return
        self._asked.clear()
        pose = pose_at(frame.device_ns)
        if pose is not None and abs(frame.device_ns - pose.device_ns) > FRESH_NS:
            pose = None
        placement = check_placement(frame.luma, surface, camera, frame.device_ns, pose)
        with self._answered:
            self._newest = placement
            self._answers += 1
            self._answered.notify_all()
