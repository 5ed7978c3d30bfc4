"""Pupil Labs Neon eye tracking glasses in PsychoPy, over the local network.

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
    NeonConnectionError,
    NeonError,
    NeonTimeoutError,
    ProtocolError,
    UsageError,
    WrongDeviceError,
)

if TYPE_CHECKING:
    from psychopy_neon.client import DiscoveredPhone, Neon, discover
    from psychopy_neon.samples import (
        AudioFrame,
        EyeEvent,
        Eyelid,
        EyeMovement,
        EyeState,
        GazeSample,
        ImuSample,
        MatchedSceneGaze,
        ScreenGaze,
        VideoFrame,
    )

    __version__: str

__all__ = [
    "AudioFrame",
    "ClosedError",
    "DeviceError",
    "DeviceNotFoundError",
    "DiscoveredPhone",
    "EyeEvent",
    "EyeMovement",
    "EyeState",
    "Eyelid",
    "GazeSample",
    "ImuSample",
    "MatchedSceneGaze",
    "Neon",
    "NeonConnectionError",
    "NeonError",
    "NeonTimeoutError",
    "ProtocolError",
    "ScreenGaze",
    "UsageError",
    "VideoFrame",
    "WrongDeviceError",
    "__version__",
    "discover",
]

_CLIENT_NAMES = frozenset({"DiscoveredPhone", "Neon", "discover"})


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = _installed_version() if name == "__version__" else _fetched(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _fetched(name: str) -> object:
    home = "client" if name in _CLIENT_NAMES else "samples"
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    return value


def _installed_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("psychopy-neon")
    except PackageNotFoundError:  # used from a checkout that was never installed
        return "0+unknown"
