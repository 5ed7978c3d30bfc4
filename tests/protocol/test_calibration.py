from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.calibration import Calibration


def flat(value):
    return np.asarray(value, float).ravel().tolist()


def test_golden_vectors(vectors):
    for vector in vectors("calibration"):
        data, expect = bytes.fromhex(vector["hex"]), vector["expect"]
        if not expect["crc_valid"]:
            with pytest.raises(ProtocolError, match="checksum"):
                Calibration.parse(data)
            continue
        calibration = Calibration.parse(data)
        assert calibration.serial == expect["serial"]
        assert calibration.version == expect["version"]
        for name in ("scene", "right", "left"):
            camera = getattr(calibration, name)
            assert flat(camera.matrix) == flat(expect[f"{name}_camera_matrix"])
            assert flat(camera.distortion) == flat(expect[f"{name}_distortion_coefficients"])
            assert flat(camera.extrinsics) == flat(expect[f"{name}_extrinsics_affine_matrix"])
        assert calibration.pack() == data


def test_a_calibration_counted_by_hand():
    data = struct.pack("<B6s99d", 2, b"54321", *range(99))
    calibration = Calibration.parse(data + struct.pack("<I", zlib.crc32(data)))
    assert (calibration.version, calibration.serial) == (2, "54321")
    for name, first in (("scene", 0), ("right", 33), ("left", 66)):
        camera = getattr(calibration, name)
        assert camera.matrix.tolist()[0] == [first, first + 1, first + 2]
        assert camera.matrix.tolist()[2][2] == first + 8
        assert flat(camera.distortion) == list(range(first + 9, first + 17))
        assert camera.extrinsics.tolist()[1] == list(range(first + 21, first + 25))
        assert camera.extrinsics[3, 3] == first + 32


def test_the_held_recording_has_a_valid_calibration(recording_folder):
    data = (recording_folder / "calibration.bin").read_bytes()
    calibration = Calibration.parse(data)
    assert 850 < calibration.scene.matrix[0, 0] < 930
    assert calibration.pack() == data


def test_typical_values_survive_a_round_trip():
    data = Calibration.typical("123456").pack()
    assert len(data) == 803
    again = Calibration.parse(data)
    assert again.serial == "123456"
    assert np.array_equal(again.scene.matrix, Calibration.typical().scene.matrix)


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"x", lambda d: b""])
def test_a_wrong_size_is_refused(change):
    with pytest.raises(ProtocolError, match="803"):
        Calibration.parse(change(Calibration.typical().pack()))


def test_one_flipped_bit_is_noticed():
    data = bytearray(Calibration.typical().pack())
    data[100] ^= 1
    with pytest.raises(ProtocolError, match="checksum"):
        Calibration.parse(bytes(data))


def sealed(data: bytes, offset: int, part: bytes) -> bytes:
    """With another part, and the checksum of that."""
    changed = data[:offset] + part + data[offset + len(part) : -4]
    return changed + struct.pack("<I", zlib.crc32(changed))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("offset", [7, 791])
def test_a_number_that_is_not_finite_is_refused(number, offset):
    with pytest.raises(ProtocolError, match="finite"):
        Calibration.parse(sealed(Calibration.typical().pack(), offset, struct.pack("<d", number)))


def test_a_serial_number_that_is_no_text_is_refused():
    with pytest.raises(ProtocolError, match="serial"):
        Calibration.parse(sealed(Calibration.typical().pack(), 1, b"\xff"))
