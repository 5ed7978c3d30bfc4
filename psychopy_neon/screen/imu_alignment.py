"""From the gyroscope's axes and clock to those of the scene camera."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychopy_neon.samples import Vector
from psychopy_neon.screen.gyroscope import GyroTrack, Turn
from psychopy_neon.screen.rotations import from_vector, product, to_matrix, vector_of_matrix

Array = npt.NDArray[np.float64]

_NS_PER_S = 1e9


@dataclass(frozen=True, eq=False, slots=True)
class ImuAlignment:
    """How the gyroscope sits and errs; never changes.

    Attributes
    ----------
    camera_from_imu : ndarray, shape (3, 3)
        Turns vectors from the gyroscope's axes (x right, y forward, z up) into those of the
        camera (x right, y down, z forward).
    bias_rad_s : tuple of 3 float
        What the gyroscope shows at rest, in its own axes, rad/s.
    lag_ns : int
        How much later the gyroscope's stamps are than those of pictures of the same moment.
    """

    camera_from_imu: Array
    bias_rad_s: Vector
    lag_ns: int

    def turn(self, gyro: GyroTrack, start_ns: int, end_ns: int) -> Turn | None:
        """As `GyroTrack.turn`, without the bias and at the camera's times."""
        turn = gyro.turn(start_ns + self.lag_ns, end_ns + self.lag_ns)
        if turn is None:
            return None
        x, y, z = self.bias_rad_s
        back_s = (start_ns - end_ns) / _NS_PER_S
        drift = from_vector(x * back_s, y * back_s, z * back_s)
        return Turn(product(turn.rotation, drift), turn.guessed_s)

    def in_camera_axes(self, turn: Turn) -> Array:
        """The turn as a matrix, shape (3, 3), from the camera's axes at the end to the start's."""
        to_camera = self.camera_from_imu
        return np.asarray(to_camera @ to_matrix(turn.rotation) @ to_camera.T)

    def degrees_from(self, other: ImuAlignment) -> float:
        """Angle between the axes of two alignments."""
        between = vector_of_matrix(self.camera_from_imu @ other.camera_from_imu.T)
        return math.degrees(float(np.linalg.norm(between)))


def documented() -> ImuAlignment:
    """As the makers document it: -102 degrees about x from camera to IMU (reference)."""
    tilt = math.radians(102.0)
    cosine, sine = math.cos(tilt), math.sin(tilt)
    axes = np.array([[1.0, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    axes.flags.writeable = False
    return ImuAlignment(axes, (0.0, 0.0, 0.0), 0)
