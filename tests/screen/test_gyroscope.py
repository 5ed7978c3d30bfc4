from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychopy_neon.screen.gyroscope import KEPT, GyroTrack
from psychopy_neon.screen.rotations import (
    NO_TURN,
    angle_rad,
    from_vector,
    inverse,
    product,
    to_matrix,
    to_vector,
    vector_of_matrix,
)

START = 1_700_000_000_000_000_000
MS = 1_000_000
STEP = 9 * MS

rates = st.floats(-300, 300)
vectors = st.tuples(*[st.floats(-1.7, 1.7)] * 3)


def track(samples: list[tuple[float, float, float]], step_ns: int = STEP) -> GyroTrack:
    made = GyroTrack()
    for number, rate in enumerate(samples):
        made.add(START + number * step_ns, rate)
    return made


def degrees(turn) -> list[float]:
    return [math.degrees(part) for part in to_vector(turn.rotation)]


@given(vectors)
def test_a_rotation_is_the_same_as_vector_quaternion_and_matrix(vector):
    turn = from_vector(*vector)
    assert to_vector(turn) == pytest.approx(vector, abs=1e-9)
    assert vector_of_matrix(to_matrix(turn)) == pytest.approx(vector, abs=1e-7)
    assert angle_rad(turn) == pytest.approx(math.hypot(*vector), abs=1e-9)


@given(vectors, vectors)
def test_turning_twice_is_the_product_of_matrices(first, second):
    one, two = from_vector(*first), from_vector(*second)
    assert np.allclose(to_matrix(product(one, two)), to_matrix(one) @ to_matrix(two))
    assert product(one, inverse(one)) == pytest.approx(NO_TURN)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_even_turn_is_rate_times_time(axis):
    rate = [0.0, 0.0, 0.0]
    rate[axis] = 40.0
    turn = track([tuple(rate)] * 40).turn(START + 13 * MS, START + 263 * MS)
    expected = [0.0, 0.0, 0.0]
    expected[axis] = 10.0
    assert degrees(turn) == pytest.approx(expected, abs=1e-9)
    assert turn.guessed_s == 0


