"""What the phone sends besides gaze, as far as it is wanted."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING

from psychopy_neon.samples import EyeEvent, ImuSample, SettledGaze

if TYPE_CHECKING:
    from psychopy_neon.client.neon import Neon
    from psychopy_neon.client.sample_buffer import SampleReader
    from psychopy_neon.iohub.glasses import Glasses
    from psychopy_neon.iohub.window_scale import WindowScale
    from psychopy_neon.screen.pose import ScreenPose

SETTLED_AT_ONCE = 50  # more would hold ioHub up
EYE_MOVEMENTS = ("Fixation", "Saccade", "Blink", "NeonEyeMovement")


class SideStreams:
    """Reads eye events, motion and poses of the window; starts only the streams that are wanted.

    Parameters
    ----------
    glasses : Glasses
    event_types : collection of str
        Names of the event classes that are wanted, ``monitor_event_types`` of the settings.
    streams : collection of str
        Streams that are wanted, of the settings as well.
    """

    def __init__(
        self, glasses: Glasses, event_types: Collection[str], streams: Collection[str]
    ) -> None:
        self._glasses = glasses
        movements = [name for name in event_types if name.startswith(EYE_MOVEMENTS)]
        self._wants_movements = bool(movements) and "eye movements" in streams
        self._wants_motion = "NeonImuEvent" in event_types and "motion" in streams
        self._wants_settled = "NeonSettledGazeEvent" in event_types
        self._neon: Neon | None = None
        self._movements: SampleReader[EyeEvent] | None = None
        self._motion: SampleReader[ImuSample] | None = None
        self._settled: SampleReader[SettledGaze] | None = None
        self._poses: dict[str, ScreenPose] = {}

    def open(self, neon: Neon) -> None:
        """Begin to read; harmless if repeated."""
        if neon is self._neon:
            return
        self._neon = neon
        if self._wants_movements:
            self._movements = neon.eye_events.reader()
        if self._wants_motion:
            self._motion = neon.imu.reader()
        if self._wants_settled:
            self._settled = self._glasses.window.settled_reader()

    def new_eye_events(self) -> list[EyeEvent]:
        """Those since the last call."""
        return [] if self._movements is None else self._movements.drain()

    def new_motion(self) -> list[ImuSample]:
        """Those since the last call."""
        return [] if self._motion is None else self._motion.drain()

    def new_settled(self) -> list[SettledGaze]:
        """The oldest of those since the last call."""
        if self._settled is None:
            return []
        unread = islice(iter(self._settled.poll, None), SETTLED_AT_ONCE)
        return [gaze for gaze in unread if gaze is not None]

    def new_poses(self) -> list[tuple[ScreenPose, str, WindowScale]]:
        """The newest one of each surface, with its name, if it is another than at the last call."""
        found: list[tuple[ScreenPose, str, WindowScale]] = []
        for surface in self._glasses.window.surfaces.given:
            pose = surface.pose
            if pose is not None and pose is not self._poses.get(surface.name):
                self._poses[surface.name] = pose
                found.append((pose, surface.name, surface.scale))
        return found
