"""Gaze samples as ioHub rows.

A row is a list in the order of its event class; nothing in ioHub checks it, so it is built by
field name from PsychoPy's own list.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psychopy.iohub.constants import EventConstants, EyeTrackerConstants
from psychopy.iohub.devices.eyetracker import BinocularEyeSampleEvent, MonocularEyeSampleEvent

from psychopy_neon.samples import EyeState, GazeSample

GOOD, MISSING = 0, 22  # ioHub's codes: 2 right eye, 20 left eye, 22 both missing
UNDEFINED = EyeTrackerConstants.UNDEFINED


@dataclass(frozen=True, slots=True)
class SampleTimes:
    """Times of one sample on ioHub's clock, seconds."""

    time_s: float
    logged_s: float
    confidence_interval_s: float


class SampleRows:
    """Makes rows of one event class for the whole run.

    PsychoPy's validation takes the type of the first sample for all, so the first one decides:
    binocular if the phone sends eye state, else monocular.
    """

    def __init__(self) -> None:
        self._binocular: bool | None = None

    def row(
        self, sample: GazeSample, point: tuple[float, float], times: SampleTimes, event_id: int
    ) -> list[Any]:
        """One row.

        Parameters
        ----------
        sample : GazeSample
        point : tuple of 2 float
            Gaze in the window's units; NaN where it is not valid.
        times : SampleTimes
        event_id : int
        """
        if self._binocular is None:
            self._binocular = sample.left_eye is not None and sample.right_eye is not None
        values = _common(sample, point, times, event_id)
        if self._binocular:
            return _binocular_row(sample, point, values)
        return _monocular_row(sample, point, values)


def _common(
    sample: GazeSample, point: tuple[float, float], times: SampleTimes, event_id: int
) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "device_time": sample.device_ns / 1e9,
        "logged_time": times.logged_s,
        "time": times.time_s,
        "confidence_interval": times.confidence_interval_s,
        "delay": times.logged_s - times.time_s,
        "status": MISSING if math.isnan(point[0]) else GOOD,
    }


def _monocular_row(
    sample: GazeSample, point: tuple[float, float], values: dict[str, Any]
) -> list[Any]:
    values.update(
        type=EventConstants.MONOCULAR_EYE_SAMPLE,
        eye=EyeTrackerConstants.BINOCULAR_AVERAGED,
        gaze_x=point[0],
        gaze_y=point[1],
        raw_x=sample.x,
        raw_y=sample.y,
    )
    return _row(MonocularEyeSampleEvent.CLASS_ATTRIBUTE_NAMES, values)


def _binocular_row(
    sample: GazeSample, point: tuple[float, float], values: dict[str, Any]
) -> list[Any]:
    values["type"] = EventConstants.BINOCULAR_EYE_SAMPLE
    eyes = (("left", sample.left_eye), ("right", sample.right_eye))
    for side, eye in eyes:
        # Neon computes one gaze from both eyes; it stands in both halves of the row.
        values[f"{side}_gaze_x"], values[f"{side}_gaze_y"] = point
        values[f"{side}_raw_x"], values[f"{side}_raw_y"] = sample.x, sample.y
        if eye is not None:
            values.update({f"{side}_{name}": value for name, value in _eye_fields(eye).items()})
    return _row(BinocularEyeSampleEvent.CLASS_ATTRIBUTE_NAMES, values)


def _eye_fields(eye: EyeState) -> dict[str, float]:
    centre, axis = eye.eyeball_center_mm, eye.optical_axis
    return {
        "eye_cam_x": centre[0],
        "eye_cam_y": centre[1],
        "eye_cam_z": centre[2],
        "angle_x": math.degrees(math.atan2(axis[0], axis[2])),
        "angle_y": math.degrees(math.atan2(axis[1], axis[2])),
        "pupil_measure1": eye.pupil_diameter_mm,
        "pupil_measure1_type": EyeTrackerConstants.PUPIL_DIAMETER_MM,
    }


def _row(names: Sequence[str], values: dict[str, Any]) -> list[Any]:
    unknown = values.keys() - set(names)
    if unknown:
        raise KeyError(f"PsychoPy's event class has no field {sorted(unknown)}")
    return [values.get(name, UNDEFINED) for name in names]
