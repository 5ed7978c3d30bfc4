"""The motion sensor feels what the head does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from psychopy_neon.protocol.imu import parse_imu
from psychopy_neon.simulator.head import Head
from psychopy_neon.simulator.imu_sensor import IMU_FROM_CAMERA, motion_of


def received(client, count):
    packets, _ = client.receive(lambda p, r: len(p) >= count and len(r) >= 1)
    return packets, [parse_imu(p.payload, device_ns=0, arrived_host_ns=0) for p in packets]


def matrix(quaternion):
    w, x, y, z = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def test_a_still_head_feels_gravity_and_nothing_else():
    motion = motion_of(Head(600, moves=False), 123_456_789)
    assert motion.rotation_deg_s == (0, 0, 0)
    # The sensor is tilted 12 degrees up against the camera, which looks straight ahead.
    tilt = np.radians(12)
    assert motion.acceleration_g == pytest.approx((0, np.sin(tilt), np.cos(tilt)), abs=1e-9)
    up = matrix(motion.quaternion_wxyz) @ motion.acceleration_g
    assert up == pytest.approx([0, 0, 1], abs=1e-9)


def test_forward_of_the_camera_points_north():
    motion = motion_of(Head(600, moves=False), 0)
    forward = matrix(motion.quaternion_wxyz) @ IMU_FROM_CAMERA @ [0, 0, 1]
    assert forward == pytest.approx([0, 1, 0], abs=1e-9)


def test_rotation_is_the_change_of_orientation():
    head, step_s = Head(600), 0.001
    for moment_ns in range(0, 2_000_000_000, 170_000_000):
        now, later = (motion_of(head, moment_ns + k * 1_000_000) for k in (0, 1))
        turned = matrix(now.quaternion_wxyz).T @ matrix(later.quaternion_wxyz)
        rates = np.degrees([turned[2, 1], turned[0, 2], turned[1, 0]]) / step_s
        assert rates == pytest.approx(now.rotation_deg_s, abs=0.05)


def test_acceleration_is_the_change_of_speed_and_gravity():
    head, whole_loop_ns = Head(600), 2_000_000_000
    moments = range(0, whole_loop_ns, 10_000_000)
    motions = [motion_of(head, ns) for ns in moments]
    felt = np.array([matrix(m.quaternion_wxyz) @ m.acceleration_g for m in motions])
    # Over one round of the sway, speed comes back to what it was.
    assert felt.mean(axis=0) == pytest.approx([0, 0, 1], abs=1e-4)
    assert 0.001 < np.abs(felt - [0, 0, 1]).max() < 0.05


def test_samples_come_110_times_a_second_with_their_own_times(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "imu")
    media = client.start()
    packets, samples = received(client, 110)
    assert (media.kind, media.payload_type, media.clock_rate) == ("application", 100, 90_000)
    steps = [b.sensor_ns - a.sensor_ns for a, b in itertools.pairwise(samples)]
    assert steps == pytest.approx([1e9 / 110] * len(steps), abs=2)
    for packet, sample in zip(packets, samples, strict=True):
        ticks = (sample.sensor_ns * 90_000 + 500_000_000) // 1_000_000_000
        assert packet.timestamp == ticks % 2**32
    first = samples[0]
    motion = motion_of(neon.view.head, first.sensor_ns)
    assert first.rotation_deg_s == pytest.approx(motion.rotation_deg_s, abs=1e-3)


def test_the_sensor_clock_can_be_off(simulated_neon, rtsp):
    neon = simulated_neon(scene=False, sensor_skew_s=571.25)
    client = rtsp(neon, "imu", tcp=True)
    client.start()
    packets, (sample, *_) = received(client, 1)
    apart = (sample.sensor_ns * 90_000 // 1_000_000_000 - packets[0].timestamp) % 2**32
    assert apart / 90_000 == pytest.approx(571.25, abs=1e-3)
