"""The official client's simple module, name by name, over `psychopy_neon.Neon`.

A script written for ``pupil_labs.realtime_api.simple`` runs when its import line is changed::

    from psychopy_neon.simple import discover_one_device

For new scripts `psychopy_neon.Neon` is the better choice: no sample is lost between two calls,
writes do not block, and times are exact.
"""

from ..exceptions import DeviceError
from .calibration import Calibration
from .camera import CameraState, ControlStateEnum, ControlStateInteger
from .components import APIPath, DiscoveredDeviceInfo, Event, Sensor
from .device import Device
from .discovery import discover_devices, discover_one_device
from .errors import InvalidTemplateAnswersError, UnknownFormatError, UnknownStreamError
from .eye_events import BlinkEventData, FixationEventData, FixationOnsetEventData
from .gaze import (
    BinoAndDualMonoGazeData,
    EyestateEyelidDualMonoGazeData,
    EyestateEyelidGazeData,
    EyestateGazeData,
    GazeData,
)
from .motion import Data3D, IMUData, Quaternion
from .sound import AudioFrame
from .template import Template, TemplateItem
from .time_offset import Estimate, TimeEchoEstimates
from .video import (
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