def test_a_turn_that_speeds_up_evenly_is_integrated_exactly():
    speeding = track([(0.0, 2.0 * number, 0.0) for number in range(40)])
    # 2 deg/s more every 9 ms; from sample 4.5 to 13.5 that is 18 deg/s in the middle of 81 ms.
    turn = speeding.turn(START + STEP * 9 // 2, START + STEP * 27 // 2)
    assert degrees(turn)[1] == pytest.approx(18.0 * 0.081, abs=1e-9)
    half = speeding.turn(START + 4 * STEP, START + STEP * 9 // 2)
    assert degrees(half)[1] == pytest.approx(8.5 * 0.0045, abs=1e-9)


def test_turning_about_one_axis_after_the_other_keeps_the_order():
    first, second = [(90.0, 0.0, 0.0)] * 101, [(0.0, 90.0, 0.0)] * 101
    made = GyroTrack()
    for number, rate in enumerate(first + second):
        made.add(START + number * 10 * MS, rate)
    turn = made.turn(START, START + 2_010 * MS)
    expected = product(from_vector(math.pi / 2, 0, 0), from_vector(0, math.pi / 2, 0))
    apart = angle_rad(product(inverse(expected), turn.rotation))
    assert math.degrees(apart) < 1.5  # 10 ms in which both axes turn
    for since_ms in (1_500, 2_010):  # between two samples, and after the newest
        part = made.turn(START + since_ms * MS, START + (since_ms + 5) * MS)
        assert degrees(part) == pytest.approx([0.0, 0.45, 0.0], abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(rates, rates, rates), min_size=12, max_size=30),
    st.lists(st.integers(0, 11 * STEP), min_size=3, max_size=3),
)
def test_a_turn_is_the_sum_of_its_parts_and_undone_by_the_way_back(samples, moments):
    made = track(samples)
    a, b, c = (START + moment for moment in moments)
    there, on, whole = made.turn(a, b), made.turn(b, c), made.turn(a, c)
    assert angle_rad(product(inverse(product(there.rotation, on.rotation)), whole.rotation)) < 1e-6
    assert angle_rad(product(whole.rotation, made.turn(c, a).rotation)) < 1e-6


def test_the_last_rate_is_held_for_a_while_and_that_is_told():
    made = track([(0.0, 0.0, 40.0)] * 10)
    end = START + 9 * STEP
    turn = made.turn(end, end + 30 * MS)
    assert degrees(turn)[2] == pytest.approx(40 * 0.030)
    assert turn.guessed_s == pytest.approx(0.030)
    assert degrees(made.turn(end, end + 90 * MS))[2] == pytest.approx(40 * 0.050)
    assert made.turn(end, end + 101 * MS) is None


def test_nothing_is_known_before_the_first_sample():
    made = track([(0.0, 0.0, 40.0)] * 10)
    assert made.turn(START - 1, START + STEP) is None
    assert GyroTrack().turn(START, START) is None


def test_after_a_gap_nothing_is_known_of_the_time_before():
    made = track([(0.0, 0.0, 40.0)] * 10)
    resumed = START + 9 * STEP + 101 * MS
    for number in range(3):
        made.add(resumed + number * STEP, (0.0, 0.0, 10.0))
    assert made.turn(START + 9 * STEP, resumed + STEP) is None
    assert degrees(made.turn(resumed, resumed + 2 * STEP))[2] == pytest.approx(0.18)


def test_a_short_gap_is_bridged():
    made = track([(0.0, 0.0, 40.0)] * 10)
    made.add(START + 9 * STEP + 60 * MS, (0.0, 0.0, 20.0))
    turn = made.turn(START + 9 * STEP, START + 9 * STEP + 60 * MS)
    assert degrees(turn)[2] == pytest.approx(30 * 0.060)


@pytest.mark.parametrize("step_s", [-3600, -1, 1, 3600])
def test_a_clock_that_was_set_begins_anew(step_s):
    made = track([(0.0, 0.0, 40.0)] * 10)
    again = START + 10 * STEP + step_s * 1_000_000_000
    for number in range(3):
        made.add(again + number * STEP, (0.0, 0.0, 10.0))
    assert made.newest_ns == again + 2 * STEP
    assert made.turn(START, START + STEP) is None
    assert degrees(made.turn(again, again + 2 * STEP))[2] == pytest.approx(0.18)


@pytest.mark.parametrize("rate", [math.nan, math.inf, -2001.0])
def test_what_no_gyroscope_measures_is_ignored(rate):
    made = track([(0.0, 0.0, 40.0)] * 10)
    made.add(START + 10 * STEP, (0.0, rate, 0.0))
    assert made.newest_ns == START + 9 * STEP


def test_late_and_repeated_samples_are_ignored():
    made = track([(0.0, 0.0, 40.0)] * 10)
    for late_ns in (0, 5 * MS, 50 * MS):
        made.add(START + 9 * STEP - late_ns, (0.0, 0.0, -300.0))
    assert degrees(made.turn(START, START + 9 * STEP))[2] == pytest.approx(40 * 0.081)


def test_only_the_newest_samples_are_kept():
    made = track([(0.0, 30.0, 0.0)] * (4 * KEPT))
    end = START + (4 * KEPT - 1) * STEP
    assert made.turn(START, end) is None
    assert degrees(made.turn(end - 500 * STEP, end))[1] == pytest.approx(135.0)


def test_after_the_newest_sample_the_head_goes_on_to_speed_up_but_ever_less():
    steady, speeding = (
        track([(0.0, 78.0, 0.0)] * 40),
        track([(0.0, 2.0 * n, 0.0) for n in range(40)]),
    )
    last = START + 39 * STEP
    for ahead_s in (0.01, 0.04):
        end = last + round(ahead_s * 1e9)
        even = 78.0 * ahead_s
        more = 0.5 * (2.0 / 0.009) * ahead_s**2  # if it sped up as evenly as before
        assert degrees(steady.turn(last, end))[1] == pytest.approx(even, abs=1e-9)
        turn = speeding.turn(last, end)
        assert even + 0.6 * more < degrees(turn)[1] < even + more
        assert turn.guessed_s == pytest.approx(ahead_s)


def test_a_single_sample_is_taken_to_go_on():
    turn = track([(0.0, 50.0, 0.0)]).turn(START, START + 20 * MS)
    assert degrees(turn)[1] == pytest.approx(1.0, abs=1e-9)
