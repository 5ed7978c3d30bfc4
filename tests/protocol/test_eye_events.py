from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.eye_events import pack_eye_event, parse_eye_event
from psychopy_neon.samples import EyeMovement


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


def test_all_kinds_counted_by_hand():
    for number, kind in enumerate(("saccade", "fixation")):
        event = parse(struct.pack("!iqq10f", number, 100, 200, *range(1, 11)))
        assert (event.kind, event.start_sensor_ns, event.end_sensor_ns) == (kind, 100, 200)
        assert event.movement == EyeMovement((1, 2), (3, 4), (5, 6), 7, 8, 9, 10)
    for number, kind in ((2, "saccade_onset"), (3, "fixation_onset")):
        event = parse(struct.pack("!iq", number, -100))
        assert (event.kind, event.start_sensor_ns, event.end_sensor_ns) == (kind, -100, None)
        assert event.movement is None
    event = parse(struct.pack("!iqq", 4, 100, 200))
    assert (event.kind, event.end_sensor_ns, event.movement) == ("blink", 200, None)
    assert (event.device_ns, event.arrived_host_ns) == (7, 8)
    assert parse(struct.pack("!i", 5)) is None


@pytest.mark.parametrize("event_type", range(5))
def test_an_event_that_is_cut_short_is_refused(event_type):
    payload = struct.pack("!iqq10f", event_type, 100, 200, *range(10))
    length = {0: 60, 1: 60, 2: 12, 3: 12, 4: 20}[event_type]
    assert parse(payload[:length]) == parse(payload)
    with pytest.raises(ProtocolError, match=f"of {length - 1} bytes, {length} expected"):
        parse(payload[: length - 1])


@given(st.binary(max_size=80))
def test_any_bytes_give_an_event_nothing_or_a_protocol_error(payload):
    with contextlib.suppress(ProtocolError):
        parse(payload)
