from __future__ import annotations

import contextlib
import struct

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


def test_a_packet_counted_by_hand():
    vector = b"\x0d" + struct.pack("<f", 1.5) + b"\x1d" + struct.pack("<f", -0.25)  # y is 0
    payload = b"\x08\xac\x02" + b"\x12\x0a" + vector + b"\x22\x05\x0d" + struct.pack("<f", 1.0)
    sample = parse(payload)
    assert (sample.sensor_ns, sample.device_ns, sample.arrived_host_ns) == (300, 2, 3)
    assert (sample.acceleration_g, sample.rotation_deg_s) == ((1.5, 0.0, -0.25), (0.0,) * 3)
    assert sample.quaternion_wxyz == (1.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "unknown",
    [
        b"\x28\xac\x02",  # a number
        b"\x29" + bytes(8),  # 64 bits
        b"\x2a\x03abc",  # bytes
        b"\x2d" + bytes(4),  # 32 bits
        b"\x09" + bytes(8),  # the time in another form
    ],
)
def test_fields_that_are_not_known_are_skipped(unknown):
    sample = ImuSample(2, 3, 7, (0.5, 0.25, 1.0), (1.0, 2.0, 3.0), (1.0, 0.5, 0.5, 0.5))
    assert parse(pack_imu(sample) + unknown) == sample
    assert parse(unknown + pack_imu(sample)) == sample
    with pytest.raises(ProtocolError):
        parse(pack_imu(sample) + unknown[:-1])


@given(st.integers(0, 65), st.integers(0, 255))
def test_a_damaged_packet_of_the_usual_form_is_read_as_any_other(place, byte):
    sample = ImuSample(2, 3, 2**60, (0.5, 0.25, 1.0), (1.0, 2.0, 3.0), (1.0, 0.5, 0.5, 0.5))
    damaged = bytearray(pack_imu(sample))
    damaged[place] = byte

    def outcome(payload):
        try:
            return repr(parse(payload))
        except ProtocolError as error:
            return str(error)

    in_another_form = b"\x28\x01" + bytes(damaged)  # with an unknown field in front
    assert outcome(bytes(damaged)) == outcome(in_another_form)


@pytest.mark.parametrize("garbage", [b"\x2b", b"\x2e", b"\x28" + b"\xff" * 10 + b"\1"])
def test_what_is_no_protobuf_is_refused(garbage):
    sample = ImuSample(2, 3, 7, (0.5, 0.25, 1.0), (1.0, 2.0, 3.0), (1.0, 0.5, 0.5, 0.5))
    with pytest.raises(ProtocolError):
        parse(pack_imu(sample) + garbage)


@pytest.mark.parametrize("sensor_ns", [1, 127, 128, 16_383, 16_384, 2**63, 2**64 - 1])
def test_times_of_any_length_survive(sensor_ns):
    sample = ImuSample(2, 3, sensor_ns, (0.5, 0.25, 1.0), (1.0, 2.0, 3.0), (1.0, 0.5, 0.5, 0.5))
    assert parse(pack_imu(sample)) == sample
    assert parse(b"\x08\x80\x01").sensor_ns == 128


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
