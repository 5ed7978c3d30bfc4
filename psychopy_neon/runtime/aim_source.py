"""Where validation gets gaze beside its targets from: this process, or ioHub's."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from psychopy import clock

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.runtime.tracker import NeonTracker, connect
from psychopy_neon.samples import Point
from psychopy_neon.screen.aiming import AimedGaze
from psychopy_neon.screen.correction import NO_CORRECTION, GazeCorrection

if TYPE_CHECKING:
    from psychopy_neon.client.neon import Neon
    from psychopy_neon.client.screen_tracker import ScreenTracker
    from psychopy_neon.screen.markers import Marker

CLOCK_TIMEOUT_S = 5.0
MOST_AT_ONCE = 60
MAX_REPLIES = 20
_newest_versions: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


class AimSource(Protocol):
    """Glasses that see gaze beside a target."""

    @property
    def correction(self) -> GazeCorrection:
        """What gaze on the window is corrected by."""

    def begin(self, markers: Any) -> None:
        """Find these markers; may wait 5 s for the phone's clock."""

    def look_at(self, target: Point) -> None:
        """Watch gaze beside this target from now on, ``norm`` units."""

    def device_ns(self, raw_s: float) -> int:
        """Phone's Unix clock of raw PsychoPy seconds, ns; 0 if it is not known."""

    def aimed(self) -> list[AimedGaze]:
        """Gaze since the last call."""

    def correct(self, correction: GazeCorrection) -> bool:
        """Correct gaze from now on; False if that is not possible."""

    def next_version(self) -> int:
        """A number that no correction of these glasses had before."""


def aim_source(glasses: Any, screen: ScreenTracker | None) -> AimSource:
    """The source for a `Neon`, or for the tracker of ioHub (see `connect`)."""
    if hasattr(glasses, "clock_map") and not hasattr(glasses, "neon_tracker"):
        return OwnAim(glasses, screen)
    return HubAim(connect(glasses))


class HubAim:
    """Glasses of the ioHub process.

    Parameters
    ----------
    tracker : NeonTracker
    """

    def __init__(self, tracker: NeonTracker) -> None:
        self._tracker = tracker

    @property
    def correction(self) -> GazeCorrection:
        """As `AimSource`."""
        return self._tracker.correction

    def begin(self, markers: Any) -> None:
        """As `AimSource`."""
        self._tracker.set_surface(markers.surface(), owner=markers)
        deadline_s = time.perf_counter() + CLOCK_TIMEOUT_S
        while not self.device_ns(clock.getTime()):
            if time.perf_counter() > deadline_s:
                raise NeonConnectionError(
                    f"the phone's clock could not be read within {CLOCK_TIMEOUT_S:g} s"
                )
            time.sleep(0.02)

    def look_at(self, target: Point) -> None:
        """As `AimSource`."""
        self._tracker.ask("neon_look_at", bool, *target)

    def device_ns(self, raw_s: float) -> int:
        """As `AimSource`."""
        times = self._tracker.ask("neon_device_time", list, raw_s)
        return int(times[0]) if times else 0

    def aimed(self) -> list[AimedGaze]:
        """As `AimSource`; takes some round trips, as a rule one."""
        found: list[AimedGaze] = []
        for _ in range(MAX_REPLIES):
            rows = self._tracker.ask("neon_aimed_gaze", list) or []
            found += [_aimed(*row) for row in rows]
            if len(rows) < MOST_AT_ONCE:
                break
        return found

    def correct(self, correction: GazeCorrection) -> bool:
        """As `AimSource`."""
        return self._tracker.correct_gaze(correction)

    def next_version(self) -> int:
        """As `AimSource`."""
        return _count(self._tracker)


class OwnAim:
    """Glasses that are connected in this process.

    Parameters
    ----------
    neon : Neon
    screen : ScreenTracker or None
        Whose gaze is to be corrected; without it, the one with the same markers, or a new one.
    """

    def __init__(self, neon: Neon, screen: ScreenTracker | None) -> None:
        self._neon = neon
        self._screen = screen
        self._watcher: Any = None

    @property
    def correction(self) -> GazeCorrection:
        """As `AimSource`."""
        return (self._screen.correction if self._screen else None) or NO_CORRECTION

    def begin(self, markers: Any) -> None:
        """As `AimSource`."""
        # Imported here, as those who use ioHub need neither sockets nor decoders in this process.
        from psychopy_neon.client.aim_watcher import AimWatcher

        if self._screen is None:
            self._screen = _screen_with(self._neon, markers.markers)
        self._neon.wait_for_clock(CLOCK_TIMEOUT_S)
        self._watcher = AimWatcher(self._neon.gaze, self._screen)

    def look_at(self, target: Point) -> None:
        """As `AimSource`."""
        self._watcher.look_at(target)

    def device_ns(self, raw_s: float) -> int:
        """As `AimSource`."""
        from psychopy_neon.client.patch_watcher import flip_on_phone

        clock_map = self._neon.clock_map
        return 0 if clock_map is None else flip_on_phone(clock_map, clock.getTime, raw_s)[0]

    def aimed(self) -> list[AimedGaze]:
        """As `AimSource`."""
        found: list[AimedGaze] = self._watcher.aimed(MOST_AT_ONCE * MAX_REPLIES)
        return found

    def correct(self, correction: GazeCorrection) -> bool:
        """As `AimSource`."""
        if self._screen is None:
            return False
        self._screen.correction = None if correction.changes_nothing else correction
        self._neon.note_gaze_correction(correction.to_json())
        return True

    def next_version(self) -> int:
        """As `AimSource`."""
        return _count(self._neon)


def _screen_with(neon: Neon, markers: Iterable[Marker]) -> ScreenTracker:
    from psychopy_neon.screen.surface import Surface

    surface = Surface.from_markers(markers)
    known = (screen for screen in neon.screens.values() if screen.shows(surface))
    return next(known, None) or neon.track_screen(markers)


def _count(glasses: Any) -> int:
    _newest_versions[glasses] = _newest_versions.get(glasses, 0) + 1
    return _newest_versions[glasses]


def _aimed(
    device_ns: int,
    gaze_x: float,
    gaze_y: float,
    target_x: float,
    target_y: float,
    distance: float,
    problem: Any,
) -> AimedGaze:
    if problem:
        gaze_x = gaze_y = target_x = target_y = distance = math.nan
    gaze, target = (float(gaze_x), float(gaze_y)), (float(target_x), float(target_y))
    return AimedGaze(int(device_ns), gaze, target, float(distance), problem or None)
