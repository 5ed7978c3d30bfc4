"""The motion sensor: what it feels follows from the head's motion (reference, 5.3).

Its axes are x right, y forward, z up; they are those of the scene camera, turned by -102 degrees
about x. The few millimetres between sensor and camera are left out: at the sway's speed the
difference in acceleration is below 0.001 g.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychopy_neon.protocol.imu import pack_imu
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.samples import ImuSample, Vector
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.head import LOOP_NS, Head
from psychopy_neon.simulator.pacer import NS, Pacer
from psychopy_neon.simulator.stream import Stream

Matrix = npt.NDArray[np.float64]
Quaternion = tuple[float, float, float, float]

IMU_HZ = 110
MEDIA = Media("application", 100, "com.pupillabs.imu1", 90_000, "trackID=1")
GRAVITY_MM_S2 = 9806.65
GRAVITY_FELT_G: Matrix = np.array([0.0, 0, 1])  # at rest the table pushes up
_STEP_NS = 2_000_000
_LOOP_SAMPLES = IMU_HZ * LOOP_NS // NS

_TILT = math.radians(-102.0)
IMU_FROM_CAMERA: Matrix = np.array(
    [
        [1, 0, 0],
        [0, math.cos(_TILT), -math.sin(_TILT)],
        [0, math.sin(_TILT), math.cos(_TILT)],
    ]
)
# The monitor stands upright, due north: its x is right, its y down, its z away.
WORLD_FROM_MONITOR: Matrix = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


@dataclass(frozen=True, slots=True)
class Motion:
    """Acceleration (g, with gravity), rotation (deg/s) and orientation, in the sensor's axes."""

    acceleration_g: Vector
    rotation_deg_s: Vector
    quaternion_wxyz: Quaternion


def motion_of(head: Head, device_ns: int) -> Motion:
    """What the sensor feels at `device_ns`."""
    before, now, after = (_stance(head, device_ns + k * _STEP_NS) for k in (-1, 0, 1))
    step_s = _STEP_NS * 1e-9
    acceleration = (before[1] - 2 * now[1] + after[1]) / step_s**2 / GRAVITY_MM_S2
    felt = now[0].T @ (acceleration + GRAVITY_FELT_G)
    turning = now[0].T @ (after[0] - before[0]) / (2 * step_s)
    rates = turning[2, 1], turning[0, 2], turning[1, 0]
    x, y, z = (math.degrees(rate) for rate in rates)
    return Motion((float(felt[0]), float(felt[1]), float(felt[2])), (x, y, z), _quaternion(now[0]))


class ImuSensor:
    """Sends motion samples, 110 a second.

    Attributes
    ----------
    stream : Stream
    skew_ns : int
        Sensor's clock minus the phone's, in the packets' own times; may be changed.
    truncated : int
        So many of the next packets are cut in half.
    """

    def __init__(self, clock: SimulatedClock, head: Head, *, skew_ns: int = 0) -> None:
        self.stream = Stream(lambda: MEDIA, "imu")
        self.skew_ns = skew_ns
        self.truncated = 0
        self._head = head
        self._known: dict[int, Motion] = {}
        self._pacer = Pacer("neon-sim-imu", clock, IMU_HZ, self._tick)

    def start(self) -> None:
        """Begin to make samples."""
        self._pacer.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._pacer.close()

    @property
    def late(self) -> int:
        """Samples that left more than one interval after their time."""
        return self._pacer.late

    def _tick(self, number: int, device_ns: int) -> None:
        if not self.stream.is_watched:
            return
        motion = self._motion(number, device_ns)
        sample = ImuSample(
            device_ns,
            0,
            device_ns + self.skew_ns,
            motion.acceleration_g,
            motion.rotation_deg_s,
            motion.quaternion_wxyz,
        )
        payload = pack_imu(sample)
        if self.truncated > 0:
            self.truncated -= 1
            payload = payload[: len(payload) // 2]
        self.stream.emit(device_ns, ((payload, False),))

    def _motion(self, number: int, device_ns: int) -> Motion:
        """From memory after the first round: the head's motion repeats."""
        place = number % _LOOP_SAMPLES
        motion = self._known.get(place)
        if motion is None:
            motion = self._known[place] = motion_of(self._head, device_ns)
        return motion


def _stance(head: Head, device_ns: int) -> tuple[Matrix, Matrix]:
    """Rotation from the sensor's axes to the world's, and place in the world, mm."""
    pose = head.pose(device_ns)
    place = -pose.rotation.T @ pose.translation
    turned = WORLD_FROM_MONITOR @ pose.rotation.T @ IMU_FROM_CAMERA.T
    return turned, WORLD_FROM_MONITOR @ place


def _quaternion(rotation: Matrix) -> Quaternion:
    """w, x, y, z of a rotation of less than half a turn, which a head at a monitor keeps to."""
    w = math.sqrt(max(1e-12, 1 + float(np.trace(rotation)))) / 2
    x = float(rotation[2, 1] - rotation[1, 2]) / (4 * w)
    y = float(rotation[0, 2] - rotation[2, 0]) / (4 * w)
    z = float(rotation[1, 0] - rotation[0, 1]) / (4 * w)
    return w, x, y, z
