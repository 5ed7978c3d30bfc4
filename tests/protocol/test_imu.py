from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.imu import pack_imu, parse_imu
from psychopy_neon.samples import ImuSample

f32 = st.floats(width=32, allow_nan=False)
vector3 = st.tuples(f32, f32, f32)


def parse(payload):
    return parse_imu(payload, device_ns=2, arrived_host_ns=3)


def test_golden_vectors(vectors, same):
    for vector in vectors("imu"):
        expect = vector["expect"]
        sample = parse(bytes.fromhex(vector["hex"]))
        assert sample.sensor_ns == expect["ts_ns"], vector["name"]
        assert same(list(sample.acceleration_g), expect["accel"])
        assert same(list(sample.rotation_deg_s), expect["gyro"])
        assert same(list(sample.quaternion_wxyz), expect["quat_wxyz"])


def test_bad_vectors_are_refused(vectors):
    for vector in vectors("imu_bad"):
        with pytest.raises(ProtocolError):
            parse(bytes.fromhex(vector["hex"]))


@given(st.integers(1, 2**64 - 1), vector3, vector3, st.tuples(f32, f32, f32, f32))
def test_round_trip(sensor_ns, acceleration, rotation, quaternion):
    sample = ImuSample(2, 3, sensor_ns, acceleration, rotation, quaternion)
    assert parse(pack_imu(sample)) == sample


@given(st.binary(max_size=120))
def test_any_bytes_give_a_sample_or_a_protocol_error(payload):
    with contextlib.suppress(ProtocolError):
        parse(payload)


def test_every_truncation_is_survived():
    payload = pack_imu(
        ImuSample(2, 3, 10**18, (0.1, 0.2, 1.0), (1.0, 2.0, 3.0), (1.0, 0.5, 0.5, 0.5))
    )
    for length in range(len(payload)):
        with contextlib.suppress(ProtocolError):
            parse(payload[:length])


def test_real_packets_of_the_held_recording(recording_folder):
    data = (recording_folder / "extimu ps1.raw").read_bytes()
    times = []
    while data:
        length = int.from_bytes(data[:2], "little")
        sample = parse(data[2 : 2 + length])
        norm = sum(a * a for a in sample.acceleration_g) ** 0.5
        assert 0.3 < norm < 3.0
        times.append(sample.sensor_ns)
        data = data[2 + length :]
    assert len(times) > 900
    assert times == sorted(times)
