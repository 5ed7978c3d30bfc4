"""Gaze samples as rows of PsychoPy's classes."""

from __future__ import annotations

import math
from typing import Any

from psychopy.iohub.constants import EyeTrackerConstants
from psychopy.iohub.devices.eyetracker import BinocularEyeSampleEvent, MonocularEyeSampleEvent

from psychopy_neon.iohub.event_rows import Row, row_of, status_of
from psychopy_neon.iohub.event_times import EventTimes
from psychopy_neon.samples import EyeState, GazeSample, Point


class SampleRows:
    """Makes rows of one event class for the whole run.

    PsychoPy's validation takes the type of the first sample for all, so the first one decides:
    binocular if the phone sends eye state, else monocular.
    """

    def __init__(self) -> None:
        self._binocular: bool | None = None

    def row(self, sample: GazeSample, point: Point, times: EventTimes) -> Row:
        """One row.

        Parameters
        ----------
        sample : GazeSample
        point : tuple of 2 float
            Gaze in the window's units; NaN where it is not valid.
        times : EventTimes
        """
        if self._binocular is None:
            self._binocular = sample.left_eye is not None and sample.right_eye is not None
        make = _binocular_row if self._binocular else _monocular_row
        return make(sample, point, times)


def _monocular_row(sample: GazeSample, point: Point, times: EventTimes) -> Row:
    both = EyeTrackerConstants.BINOCULAR_AVERAGED
    values = {
        "eye": EyeTrackerConstants.LEFT_EYE if sample.is_monocular else both,
        "gaze_x": point[0],
        "gaze_y": point[1],
        "raw_x": sample.x,
        "raw_y": sample.y,
        "status": status_of(point),
    }
    return row_of(MonocularEyeSampleEvent, times, values)


def _binocular_row(sample: GazeSample, point: Point, times: EventTimes) -> Row:
    values: dict[str, Any] = {"status": status_of(point)}
    eyes = (
        ("left", sample.left_eye, sample.left_point),
        ("right", sample.right_eye, sample.right_point),
    )
    for side, eye, own_point in eyes:
        # Neon computes one gaze from both eyes; it stands in both halves of the row.
        values[f"{side}_gaze_x"], values[f"{side}_gaze_y"] = point
        values[f"{side}_raw_x"], values[f"{side}_raw_y"] = own_point or (sample.x, sample.y)
        if eye is not None:
            values.update({f"{side}_{name}": value for name, value in _eye_fields(eye).items()})
    return row_of(BinocularEyeSampleEvent, times, values)


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
