from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol import gaze
from psychopy_neon.samples import Eyelid, EyeState, GazeSample

AXES = ("x", "y", "z")
f32 = st.floats(width=32, allow_nan=False)


def parse(payload: bytes) -> GazeSample:
    return gaze.parse_gaze(payload, device_ns=1, arrived_host_ns=2)


def as_reference_fields(sample: GazeSample) -> dict[str, object]:
    """The names that the golden vectors use."""
    fields: dict[str, object] = {"x": sample.x, "y": sample.y, "worn": sample.worn}
    for side in ("left", "right"):
        point = getattr(sample, f"{side}_point")
        eye = getattr(sample, f"{side}_eye")
        lid = getattr(sample, f"{side}_lid")
        if point:
            fields[side] = list(point)
            fields[f"mono_{side}_x"], fields[f"mono_{side}_y"] = point
        if eye:
            fields[f"pupil_diameter_{side}"] = eye.pupil_diameter_mm
            for axis, centre, optical in zip(
                AXES, eye.eyeball_center_mm, eye.optical_axis, strict=True
            ):
                fields[f"eyeball_center_{side}_{axis}"] = centre
                fields[f"optical_axis_{side}_{axis}"] = optical
        if lid:
            fields[f"eyelid_angle_top_{side}"] = lid.angle_top_rad
            fields[f"eyelid_angle_bottom_{side}"] = lid.angle_bottom_rad
            fields[f"eyelid_aperture_{side}"] = lid.aperture_mm
    return fields


def test_golden_vectors(vectors, same):
    for vector in vectors("gaze"):
        payload = bytes.fromhex(vector["hex"])
        sample = parse(payload)
        fields = as_reference_fields(sample)
        for name, expected in vector["expect"].items():
            assert same(fields[name], expected), (vector["name"], name)
        assert sample.unknown_bytes == 0


def test_golden_vectors_are_packed_back(vectors):
    for vector in vectors("gaze"):
        payload = bytes.fromhex(vector["hex"])
        sample = parse(payload)
        again = gaze.pack_gaze(sample)
        normalised = bytearray(payload)
        normalised[8] = 255 if sample.worn else 0
        assert again == normalised, vector["name"]


def test_unknown_lengths_give_the_longest_known_form(vectors):
    for vector in vectors("gaze_bad_length"):
        payload = bytes.fromhex(vector["hex"])
        known = vector["expect"]["longest_known_prefix"]
        if known is None:
            with pytest.raises(ProtocolError):
                parse(payload)
        else:
            sample = parse(payload)
            assert sample.unknown_bytes == len(payload) - known
            shorter = parse(payload[:known])._replace(unknown_bytes=sample.unknown_bytes)
            assert repr(sample) == repr(shorter)  # repr, because NaN is not equal to itself


def test_a_packet_counted_by_hand():
    payload = struct.pack("!ff", 800.0, 600.5) + b"\xff"
    sample = parse(payload)
    assert (sample.x, sample.y, sample.worn) == (800.0, 600.5, True)
    assert sample.left_eye is None and sample.left_lid is None and sample.left_point is None


def test_all_forms_counted_by_hand():
    n = [number / 4 for number in range(26)]
    payload = struct.pack("!2fB24f", *n[:2], 255, *n[2:])
    eyes = (n[2], (n[3], n[4], n[5]), (n[6], n[7], n[8])), (n[9], tuple(n[10:13]), tuple(n[13:16]))
    lids, points = ((n[16], n[17], n[18]), (n[19], n[20], n[21])), ((n[22], n[23]), (n[24], n[25]))
    for length in (65, 89, 105):
        sample = parse(payload[:length])
        assert (sample.x, sample.y, sample.worn, sample.unknown_bytes) == (n[0], n[1], True, 0)
        assert (sample.left_eye, sample.right_eye) == eyes
        assert (sample.left_lid, sample.right_lid) == (lids if length > 65 else (None, None))
        assert (sample.left_point, sample.right_point) == (points if length > 89 else (None, None))
    left, right = (1.0, 2.0), (3.0, 4.0)
    one = parse(struct.pack("!2fB2f", *left, 255, *right))
    assert (one.left_point, one.right_point, one.is_monocular) == (left, right, True)
    both = parse(struct.pack("!2fB4f", 9.0, 8.0, 0, *left, *right))
    assert (both.x, both.left_point, both.right_point) == (9.0, left, right)
    assert not both.is_monocular and not both.worn and both.left_eye is None
    for length in (9, 65, 89, 105):
        assert gaze.pack_gaze(parse(payload[:length])) == payload[:length]
    assert [len(gaze.pack_gaze(sample)) for sample in (one, both)] == [17, 25]
    assert (parse(gaze.pack_gaze(one)), parse(gaze.pack_gaze(both))) == (one, both)


def test_gaze_of_each_eye_tells_whether_there_is_one_of_both_too(vectors):
    payloads = [bytes.fromhex(vector["hex"]) for vector in vectors("gaze")]
    assert {len(p) for p in payloads if parse(p).is_monocular} == {17}
    assert {len(p) for p in payloads if parse(p).left_point and not parse(p).is_monocular} == {
        25,
        105,
    }


def test_monocular_gaze_without_a_point_cannot_be_packed():
    with pytest.raises(ProtocolError, match="left and a right"):
        gaze.pack_gaze(GazeSample(1, 2, 3.0, 4.0, True, left_point=(3.0, 4.0), is_monocular=True))


@pytest.mark.parametrize("worn_byte", [0, 1, 254])
def test_only_255_means_worn(worn_byte):
    assert not parse(struct.pack("!ffB", 1, 2, worn_byte)).worn


@given(st.binary(max_size=200))
def test_any_bytes_give_a_sample_or_a_protocol_error(payload):
    if len(payload) < 9:
        with pytest.raises(ProtocolError):
            parse(payload)
    else:
        assert parse(payload).unknown_bytes < len(payload)


@given(st.lists(f32, min_size=26, max_size=26), st.booleans())
def test_the_longest_form_survives_a_round_trip(f, worn):
    eyes = [EyeState(f[i], (f[i + 1], f[i + 2], f[i + 3]), (f[i + 4], f[i + 5], f[i + 6]))
            for i in (0, 7)]  # fmt: skip
    lids = [Eyelid(*f[14:17]), Eyelid(*f[17:20])]
    sample = GazeSample(
        1, 2, f[20], f[21], worn, *eyes, *lids, (f[22], f[23]), (f[24], f[25])
    )  # fmt: skip
    payload = gaze.pack_gaze(sample)
    assert len(payload) == 105
    assert parse(payload) == sample
