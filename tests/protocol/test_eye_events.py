from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.eye_events import pack_eye_event, parse_eye_event


def parse(payload):
    return parse_eye_event(payload, device_ns=7, arrived_host_ns=8)


def test_golden_vectors(vectors, same):
    for vector in vectors("eye_events"):
        expect = vector["expect"]
        event = parse(bytes.fromhex(vector["hex"]))
        if expect["kind"] == "keepalive":
            assert event is None
            continue
        assert event.kind == expect["kind"]
        assert event.start_sensor_ns == expect["start_time_ns"]
        assert event.end_sensor_ns == expect.get("end_time_ns")
        if "mean_velocity" in expect:
            m = event.movement
            got = {
                "start_gaze_x": m.start_px[0], "start_gaze_y": m.start_px[1],
                "end_gaze_x": m.end_px[0], "end_gaze_y": m.end_px[1],
                "mean_gaze_x": m.mean_px[0], "mean_gaze_y": m.mean_px[1],
                "amplitude_pixels": m.amplitude_px, "amplitude_angle_deg": m.amplitude_deg,
                "mean_velocity": m.mean_velocity_px_s, "max_velocity": m.max_velocity_px_s,
            }  # fmt: skip
            assert all(same(got[name], expect[name]) for name in got), vector["name"]


def test_golden_vectors_are_packed_back(vectors):
    for vector in vectors("eye_events"):
        payload = bytes.fromhex(vector["hex"])
        event = parse(payload)
        if event is not None:
            assert pack_eye_event(event) == payload, vector["name"]


def test_bad_vectors_are_refused(vectors):
    for vector in vectors("eye_events_bad"):
        with pytest.raises(ProtocolError):
            parse(bytes.fromhex(vector["hex"]))


@given(st.binary(max_size=80))
def test_any_bytes_give_an_event_nothing_or_a_protocol_error(payload):
    with contextlib.suppress(ProtocolError):
        parse(payload)
