"""The module's factory calibration, ``GET /calibration.bin`` (reference, 2.6).

803 bytes, little endian: version (u8), serial (6 bytes ASCII), then for the scene camera, the
right and the left eye camera each a 3x3 camera matrix, 8 distortion coefficients and a 4x4
extrinsic matrix (float64, row major), then the CRC-32 of all that.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import ProtocolError

CALIBRATION_BYTES = 803
_CAMERA = struct.Struct("<33d")
_HEAD = struct.Struct("<B6s")
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class CameraCalibration:
    """One camera, in OpenCV's conventions.

    Attributes
    ----------
    matrix : ndarray, shape (3, 3)
        Focal lengths and principal point, pixels.
    distortion : ndarray, shape (8,)
        Rational model: k1 k2 p1 p2 k3 k4 k5 k6.
    extrinsics : ndarray, shape (4, 4)
        Pose relative to the scene camera; translation in mm.
    """

    matrix: Matrix
    distortion: Matrix
    extrinsics: Matrix


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """Calibration of one pair of glasses (reference, 2.6).

    Attributes
    ----------
    version : int
        Of the format.
    serial : str
        Of the module.
    scene, right, left : CameraCalibration
        Of the scene camera and of the two eye cameras.
    """

    version: int
    serial: str
    scene: CameraCalibration
    right: CameraCalibration
    left: CameraCalibration

    @classmethod
    def parse(cls, data: bytes) -> Calibration:
        """Decode a calibration, and check its size and checksum.

        Parameters
        ----------
        data : bytes
            The 803 bytes of ``GET /calibration.bin``.

        Raises
        ------
        ProtocolError
            If size or checksum are wrong, or a number is not finite; such a file must not be
            used for measuring.
        """
        if len(data) != CALIBRATION_BYTES:
            raise ProtocolError(f"calibration of {len(data)} bytes, {CALIBRATION_BYTES} expected")
        (crc,) = struct.unpack_from("<I", data, CALIBRATION_BYTES - 4)
        if crc != zlib.crc32(data[:-4]):
            raise ProtocolError("calibration with a wrong checksum: it is damaged")
        version, serial = _HEAD.unpack_from(data)
        if not serial.isascii():
            raise ProtocolError("calibration with a serial number that is no text")
        scene, right, left = (_parse_camera(data, _HEAD.size + n * _CAMERA.size) for n in range(3))
        return cls(version, serial.rstrip(b"\0").decode("ascii"), scene, right, left)

    def pack(self) -> bytes:
        """Encode as 803 bytes, checksum included."""
        data = _HEAD.pack(self.version, self.serial.encode("ascii"))
        data += b"".join(_pack_camera(c) for c in (self.scene, self.right, self.left))
        return data + struct.pack("<I", zlib.crc32(data))

    @classmethod
    def typical(cls, serial: str = "000000") -> Calibration:
        """Plausible values of a Neon module, for simulation (reference, 2.6; screen-mapping, 2).

        Parameters
        ----------
        serial : str
            Of the module, up to six characters.
        """
        scene = _camera(
            (891.0, 890.5, 813.0, 614.0),
            (-0.1305, 0.1086, 0.0002, -0.0002, -0.0005, 0.17, 0.052, 0.0245),
            (0.0, 0.0, 0.0),
        )
        right = _camera((140.0, 140.0, 95.0, 95.0), (0.0,) * 8, (17.0, 19.5, -8.0))
        left = _camera((140.0, 140.0, 95.0, 95.0), (0.0,) * 8, (-17.0, 19.5, -8.0))
        return cls(1, serial, scene, right, left)


def _parse_camera(data: bytes, offset: int) -> CameraCalibration:
    values = np.array(_CAMERA.unpack_from(data, offset))
    if not np.isfinite(values).all():
        raise ProtocolError("calibration with a number that is not finite")
    return CameraCalibration(values[:9].reshape(3, 3), values[9:17], values[17:].reshape(4, 4))


def _pack_camera(camera: CameraCalibration) -> bytes:
    parts = (camera.matrix, camera.distortion, camera.extrinsics)
    return _CAMERA.pack(*np.concatenate([p.ravel() for p in parts]))


def _camera(
    intrinsics: tuple[float, float, float, float],
    distortion: tuple[float, ...],
    position_mm: tuple[float, float, float],
) -> CameraCalibration:
    fx, fy, cx, cy = intrinsics
    extrinsics = np.eye(4)
    extrinsics[:3, 3] = position_mm
    matrix = np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])
    return CameraCalibration(matrix, np.array(distortion), extrinsics)
