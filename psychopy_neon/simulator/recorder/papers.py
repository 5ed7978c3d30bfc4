"""The small files of a recording: who, when and with what."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

# Software reads the version before the hyphen, to know what the files mean.
APP_VERSION = "2.9.19-simulated"
WEARER_NAME = "Simulated wearer"
_WORKSPACE, _WEARER, _FRAME = (
    str(uuid.uuid5(uuid.NAMESPACE_OID, f"psychopy-neon simulated {what}"))
    for what in ("workspace", "wearer", "frame")
)


def info_of(
    recording_id: str,
    start_ns: int,
    duration_ns: int,
    identity: Mapping[str, str],
    template_data: Mapping[str, Any],
) -> dict[str, Any]:
    """Content of ``info.json``, with the keys of a real one that a simulator can answer.

    Parameters
    ----------
    recording_id : str
    start_ns, duration_ns : int
        Phone's Unix clock; 0 for a recording that was never stopped.
    identity : mapping of str to str
        Keys about phone and glasses.
    template_data : mapping
        Template and its answers.
    """
    return {
        "recording_id": recording_id,
        "workspace_id": _WORKSPACE,
        "data_format_version": "2.5",
        "app_version": APP_VERSION,
        "start_time": start_ns,
        "duration": duration_ns,
        "android_device_model": "simulated",
        **identity,
        "wearer_id": _WEARER,
        "template_data": dict(template_data),
        "gaze_offset": [0.0, 0.0],
        "calib_version": 1,
        "pipeline_version": "simulated",
        "frame_id": _FRAME,
        "gaze_frequency": 200,
        "gaze_mode": "binocular",
    }


def template_data_of(
    template: Mapping[str, Any], answers: Mapping[str, Any], recording_name: str
) -> dict[str, Any]:
    """What ``info.json`` says of the template."""
    return {
        "id": template["id"],
        "version": template["updated_at"],
        "recording_name": recording_name,
        "data": dict(answers),
    }


def wearer() -> dict[str, str]:
    """Content of ``wearer.json``."""
    return {"uuid": _WEARER, "name": WEARER_NAME}


def name_of(start_ns: int) -> str:
    """A recording's name, such as ``2025-10-17_17-53-08``: UTC, and no colon, for Windows' sake."""
    return time.strftime("%Y-%m-%d_%H-%M-%S", time.gmtime(start_ns // 1_000_000_000))
