"""All that a phone has ever sent as gaze, one after the other on one connection."""

from __future__ import annotations

import math

import pytest

from psychopy_neon.protocol.gaze import KNOWN_LENGTHS, parse_gaze
from psychopy_neon.simulator.gaze_payload import gaze_payload
from psychopy_neon.simulator.look import Look

LOOK = Look(0, (0.0, 0.0), 900.0, 500.0, 4.0, 0.5)


def decoded(payload):
    return parse_gaze(payload, device_ns=0, arrived_host_ns=0)


@pytest.mark.parametrize("length", KNOWN_LENGTHS)
def test_each_variant_holds_what_it_should(length):
    payload = gaze_payload(LOOK, length)
    sample = decoded(payload)
    assert len(payload) == length and sample.unknown_bytes == 0 and sample.worn
    assert sample.y == 500 and (sample.x == 900 or length == 17)
    assert (sample.left_eye is not None) == (length >= 65)
    assert (sample.left_lid is not None) == (length >= 89)
    assert (sample.right_point is not None) == (length in (17, 25, 105))
    if sample.right_point is not None:
        assert sample.left_point[0] < 900 < sample.right_point[0]
    if sample.left_eye is not None:
        assert sample.left_eye.pupil_diameter_mm == 4
        assert math.hypot(*sample.right_eye.optical_axis) == pytest.approx(1)
        assert sample.right_eye.optical_axis[0] > 0 > sample.right_eye.optical_axis[1]
    if sample.left_lid is not None:
        assert sample.right_lid.aperture_mm == 5.5
        assert sample.right_lid.angle_top_rad == 0


def test_variants_can_be_switched_while_running(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    for length in (*KNOWN_LENGTHS, 121):
        neon.gaze.gaze_bytes = length
        client.receive(lambda p, r, n=length: bool(p) and len(p[-1].payload) == n)


def test_a_future_variant_begins_like_the_longest_known_one(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    neon.faults.unknown_gaze()
    packets, _ = client.receive(lambda p, r: bool(p) and len(p[-1].payload) == 121)
    sample = decoded(packets[-1].payload)
    assert sample.unknown_bytes == 16 and sample.left_lid is not None
    neon.faults.clear()
    client.receive(lambda p, r: bool(p) and len(p[-1].payload) == 65)


def test_eye_state_can_be_unknown(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    neon.faults.nan_eye_state()
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    packets, _ = client.receive(lambda p, r: len(p) >= 3)
    sample = decoded(packets[-1].payload)
    assert math.isnan(sample.left_eye.pupil_diameter_mm)
    assert all(map(math.isnan, sample.right_eye.optical_axis))
    assert math.isfinite(sample.x)
