"""Gaze on windows and other surfaces with tags on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import TYPE_CHECKING

from psychopy_neon.aio.in_thread import in_thread
from psychopy_neon.aio.stream import AsyncReader
from psychopy_neon.client import Neon as BlockingNeon
from psychopy_neon.client.tracked_screens import TYPICAL_HEIGHT_MM
from psychopy_neon.samples import GazeSample, LookedAt, ScreenGaze, SettledGaze

if TYPE_CHECKING:  # OpenCV is loaded only by those who track a screen
    from psychopy_neon.client.screen_tracker import ScreenTracker
    from psychopy_neon.screen.markers import Marker


class AsyncScreen:
    """Gaze on one window or surface; ``async for gaze in screen`` gives every sample, live.

    Each such loop begins with the next sample, and ends with the device.

    Attributes
    ----------
    tracker : ScreenTracker
        What does the work. `ScreenTracker.map`, `ScreenTracker.correction` and all else of it that
        has no timeout may be used here too.
    """

    def __init__(self, device: BlockingNeon, tracker: ScreenTracker) -> None:
        self.tracker = tracker
        self._device = device

    @property
    def name(self) -> str:
        """Of the surface."""
        return self.tracker.name

    def map(self, gaze: GazeSample | None) -> ScreenGaze:
        """Where on the surface this sample looks, judged now; returns at once.

        Parameters
        ----------
        gaze : GazeSample or None
            Such as ``neon.gaze.latest()``.

        Raises
        ------
        NeonTimeoutError
            If the phone's clock is not known yet; see `Neon.wait_for_clock`.
        """
        return self.tracker.map(gaze, self._device.now_device_ns())

    def __aiter__(self) -> AsyncIterator[ScreenGaze]:
        return self._live()

    async def _live(self) -> AsyncIterator[ScreenGaze]:
        async for sample in AsyncReader(self._device.gaze.buffer):
            # By the pose at its own time; however late the loop comes to it, it is not too old.
            yield self.tracker.map(sample, sample.device_ns)

    def settled(self) -> AsyncReader[SettledGaze]:
        """Every sample from now on, some 100 ms later, by the pictures before and after it."""
        return AsyncReader(self.tracker.settled)

    async def stop(self, timeout_s: float = 1.0) -> bool:
        """Track it no longer; waits up to `timeout_s` until the search has let go of it.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        bool
            Whether that has come.
        """
        self.tracker.stop()
        return await in_thread(partial(self.tracker.join, timeout_s))


class AsyncScreens:
    """Gaze on any number of surfaces."""

    device: BlockingNeon

    async def track_screen(
        self,
        markers: Iterable[Marker],
        name: str | None = None,
        *,
        height_mm: float = TYPICAL_HEIGHT_MM,
        max_gaze_age_s: float = 0.1,
        max_pose_age_s: float = 0.5,
    ) -> AsyncScreen:
        """Find gaze on a window that shows markers; waits up to 5 s for the calibration.

        Parameters
        ----------
        markers, name, height_mm, max_gaze_age_s, max_pose_age_s
            As for `psychopy_neon.Neon.track_screen`.

        Raises
        ------
        UsageError, ClosedError
            As for `psychopy_neon.Neon.track_screen`.
        """
        track = partial(
            self.device.track_screen,
            list(markers),
            name,
            height_mm=height_mm,
            max_gaze_age_s=max_gaze_age_s,
            max_pose_age_s=max_pose_age_s,
        )
        return AsyncScreen(self.device, await in_thread(track))

    def looked_at(self, gaze: GazeSample | None) -> LookedAt:
        """Which of the tracked windows and surfaces this sample rests on, now; returns at once.

        Parameters
        ----------
        gaze : GazeSample or None
            Such as ``neon.gaze.latest()``.

        Raises
        ------
        NeonTimeoutError
            If the phone's clock is not known yet; see `Neon.wait_for_clock`.
        """
        return self.device.looked_at(gaze, self.device.now_device_ns())
