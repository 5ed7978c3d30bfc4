"""The ioHub device. ioHub looks up here the device class and every event class that it names.

The experiment's process imports this as well, so nothing heavy may be loaded at this level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psychopy.iohub.devices.eyetracker import (
    BinocularEyeSampleEvent,
    BlinkEndEvent,
    BlinkStartEvent,
    FixationEndEvent,
    FixationStartEvent,
    MonocularEyeSampleEvent,
    SaccadeEndEvent,
    SaccadeStartEvent,
)

from psychopy_neon.iohub.eyetracker import EyeTracker
from psychopy_neon.iohub.neon_events import (
    NeonEyeMovementEvent,
    NeonImuEvent,
    NeonSampleEvent,
    NeonScreenPoseEvent,
    NeonSettledGazeEvent,
)

if TYPE_CHECKING:
    from psychopy_neon.hub import connect

__all__ = [
    "BinocularEyeSampleEvent",
    "BlinkEndEvent",
    "BlinkStartEvent",
    "EyeTracker",
    "FixationEndEvent",
    "FixationStartEvent",
    "MonocularEyeSampleEvent",
    "NeonEyeMovementEvent",
    "NeonImuEvent",
    "NeonSampleEvent",
    "NeonScreenPoseEvent",
    "NeonSettledGazeEvent",
    "SaccadeEndEvent",
    "SaccadeStartEvent",
    "connect",
]


def __getattr__(name: str) -> Any:
    # What `connect` needs is not loaded in ioHub's own process.
    if name == "connect":
        from psychopy_neon.hub import connect

        return connect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
