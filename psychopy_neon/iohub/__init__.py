"""The ioHub device. ioHub looks up here the device class and every event class that it names.

The experiment's process imports this as well, so nothing heavy may be loaded at this level.
"""

from psychopy.iohub.devices.eyetracker import BinocularEyeSampleEvent, MonocularEyeSampleEvent

from psychopy_neon.iohub.eyetracker import EyeTracker

__all__ = ["BinocularEyeSampleEvent", "EyeTracker", "MonocularEyeSampleEvent"]
