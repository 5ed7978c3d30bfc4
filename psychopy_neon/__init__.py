"""Pupil Labs Neon eye tracking glasses in PsychoPy, over the local network.

Here is every name that a script needs: `Neon` and `discover`, the samples, the errors, and the
classes of what methods return, for annotations. Only the parts of `Status` have other homes
(`psychopy_neon.protocol.status`), and so has `Call` (`psychopy_neon.protocol.rest`), which
`Neon.request` takes.

Importing this package costs next to nothing: PsychoPy imports it in every experiment, also in
those that use no glasses, so the names below are fetched when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from psychopy_neon.exceptions import (
    ClosedError,
    DeviceError,
    DeviceNotFoundError,
    InvalidAnswersError,
    NeonConnectionError,
    NeonError,
    NeonTimeoutError,
    ProtocolError,
    UsageError,
    WrongDeviceError,
)

if TYPE_CHECKING:
    from psychopy_neon.client import DiscoveredPhone, Neon, discover
    from psychopy_neon.client.camera import CameraRemote
    from psychopy_neon.client.events import EventCounts, EventReceipt, EventState
    from psychopy_neon.client.experiment_clock import ExperimentTime
    from psychopy_neon.client.matching import Matcher
    from psychopy_neon.client.phone_status import LinkState
    from psychopy_neon.client.recording import RecordingInfo, RecordingRemote, RecordingState
    from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader
    from psychopy_neon.client.screen_tracker import ScreenTracker
    from psychopy_neon.client.sensor_stream import SensorStream
    from psychopy_neon.client.stream_health import StreamHealth, StreamState
    from psychopy_neon.client.subscription import Subscription
    from psychopy_neon.client.template import TemplateRemote
    from psychopy_neon.clock.clock_map import ClockMap
    from psychopy_neon.clock.exchange import Exchange
    from psychopy_neon.clock.experiment_clock import ClockPair
    from psychopy_neon.protocol.answers import Answer, WireAnswers
    from psychopy_neon.protocol.calibration import Calibration, CameraCalibration
    from psychopy_neon.protocol.camera_control import CameraChoice, CameraRange, CameraState
    from psychopy_neon.protocol.status import Status
    from psychopy_neon.protocol.template import Template
    from psychopy_neon.protocol.template_item import TemplateItem
    from psychopy_neon.samples import (
        AudioFrame,
        EyeEvent,
        EyeEventKind,
        Eyelid,
        EyeMovement,
        EyeState,
        GazeProblem,
        GazeSample,
        ImuSample,
        LookedAt,
        MatchedSceneAudio,
        MatchedSceneEyesGaze,
        MatchedSceneGaze,
        Point,
        PoseSource,
        ScreenGaze,
        SettledGaze,
        Vector,
        VideoFrame,
    )

    __version__: str

__all__ = [
    "Answer",
    "AudioFrame",
    "Calibration",
    "CameraCalibration",
    "CameraChoice",
    "CameraRange",
    "CameraRemote",
    "CameraState",
    "ClockMap",
    "ClockPair",
    "ClosedError",
    "DeviceError",
    "DeviceNotFoundError",
    "DiscoveredPhone",
    "EventCounts",
    "EventReceipt",
    "EventState",
    "Exchange",
    "ExperimentTime",
    "EyeEvent",
    "EyeEventKind",
    "EyeMovement",
    "EyeState",
    "Eyelid",
    "GazeProblem",
    "GazeSample",
    "ImuSample",
    "InvalidAnswersError",
    "LinkState",
    "LookedAt",
    "MatchedSceneAudio",
    "MatchedSceneEyesGaze",
    "MatchedSceneGaze",
    "Matcher",
    "Neon",
    "NeonConnectionError",
    "NeonError",
    "NeonTimeoutError",
    "Point",
    "PoseSource",
    "ProtocolError",
    "RecordingInfo",
    "RecordingRemote",
    "RecordingState",
    "SampleBuffer",
    "SampleReader",
    "ScreenGaze",
    "ScreenTracker",
    "SensorStream",
    "SettledGaze",
    "Status",
    "StreamHealth",
    "StreamState",
    "Subscription",
    "Template",
    "TemplateItem",
    "TemplateRemote",
    "UsageError",
    "Vector",
    "VideoFrame",
    "WireAnswers",
    "WrongDeviceError",
    "__version__",
    "discover",
]

# Module -> the names that it is loaded for.
_HOMES: dict[str, tuple[str, ...]] = {
    "client": ("DiscoveredPhone", "Neon", "discover"),
    "client.camera": ("CameraRemote",),
    "client.events": ("EventCounts", "EventReceipt", "EventState"),
    "client.experiment_clock": ("ExperimentTime",),
    "client.matching": ("Matcher",),
    "client.phone_status": ("LinkState",),
    "client.recording": ("RecordingInfo", "RecordingRemote", "RecordingState"),
    "client.sample_buffer": ("SampleBuffer", "SampleReader"),
    "client.screen_tracker": ("ScreenTracker",),
    "client.sensor_stream": ("SensorStream",),
    "client.stream_health": ("StreamHealth", "StreamState"),
    "client.subscription": ("Subscription",),
    "client.template": ("TemplateRemote",),
    "clock.clock_map": ("ClockMap",),
    "clock.exchange": ("Exchange",),
    "clock.experiment_clock": ("ClockPair",),
    "protocol.answers": ("Answer", "WireAnswers"),
    "protocol.calibration": ("Calibration", "CameraCalibration"),
    "protocol.camera_control": ("CameraChoice", "CameraRange", "CameraState"),
    "protocol.status": ("Status",),
    "protocol.template": ("Template",),
    "protocol.template_item": ("TemplateItem",),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = _installed_version() if name == "__version__" else _fetched(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _fetched(name: str) -> object:
    home = next((home for home, names in _HOMES.items() if name in names), "samples")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    return value


def _installed_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("psychopy-neon")
    except PackageNotFoundError:  # used from a checkout that was never installed
        return "0+unknown"
