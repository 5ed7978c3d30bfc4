"""The official client's simple module, name by name, over `psychopy_neon.Neon`.

A script written for ``pupil_labs.realtime_api.simple`` runs when its import line is changed::

    from psychopy_neon.simple import discover_one_device

For new scripts `psychopy_neon.Neon` is the better choice: no sample is lost between two calls,
writes do not block, and times are exact.
"""

from psychopy_neon.exceptions import DeviceError
from psychopy_neon.simple.calibration import Calibration
from psychopy_neon.simple.camera import CameraState, ControlStateEnum, ControlStateInteger
from psychopy_neon.simple.components import APIPath, DiscoveredDeviceInfo, Event, Sensor
from psychopy_neon.simple.device import Device
from psychopy_neon.simple.discovery import discover_devices, discover_one_device
from psychopy_neon.simple.errors import (
    InvalidTemplateAnswersError,
    UnknownFormatError,
    UnknownStreamError,
)
from psychopy_neon.simple.eye_events import (
    BlinkEventData,
    FixationEventData,
    FixationOnsetEventData,
)
from psychopy_neon.simple.gaze import (
    BinoAndDualMonoGazeData,
    DualMonocularGazeData,
    EyestateEyelidDualMonoGazeData,
    EyestateEyelidGazeData,
    EyestateGazeData,
    GazeData,
    Point,
)
from psychopy_neon.simple.motion import Data3D, IMUData, Quaternion
from psychopy_neon.simple.sound import AudioFrame
from psychopy_neon.simple.template import Template, TemplateItem
from psychopy_neon.simple.time_offset import Estimate, TimeEchoEstimates
from psychopy_neon.simple.video import (
    MatchedGazeEyesSceneItem,
    MatchedItem,
    MatchedSceneAudioItem,
    SimpleVideoFrame,
)

__all__ = [
    "APIPath",
    "AudioFrame",
    "BinoAndDualMonoGazeData",
    "BlinkEventData",
    "Calibration",
    "CameraState",
    "ControlStateEnum",
    "ControlStateInteger",
    "Data3D",
    "Device",
    "DeviceError",
    "DiscoveredDeviceInfo",
    "DualMonocularGazeData",
    "Estimate",
    "Event",
    "EyestateEyelidDualMonoGazeData",
    "EyestateEyelidGazeData",
    "EyestateGazeData",
    "FixationEventData",
    "FixationOnsetEventData",
    "GazeData",
    "IMUData",
    "InvalidTemplateAnswersError",
    "MatchedGazeEyesSceneItem",
    "MatchedItem",
    "MatchedSceneAudioItem",
    "Point",
    "Quaternion",
    "Sensor",
    "SimpleVideoFrame",
    "Template",
    "TemplateItem",
    "TimeEchoEstimates",
    "UnknownFormatError",
    "UnknownStreamError",
    "discover_devices",
    "discover_one_device",
]
