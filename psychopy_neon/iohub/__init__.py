"""The ioHub device. ioHub looks up here the device class and every event class that it names.

The experiment's process imports this as well, so nothing heavy may be loaded at this level.
"""

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
)

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
    "SaccadeEndEvent",
    "SaccadeStartEvent",
]
