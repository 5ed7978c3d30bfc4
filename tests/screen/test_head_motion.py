"""A head that turns and sways as a formula says, and what is known of it at any moment."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychopy_neon.screen.head_motion import HeadMotion, PlacedPose
from psychopy_neon.screen.imu_alignment import documented
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.rotations import from_vector, to_matrix, vector_of_matrix

START = 1_700_000_000_000_000_000
FRAME, SAMPLE = 33_333_333, 9_090_909
UNIT_MM = 150.0
LEVER = np.array([0.0, -80.0, 110.0]) / UNIT_MM
POINTS = np.array([(0.0, 0.0), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7)])


@dataclass(frozen=True)
class Head:
    """Yaw and pitch swing; the neck's pivot moves evenly.

    `gyro_axes` is how the sensor really sits, `bias` what it adds, deg/s, `lag_ns` how late its
    stamps are.
    """

    swing_deg: float = 10.0
    hz: float = 0.6
    pivot_mm_s: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lever: tuple[float, float, float] = tuple(LEVER)
    tilt_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    bias: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lag_ns: int = 0

    def to_window(self, time_s: float) -> np.ndarray:
        turn = 2 * math.pi * self.hz * time_s
        swing = math.radians(self.swing_deg)
        yaw = to_matrix(from_vector(0, swing * math.sin(turn), 0))
        return yaw @ to_matrix(from_vector(0.4 * swing * math.sin(1.7 * turn + 1), 0, 0))

    def pose(self, device_ns: int) -> ScreenPose:
        time_s = (device_ns - START) / 1e9
        to_window, lever = self.to_window(time_s), np.array(self.lever)
        pivot = np.array([0, 0, -4.0]) - lever + np.array(self.pivot_mm_s) / UNIT_MM * time_s
        camera, rotation = pivot + to_window @ lever, to_window.T
        return ScreenPose(device_ns, rotation, -rotation @ camera, (16 / 9, 1.0), 8, 0.9, 0.2)

    def gyro(self, device_ns: int) -> tuple[float, float, float]:
        time_s, step_s = (device_ns - self.lag_ns - START) / 1e9, 1e-4
        before, after = (self.to_window(time_s + way * step_s) for way in (-1, 1))
        camera = vector_of_matrix(before.T @ after) / (2 * step_s)
        tilt = to_matrix(from_vector(*np.radians(self.tilt_deg)))
        x, y, z = np.degrees(tilt @ documented().camera_from_imu.T @ camera) + self.bias
        return float(x), float(y), float(z)


def watch(
    head: Head,
    seconds: float,
    *,
    gyro: bool = True,
    lost_s: float = 0.0,
    gyro_until_s: float = 1e9,
    motion: HeadMotion | None = None,
) -> HeadMotion:
    """What is known when all samples have come, and all pictures but those of the last `lost_s`."""
    motion = motion or HeadMotion(2 * UNIT_MM)
    end = START + round(seconds * 1e9)
    moments = [(START + n * SAMPLE, "gyro") for n in range(round(seconds * 1e9) // SAMPLE + 1)]
    moments += [(START + n * FRAME, "pose") for n in range(round(seconds * 1e9) // FRAME + 1)]
    for device_ns, kind in sorted(moments):
        if kind == "pose" and device_ns <= end - lost_s * 1e9:
            motion.take_pose(head.pose(device_ns))
            motion.compare()
        elif kind == "gyro" and gyro and device_ns <= START + gyro_until_s * 1e9:
            motion.take_gyro(device_ns, head.gyro(device_ns))
    return motion


def error_deg(head: Head, placed: PlacedPose, device_ns: int) -> float:
    """Greatest error over the window, as an angle at the camera."""
    truth = head.pose(device_ns)
    found = placed.pose.norm_from_rays(truth.rays_from_norm(POINTS))
    apart = (found - POINTS) * truth.half_size
    return math.degrees(float(np.linalg.norm(apart, axis=1).max()) / truth.translation[2])


def test_the_pose_of_a_picture_is_what_it_showed():
    head = Head()
    motion = watch(head, 2.0)
    for number in (20, 35, 58):
        placed = motion.at(START + number * FRAME)
        assert error_deg(head, placed, START + number * FRAME) < 1e-6


@settings(max_examples=60, deadline=None)
@given(
    swing_deg=st.floats(0, 15),
    hz=st.floats(0.1, 0.8),
    pivot=st.tuples(*[st.floats(-30, 30)] * 3),
    moment_s=st.floats(1.0, 1.9),
    gyro=st.booleans(),
)
def test_between_two_pictures_the_pose_is_between_theirs(swing_deg, hz, pivot, moment_s, gyro):
    head = Head(swing_deg, hz, pivot_mm_s=pivot)
    device_ns = START + round(moment_s * 1e9)
    placed = watch(head, 2.0, gyro=gyro).at(device_ns)
    assert placed.source == "interpolated"
    assert error_deg(head, placed, device_ns) < (0.03 if gyro else 0.12)
    assert abs(placed.pose.device_ns - device_ns) <= FRAME / 2 + 1


@settings(max_examples=40, deadline=None)
@given(
    swing_deg=st.floats(0, 12),
    hz=st.floats(0.1, 0.7),
    pivot=st.tuples(*[st.floats(-25, 25)] * 3),
    late_s=st.floats(0.0, 0.12),
)
def test_the_gyroscope_carries_the_newest_pose_to_the_time_of_gaze(swing_deg, hz, pivot, late_s):
    head = Head(swing_deg, hz, pivot_mm_s=pivot)
    motion = watch(head, 3.0, lost_s=late_s)
    now = START + 3_000_000_000
    placed = motion.at(now)
    assert placed.source == "gyroscope"
    assert placed.pose.device_ns <= now - late_s * 1e9 + 1
    assert error_deg(head, placed, now) < 0.25
    held = PlacedPose(motion.history.newest, "held", 0.0)
    assert error_deg(head, placed, now) <= error_deg(head, held, now) + 0.05


def test_tags_lost_for_300_ms_cost_little():
    head = Head()
    motion = watch(head, 4.0, lost_s=0.3)
    placed = motion.at(START + 4_000_000_000)
    newest = PlacedPose(motion.history.newest, "held", 0.0)
    assert error_deg(head, placed, START + 4_000_000_000) < 0.3
    assert error_deg(head, newest, START + 4_000_000_000) > 1.0
    assert placed.expected_error_deg > 0.15


def test_without_gyroscope_the_head_turns_on_as_it_did_but_not_for_long():
    head = Head(swing_deg=15, hz=0.2)
    motion = watch(head, 3.0, gyro=False)
    newest = motion.history.newest
    soon, later, much_later = (newest.device_ns + ms * 1_000_000 for ms in (50, 100, 400))
    placed, held = motion.at(soon), PlacedPose(newest, "held", 0.0)
    assert placed.source == "extrapolated"
    assert error_deg(head, placed, soon) < 0.2 * error_deg(head, held, soon)
    assert np.allclose(motion.at(later).pose.rotation, motion.at(much_later).pose.rotation)
    errors = [motion.at(moment).expected_error_deg for moment in (soon, later, much_later)]
    assert errors == sorted(errors) and errors[-1] > 1.0


def test_a_single_picture_is_held():
    motion = HeadMotion()
    motion.take_pose(Head().pose(START))
    placed = motion.at(START + 20_000_000)
    assert placed.source == "held"
    assert np.array_equal(placed.pose.rotation, Head().pose(START).rotation)
    assert motion.at(START - 20_000_000).source == "held"


def test_nothing_is_known_before_the_first_picture():
    motion = HeadMotion()
    motion.take_gyro(START, (0.0, 0.0, 0.0))
    assert motion.at(START) is None


def test_a_gyroscope_that_fell_silent_is_not_believed_for_long():
    head = Head()
    motion = watch(head, 3.0, gyro_until_s=2.5)
    assert motion.at(START + 3_020_000_000).source == "extrapolated"
    again = watch(head, 3.0, motion=motion)  # nothing but samples of the past: all late
    assert again.at(START + 3_020_000_000).source == "gyroscope"


def test_a_gap_of_the_gyroscope_ends_with_the_next_picture():
    head = Head()
    motion = HeadMotion(2 * UNIT_MM)
    for number in range(400):
        device_ns = START + number * SAMPLE
        if not 100 < number < 120:
            motion.take_gyro(device_ns, head.gyro(device_ns))
        if number % 4 == 0 and number != 120:
            motion.take_pose(head.pose(device_ns))
        if number == 121:
            assert motion.at(device_ns).source == "extrapolated"
        if number == 125:
            assert motion.at(device_ns).source == "gyroscope"
            assert error_deg(head, motion.at(device_ns), device_ns) < 0.1


@pytest.mark.parametrize("step_s", [-3600, 3600])
def test_a_clock_that_was_set_does_not_mix_old_and_new(step_s):
    head = Head()
    motion = watch(head, 2.0)
    shift = step_s * 1_000_000_000
    for number in range(90):
        device_ns = START + 2_100_000_000 + number * SAMPLE
        motion.take_gyro(device_ns + shift, head.gyro(device_ns))
        if number % 4 == 0:
            pose = head.pose(device_ns)
            stepped = ScreenPose(
                device_ns + shift, pose.rotation, pose.translation, pose.half_size, 8, 0.9, 0.2
            )
            assert motion.take_pose(stepped)
            motion.compare()
    now = START + 2_100_000_000 + 90 * SAMPLE
    placed = motion.at(now + shift)
    assert placed.source == "gyroscope"
    assert error_deg(head, placed, now) < 0.1


def test_a_late_picture_changes_nothing():
    head = Head()
    motion = watch(head, 2.0)
    moment = START + 2_030_000_000
    before = motion.at(moment)
    assert not motion.take_pose(head.pose(START + 1_990_000_000))
    assert np.array_equal(motion.at(moment).pose.rotation, before.pose.rotation)


def test_new_tags_begin_without_a_pose():
    motion = watch(Head(), 1.0)
    motion.clear()
    assert motion.at(START + 1_000_000_000) is None
    assert motion.history.newest is None


# -- the gyroscope's alignment ----------------------------------------------------------------


def test_alignment_bias_and_lag_are_found_while_the_head_moves():
    head = Head(tilt_deg=(2.0, -2.5, 2.0), bias=(0.8, -0.5, 0.6), lag_ns=8_000_000)
    fit = watch(head, 6.0).fit
    tilt = to_matrix(from_vector(*np.radians(head.tilt_deg)))
    wrong = vector_of_matrix(fit.alignment.camera_from_imu @ tilt @ documented().camera_from_imu.T)
    assert fit.state == "fitted"
    assert math.degrees(np.linalg.norm(wrong)) < 0.3
    assert np.degrees(fit.alignment.bias_rad_s) == pytest.approx(head.bias, abs=0.05)
    assert fit.alignment.lag_ns == pytest.approx(8_000_000, abs=1_500_000)
    assert fit.degrees_from_assumed == pytest.approx(np.linalg.norm(head.tilt_deg), abs=0.3)
    assert fit.residual_deg < 0.05


def test_a_head_at_rest_shows_the_bias_and_nothing_else():
    head = Head(swing_deg=0, tilt_deg=(3.0, 0.0, 0.0), bias=(1.5, -1.0, 0.5))
    fit = watch(head, 4.0).fit
    assert fit.state == "assumed"
    assert fit.degrees_from_assumed == 0
    assert fit.alignment.lag_ns == 0
    assert np.degrees(fit.alignment.bias_rad_s) == pytest.approx(head.bias, abs=1e-3)


def test_axes_that_are_quite_wrong_are_noticed_and_put_right():
    head = Head(swing_deg=15, tilt_deg=(0.0, 90.0, 0.0))
    early = watch(head, 1.2)
    assert early.fit.state == "disagrees"
    assert early.at(START + 1_230_000_000).source == "extrapolated"
    late = watch(head, 5.0)
    assert late.fit.state == "fitted"
    assert late.fit.degrees_from_assumed == pytest.approx(90, abs=1)
    assert late.at(START + 5_030_000_000).source == "gyroscope"


def test_a_gyroscope_that_measures_something_else_is_not_used():
    other = Head(swing_deg=15, hz=0.43)
    motion = HeadMotion(2 * UNIT_MM)
    for number in range(600):
        device_ns = START + number * SAMPLE
        motion.take_gyro(device_ns, other.gyro(device_ns))
        if number % 4 == 0:
            motion.take_pose(Head(swing_deg=15, hz=0.6).pose(device_ns))
            motion.compare()
    assert motion.fit.state == "disagrees"
    assert motion.at(START + 600 * SAMPLE).source == "extrapolated"


def test_wrong_poses_now_and_then_do_not_spoil_the_alignment():
    head = Head()
    motion = HeadMotion(2 * UNIT_MM)
    for number in range(600):
        device_ns = START + number * SAMPLE
        motion.take_gyro(device_ns, head.gyro(device_ns))
        if number % 4 == 0:
            wrong = number % 80 == 0
            pose = head.pose(device_ns + (200_000_000 if wrong else 0))
            motion.take_pose(
                ScreenPose(device_ns, pose.rotation, pose.translation, (16 / 9, 1.0), 8, 0.9, 0.2)
            )
            motion.compare()
    assert motion.fit.state == "fitted"
    assert motion.fit.degrees_from_assumed < 1.0


@pytest.mark.parametrize("lever_mm", [(0.0, -60.0, 60.0), (20.0, -110.0, 160.0)])
def test_the_neck_is_learnt_from_motion(lever_mm):
    head = Head(lever=tuple(np.array(lever_mm) / UNIT_MM))
    now = START + 8_000_000_000
    learnt = watch(head, 8.0, lost_s=0.15)
    fresh = watch(head, 0.5, lost_s=0.15)
    assert error_deg(head, learnt.at(now), now) < 0.15
    early = START + 500_000_000
    assert error_deg(head, learnt.at(now), now) < error_deg(head, fresh.at(early), early) + 0.1


def undated(head: Head, late_ns: int) -> HeadMotion:
    """Two seconds of pictures dated by their arrival, beside a gyroscope with true times."""
    motion = HeadMotion(2 * UNIT_MM)
    for number in range(60):
        shown_ns = START + number * FRAME
        for sample_ns in range(shown_ns, shown_ns + FRAME, SAMPLE):
            motion.take_gyro(sample_ns, head.gyro(sample_ns))
        pose = replace(head.pose(shown_ns), device_ns=shown_ns + late_ns)
        assert motion.take_pose(pose, undated=True)
        motion.compare()
    return motion


def test_pictures_dated_by_their_arrival_say_how_far_off_they_may_be():
    head, late_ns = Head(), 60_000_000
    motion = undated(head, late_ns)
    dated = watch(head, 59 * FRAME / 1e9, gyro=False)
    for ahead_ns in (-500_000_000, -10_000_000, 0, 20_000_000):
        device_ns = START + 59 * FRAME + ahead_ns
        placed, usual = motion.at(device_ns), dated.at(device_ns)
        assert placed.source != "gyroscope"
        assert placed.expected_error_deg > 2 * usual.expected_error_deg or ahead_ns > 0
        assert error_deg(head, placed, device_ns) < 2.5 * placed.expected_error_deg


def test_pictures_dated_by_their_arrival_teach_the_gyroscope_nothing():
    motion = undated(Head(), 25_000_000)
    assert math.isnan(motion.fit.residual_deg)
    assert motion.fit.alignment.lag_ns == 0


def test_the_first_true_time_makes_an_end_of_poses_dated_by_their_arrival():
    head = Head()
    motion = undated(head, 60_000_000)
    true_ns = START + 60 * FRAME
    assert true_ns < motion.history.newest.device_ns
    assert motion.take_pose(head.pose(true_ns))
    assert len(motion.history.poses) == 1
    assert error_deg(head, motion.at(true_ns), true_ns) < 1e-6
    assert motion.at(true_ns).expected_error_deg < 0.05
