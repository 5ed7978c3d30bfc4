"""Samples as they come through ioHub, where tuples are lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychopy_neon.samples import EyeEvent, EyeMovement, EyeState, GazeSample, ImuSample
from psychopy_neon.samples.gaze import Eyelid

Row = list[Any]


def gaze_sample(row: Row) -> GazeSample:
    """A `GazeSample` of its fields."""
    made = GazeSample(*row)
    return made._replace(
        left_eye=_eye(made.left_eye),
        right_eye=_eye(made.right_eye),
        left_lid=_if_there(made.left_lid, lambda fields: Eyelid(*fields)),
        right_lid=_if_there(made.right_lid, lambda fields: Eyelid(*fields)),
        left_point=_if_there(made.left_point, tuple),
        right_point=_if_there(made.right_point, tuple),
    )


def imu_sample(row: Row) -> ImuSample:
    """An `ImuSample` of its fields."""
    device_ns, arrived_host_ns, sensor_ns, acceleration, rotation, quaternion, provisional = row
    acceleration, rotation, quaternion = map(tuple, (acceleration, rotation, quaternion))
    return ImuSample(
        device_ns, arrived_host_ns, sensor_ns, acceleration, rotation, quaternion, provisional
    )


def eye_event(row: Row) -> EyeEvent:
    """An `EyeEvent` of its fields."""
    kind, device_ns, arrived_host_ns, start_ns, end_ns, movement, provisional = row
    made = _if_there(movement, _movement)
    return EyeEvent(kind, device_ns, arrived_host_ns, start_ns, end_ns, made, provisional)


def _eye(fields: Any) -> Any:
    return _if_there(fields, lambda eye: EyeState(eye[0], tuple(eye[1]), tuple(eye[2])))


def _movement(fields: Row) -> EyeMovement:
    start_px, end_px, mean_px, *sizes = fields
    return EyeMovement(tuple(start_px), tuple(end_px), tuple(mean_px), *sizes)


def _if_there(fields: Any, make: Callable[[Any], Any]) -> Any:
    return None if fields is None else make(fields)
