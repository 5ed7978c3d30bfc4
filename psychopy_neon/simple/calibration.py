"""The calibration under the official client's field names."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from psychopy_neon.protocol.calibration import Calibration as Parsed
from psychopy_neon.protocol.calibration import Matrix


@dataclass(frozen=True, eq=False)
class Calibration:
    """Factory calibration of the glasses; values by attribute or by key (reference, 2.6).

    Attributes
    ----------
    version : int
        Of the format.
    serial : str
        Of the module; by key it comes as bytes, as in the official client.
    scene_camera_matrix, right_camera_matrix, left_camera_matrix : ndarray, shape (3, 3)
        Focal lengths and principal points, pixels.
    scene_distortion_coefficients : ndarray, shape (8,)
        OpenCV's rational model.
    right_distortion_coefficients, left_distortion_coefficients : ndarray, shape (8,)
        The same of the eye cameras.
    scene_extrinsics_affine_matrix : ndarray, shape (4, 4)
        Pose relative to the scene camera, mm.
    right_extrinsics_affine_matrix, left_extrinsics_affine_matrix : ndarray, shape (4, 4)
        The same of the eye cameras.
    crc : int
        Checksum; it has been checked.
    """

    version: int
    serial: str
    scene_camera_matrix: Matrix
    scene_distortion_coefficients: Matrix
    scene_extrinsics_affine_matrix: Matrix
    right_camera_matrix: Matrix
    right_distortion_coefficients: Matrix
    right_extrinsics_affine_matrix: Matrix
    left_camera_matrix: Matrix
    left_distortion_coefficients: Matrix
    left_extrinsics_affine_matrix: Matrix
    crc: int

    def keys(self) -> list[str]:
        """Names of the fields."""
        return [field.name for field in fields(self)]

    def items(self) -> Iterator[tuple[str, Any]]:
        """Names and values."""
        return ((name, getattr(self, name)) for name in self.keys())

    def __getitem__(self, name: str) -> Any:
        if name not in self.keys():
            raise KeyError(name)
        value = getattr(self, name)
        return np.bytes_(value.encode("ascii", "replace")) if name == "serial" else value


def calibration_record(parsed: Parsed) -> Calibration:
    """The official record of a calibration."""
    matrices = {
        f"{camera}_{name}": matrix
        for camera, one in (("scene", parsed.scene), ("right", parsed.right), ("left", parsed.left))
        for name, matrix in (
            ("camera_matrix", one.matrix),
            ("distortion_coefficients", one.distortion),
            ("extrinsics_affine_matrix", one.extrinsics),
        )
    }
    crc = zlib.crc32(parsed.pack()[:-4])
    return Calibration(version=parsed.version, serial=parsed.serial, crc=crc, **matrices)
