"""The wearer's head: where the scene camera is, at every moment of the phone's clock."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

LOOP_NS = 2_000_000_000
"""The sway repeats after this time, so that one loop of video serves for ever."""

_YAW_DEG, _PITCH_DEG, _ROLL_DEG = 1.6, 1.0, 0.5
_SIDE_MM, _UP_MM, _FORTH_MM = 5.0, 2.0, 6.0
# The head turns about the neck: so far is the camera from there, in its own axes.
_NECK_TO_CAMERA_MM = np.array([0.0, -80.0, 110.0])


@dataclass(frozen=True, eq=False, slots=True)
class Pose:
    """``camera = rotation @ monitor + translation``, both in mm; camera axes are x right, y
    down, z forward."""

    rotation: Matrix
    translation: Matrix


@dataclass(frozen=True, slots=True)
class Head:
    """A head at some distance from the middle of the monitor, swaying slightly about its neck.

    Attributes
    ----------
    distance_mm : float
    moves : bool
        False keeps it still.
    turn_deg : float
        So far it also turns to the left and to the right, once in `LOOP_NS`.
    """

    distance_mm: float
    moves: bool = True
    turn_deg: float = 0.0

    def pose(self, device_ns: int) -> Pose:
        """Pose at a moment of the phone's clock; smooth and periodic in `LOOP_NS`."""
        turn = 2 * math.pi * (device_ns % LOOP_NS) / LOOP_NS
        size = 1.0 if self.moves else 0.0
        yaw = math.radians(size * _YAW_DEG + self.turn_deg) * math.sin(turn)
        pitch = size * math.radians(_PITCH_DEG) * math.sin(turn + 0.7)
        roll = size * math.radians(_ROLL_DEG) * math.sin(2 * turn + 2.0)
        place = np.array(
            [
                size * _SIDE_MM * math.sin(turn + 1.0),
                size * _UP_MM * math.sin(2 * turn + 2.0),
                size * _FORTH_MM * math.sin(turn + 0.3) - self.distance_mm,
            ]
        )
        rotation = _rotation(yaw, pitch, roll)
        place += rotation.T @ _NECK_TO_CAMERA_MM - _NECK_TO_CAMERA_MM
        return Pose(rotation, -rotation @ place)


def _rotation(yaw: float, pitch: float, roll: float) -> Matrix:
    cy, sy = math.cos(yaw), math.sin(yaw)
    cp, sp = math.cos(pitch), math.sin(pitch)
    cr, sr = math.cos(roll), math.sin(roll)
    about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1.0]])
    return np.asarray(about_z @ about_x @ about_y)
