"""Where the display lag measurement gets times and pictures from: this process, or ioHub's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from psychopy import clock

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.runtime.tracker import NeonTracker, connect
from psychopy_neon.screen.patch import Points
from psychopy_neon.screen.patch_blinking import PatchLevel

if TYPE_CHECKING:
    from psychopy_neon.client.neon import Neon

CLOCK_TIMEOUT_S = 5.0
JOIN_S = 2.0
MAX_REPLIES = 100


class PatchSource(Protocol):
    """Glasses that can watch the patch."""

    def watch(self, markers: Any, points: Points) -> None:
        """Begin to measure; may wait some seconds for the phone's clock."""

    def device_time(self, raw_s: float) -> tuple[int, int]:
        """Phone's Unix clock and its bound, ns, of raw PsychoPy seconds."""

    def levels(self) -> list[PatchLevel]:
        """All that was measured since `watch`."""

    def clock_offset_s(self) -> float:
        """The phone's Unix clock minus this computer's."""

    def note(self, lag: dict[str, Any]) -> None:
        """Keep the result in the run's journal."""

    def stop(self) -> None:
        """Measure no longer."""


def source_of(glasses: Any) -> PatchSource:
    """The source for a `Neon`, or for the tracker of ioHub (see `connect`)."""
    is_own = hasattr(glasses, "clock_map") and not hasattr(glasses, "neon_tracker")
    return OwnSource(glasses) if is_own else HubSource(connect(glasses))


class OwnSource:
    """Glasses that are connected in this process.

    Parameters
    ----------
    neon : Neon
    """

    def __init__(self, neon: Neon) -> None:
        self._neon = neon
        self._parts: list[Any] = []
        self._watcher: Any = None

    def watch(self, markers: Any, points: Points) -> None:
        """Find the markers and measure the patch, in threads of our own."""
        # Imported here, as those who use ioHub need neither sockets nor decoders in this process.
        from psychopy_neon.client.patch_watcher import PatchWatcher
        from psychopy_neon.client.screen_watch import ScreenWatch
        from psychopy_neon.screen.camera import SceneCamera
        from psychopy_neon.screen.surface import Surface

        self._neon.wait_for_clock(CLOCK_TIMEOUT_S)
        lens = self._neon.calibration().scene
        camera = SceneCamera(lens.matrix, lens.distortion)
        watch = ScreenWatch(self._neon.scene, camera)
        tracker = watch.screen()
        self._watcher = PatchWatcher(self._neon.scene, tracker, points)
        self._parts = [self._watcher, watch]
        watch.track(tracker, Surface.from_message(markers.surface()["tags"]))
        self._watcher.start()

    def device_time(self, raw_s: float) -> tuple[int, int]:
        """As `PatchSource`."""
        from psychopy_neon.client.patch_watcher import flip_on_phone

        clock_map = self._neon.clock_map or self._neon.wait_for_clock(0.0)
        return flip_on_phone(clock_map, clock.getTime, raw_s)

    def levels(self) -> list[PatchLevel]:
        """As `PatchSource`."""
        return [] if self._watcher is None else list(self._watcher.levels_after(0))

    def clock_offset_s(self) -> float:
        """As `PatchSource`."""
        return (self._neon.now_device_ns() - time.time_ns()) / 1e9

    def note(self, lag: dict[str, Any]) -> None:
        """As `PatchSource`."""
        self._neon.note_display_lag(lag)

    def stop(self) -> None:
        """As `PatchSource`; takes a moment."""
        parts, self._parts = self._parts, []
        for part in parts:
            part.stop()
        for part in parts:
            part.join(JOIN_S)


class HubSource:
    """Glasses of the ioHub process.

    Parameters
    ----------
    tracker : NeonTracker
    """

    def __init__(self, tracker: NeonTracker) -> None:
        self._tracker = tracker
        self._levels: list[PatchLevel] = []

    def watch(self, markers: Any, points: Points) -> None:
        """Tell the device where markers and patch are."""
        self._tracker.set_surface(markers.surface(), owner=markers)
        deadline_s = time.perf_counter() + CLOCK_TIMEOUT_S
        while not self._tracker.ask("neon_device_time", list, clock.getTime()):
            if time.perf_counter() > deadline_s:
                raise NeonConnectionError(
                    f"the phone's clock could not be read within {CLOCK_TIMEOUT_S:g} s"
                )
            time.sleep(0.02)
        if not self._tracker.ask("neon_watch_patch", bool, points.tolist()):
            raise NeonConnectionError("the glasses cannot watch the patch; ioHub's log says why")

    def device_time(self, raw_s: float) -> tuple[int, int]:
        """As `PatchSource`."""
        times = self._tracker.ask("neon_device_time", list, raw_s)
        if not times:
            raise NeonConnectionError("ioHub does not tell the phone's time any more")
        return int(times[0]), int(times[1])

    def levels(self) -> list[PatchLevel]:
        """As `PatchSource`; takes some round trips."""
        for _ in range(MAX_REPLIES):
            newest_ns = self._levels[-1].device_ns if self._levels else 0
            more = self._tracker.ask("neon_patch_levels", list, newest_ns)
            if not more:
                break
            self._levels += [PatchLevel(int(device_ns), float(luma)) for device_ns, luma in more]
        return list(self._levels)

    def clock_offset_s(self) -> float:
        """As `PatchSource`."""
        return self.device_time(clock.getTime())[0] / 1e9 - time.time()

    def note(self, lag: dict[str, Any]) -> None:
        """As `PatchSource`."""
        self._tracker.ask("neon_note_display_lag", bool, lag)

    def stop(self) -> None:
        """As `PatchSource`."""
        self._tracker.ask("neon_stop_patch", bool)
