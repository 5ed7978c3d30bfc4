"""Rotations as unit quaternions (w, x, y, z), in plain numbers.

A gaze sample must not wait for its pose, and for single rotations plain numbers are several times
faster than arrays.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from psychopy_neon.samples import Vector

Array = npt.NDArray[np.float64]
Quaternion = tuple[float, float, float, float]

NO_TURN: Quaternion = (1.0, 0.0, 0.0, 0.0)
_TINY_RAD = 1e-9


def product(first: Quaternion, second: Quaternion) -> Quaternion:
    """Turn by `second` in the axes that `first` leads to."""
    a, b, c, d = first
    w, x, y, z = second
    return (
        a * w - b * x - c * y - d * z,
        a * x + b * w + c * z - d * y,
        a * y - b * z + c * w + d * x,
        a * z + b * y - c * x + d * w,
    )


def inverse(turn: Quaternion) -> Quaternion:
    """The turn back."""
    w, x, y, z = turn
    return w, -x, -y, -z


def normalized(turn: Quaternion) -> Quaternion:
    """The same with a length of exactly 1."""
    length = math.sqrt(sum(part * part for part in turn))
    w, x, y, z = turn
    return w / length, x / length, y / length, z / length


def from_vector(x: float, y: float, z: float) -> Quaternion:
    """Turn about an axis by the vector's length, radians."""
    angle = math.sqrt(x * x + y * y + z * z)
    share = math.sin(angle / 2) / angle if angle > _TINY_RAD else 0.5
    return math.cos(angle / 2), x * share, y * share, z * share


def to_vector(turn: Quaternion) -> Vector:
    """Axis times angle, radians; the angle is at most half a turn."""
    w, x, y, z = turn
    if w < 0:
        w, x, y, z = -w, -x, -y, -z
    sine = math.sqrt(x * x + y * y + z * z)
    share = 2 * math.atan2(sine, w) / sine if sine > _TINY_RAD else 2.0
    return x * share, y * share, z * share


def angle_rad(turn: Quaternion) -> float:
    """How far it turns, 0 to pi."""
    w, x, y, z = turn
    return 2 * math.atan2(math.sqrt(x * x + y * y + z * z), abs(w))


def to_matrix(turn: Quaternion) -> Array:
    """The same turn as a matrix, shape (3, 3)."""
    w, x, y, z = turn
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def vector_of_matrix(rotation: Array) -> Array:
    """Axis times angle of a rotation matrix, shape (3,), radians; for less than half a turn."""
    (a, b, c), (d, e, f), (g, h, i) = rotation.tolist()
    x, y, z = (h - f) / 2, (c - g) / 2, (d - b) / 2
    sine, cosine = math.sqrt(x * x + y * y + z * z), (a + e + i - 1) / 2
    share = math.atan2(sine, cosine) / sine if sine > _TINY_RAD else 1.0
    return np.array([x * share, y * share, z * share])
