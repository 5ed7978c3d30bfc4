"""Motion tuples of the official client."""

from __future__ import annotations

from typing import NamedTuple

from psychopy_neon.samples import ImuSample
from psychopy_neon.simple.timestamps import Stamped, unix_seconds


class Data3D(NamedTuple):
    """A vector in the module's axes: x right, y forward, z up.

    Attributes
    ----------
    x, y, z : float
        In the unit of what has it.
    """

    x: float
    y: float
    z: float


class Quaternion(NamedTuple):
    """Orientation in the world; note the order.

    Attributes
    ----------
    x, y, z, w : float
        The scalar part comes last.
    """

    x: float
    y: float
    z: float
    w: float


class _Imu(NamedTuple):
    gyro_data: Data3D
    accel_data: Data3D
    quaternion: Quaternion
    timestamp_unix_seconds: float


class IMUData(Stamped, _Imu):
    """Motion of the head (reference, 5.3).

    The time is the sensor's own stamp, as in the official client. It can differ from the time
    of gaze and video by a constant; `psychopy_neon.ImuSample` has both.

    Attributes
    ----------
    gyro_data : Data3D
        Angular velocity, degrees per second.
    accel_data : Data3D
        Acceleration, in units of standard gravity.
    quaternion : Quaternion
        Orientation in the world: x right, y magnetic north, z up.
    timestamp_unix_seconds : float
        Phone's sensor clock, seconds; `timestamp_unix_ns` is exact.
    """

    @property
    def timestamp_unix_nanoseconds(self) -> int:
        """Old name of `timestamp_unix_ns`."""
        return self.timestamp_unix_ns


def imu_tuple(sample: ImuSample) -> IMUData:
    """The official tuple of a sample."""
    w, x, y, z = sample.quaternion_wxyz
    return IMUData(
        Data3D(*sample.rotation_deg_s),
        Data3D(*sample.acceleration_g),
        Quaternion(x, y, z, w),
        unix_seconds(sample.sensor_ns),
    ).stamped(sample.sensor_ns)
