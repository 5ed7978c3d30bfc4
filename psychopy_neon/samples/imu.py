"""Motion of the head."""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.samples.axes import Vector


@dataclass(frozen=True, slots=True)
class ImuSample:
    """One motion sample: x right, y forward, z up in the module's own axes (reference, 5.3).

    Attributes
    ----------
    device_ns, arrived_host_ns : int
        As in `GazeSample`: comparable with the times of gaze and video.
    sensor_ns : int
        The sensor's own stamp, on the phone's sensor clock, which can differ from `device_ns` by
        a constant.
    acceleration_g : tuple of 3 float
        In units of standard gravity.
    rotation_deg_s : tuple of 3 float
        Angular velocity, degrees per second.
    quaternion_wxyz : tuple of 4 float
        Orientation in the world (x right, y magnetic north, z up), w first.
    provisional : bool
        As in `GazeSample`.
    """

    device_ns: int
    arrived_host_ns: int
    sensor_ns: int
    acceleration_g: Vector
    rotation_deg_s: Vector
    quaternion_wxyz: tuple[float, float, float, float]
    provisional: bool = False

    @property
    def sensor_skew_ns(self) -> int:
        """Phone's Unix clock minus its sensor clock, ns, by this sample."""
        return self.device_ns - self.sensor_ns
