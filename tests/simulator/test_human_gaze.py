"""The human gaze model: its movements are as large, fast and frequent as people's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator import Participant, SimulatorOptions
from psychopy_neon.simulator.human import fixational, main_sequence
from psychopy_neon.simulator.human.angles import ScreenAngles
from psychopy_neon.simulator.human.fixational import FixationalMovement
from psychopy_neon.simulator.human.gaze import HumanGaze

STEP_NS, HZ = 5_000_000, 200
ANGLES = ScreenAngles(531 / 1200, 531 * 9 / 16 / 1200)  # the default monitor, 60 cm away
LEFT, RIGHT = (-0.6, 0.1), (0.6, -0.3)
START_NS = 1_700_000_000_000_000_000


def watched(gaze, samples, first=0):
    """Places, and whether the eye moved on its way there."""
    seen = []
    for number in range(first, first + samples):
        place = gaze.position(START_NS + number * STEP_NS)
        seen.append((*place, gaze.is_moving))
    return np.array(seen)[:, :2], np.array([moving for *_, moving in seen])


def speeds_deg_s(places):
    pairs = itertools.pairwise(places)
    return np.array([0.0, *(ANGLES.between_deg(tuple(a), tuple(b)) * HZ for a, b in pairs)])


def runs(flags):
    """First and last number of every run of truths that is whole."""
    edges = np.flatnonzero(np.diff(flags.astype(int)))
    first = 0 if not flags[0] else 1
    starts, ends = edges[first::2] + 1, edges[first + 1 :: 2]
    return list(zip(starts[: len(ends)], ends, strict=True))


@pytest.fixture(scope="module")
def free():
    """Two minutes of looking around."""
    return watched(HumanGaze(Participant(), ANGLES, seed=3), 24_000)


def test_angles_are_those_of_an_eye_before_the_monitor():
    assert ANGLES.between_deg((0, 0), (1, 0)) == pytest.approx(np.degrees(np.arctan(265.5 / 600)))
    corner = np.degrees(2 * np.arctan(np.hypot(265.5, 265.5 * 9 / 16) / 600))
    assert ANGLES.between_deg((-1, -1), (1, 1)) == pytest.approx(corner)
    for start in [(0.0, 0.0), (0.8, -0.5)]:
        assert ANGLES.between_deg(start, ANGLES.moved(start, 0.3, 0)) == pytest.approx(0.3, rel=0.1)


def test_duration_and_peak_velocity_are_on_the_main_sequence():
    sizes = np.array([0.5, 1, 2, 5, 10, 20, 30])
    durations = np.array([main_sequence.duration_ns(size) for size in sizes]) * 1e-6
    assert np.polyfit(sizes, durations, 1) == pytest.approx([2.2, 21], rel=1e-6)
    peaks = [main_sequence.peak_deg_s(size) for size in sizes]
    assert (np.diff(peaks) > 0).all() and (np.diff(peaks / sizes) < 0).all()  # it saturates
    assert dict(zip(sizes, peaks, strict=True))[10] == pytest.approx(384, abs=1)
    covered = np.array([main_sequence.share_covered(part) for part in np.linspace(0, 1, 2001)])
    assert covered[0] == 0 and covered[-1] == 1 and (np.diff(covered) >= 0).all()
    assert np.diff(covered).max() * 2000 == pytest.approx(main_sequence.PEAK_TO_MEAN, rel=1e-3)


def test_the_samples_are_on_it_too(free):
    places, moving = free
    speeds = speeds_deg_s(places)
    found = []
    for first, last in runs(moving):
        size = ANGLES.between_deg(tuple(places[first - 1]), tuple(places[last]))
        found.append((size, (last - first + 1) * 5, speeds[first : last + 1].max()))
    sizes, durations, peaks = np.array(found).T
    slope, shortest = np.polyfit(sizes, durations, 1)
    # A movement begins and ends between samples: it seems up to two of them longer.
    assert slope == pytest.approx(2.2, abs=0.3) and 21 < shortest < 31
    large = sizes > 3
    expected = [main_sequence.peak_deg_s(size) for size in sizes[large]]
    assert np.median(peaks[large] / expected) == pytest.approx(1, abs=0.1)


def test_between_saccades_the_eye_is_slow(free):
    places, moving = free
    assert np.percentile(speeds_deg_s(places)[~moving], 99) < 5 < 30 < speeds_deg_s(places).max()


def test_fixations_and_saccades_are_as_long_as_people_have_them(free):
    places, moving = free
    fixations = [(last - first + 1) * 5 for first, last in runs(~moving)]
    assert 200 < np.median(fixations) < 300 and min(fixations) >= 80
    sizes = [
        ANGLES.between_deg(tuple(places[first - 1]), tuple(places[last]))
        for first, last in runs(moving)
    ]
    assert 3.5 < np.mean(sizes) < 6.5
    assert np.abs(places).max() < 1  # they look at the monitor
    assert places.std(0).min() > 0.2  # and at all of it


def test_drift_is_a_walk_and_tremor_a_hump_of_some_seconds_of_arc():
    movement = FixationalMovement(1)
    trace = np.array([movement.at(k) for k in range(fixational.LENGTH)]) * 3600  # arcsec
    spectrum = np.abs(np.fft.rfft(trace, axis=0)) ** 2
    frequencies = np.fft.rfftfreq(fixational.LENGTH, 1 / HZ)

    def mean_power(low, high):
        return spectrum[(frequencies >= low) & (frequencies < high)].mean()

    # Amplitude falls with 1/f, so power with its square.
    steepness = np.log(mean_power(20, 25) / mean_power(2, 2.5)) / np.log(10)
    assert steepness == pytest.approx(-2, abs=0.2)
    assert mean_power(80, 88) / mean_power(60, 68) > 0.9  # without tremor it were 0.58
    fast = 2 * spectrum[frequencies >= 50].sum(0) / fixational.LENGTH**2
    assert np.sqrt(fast) == pytest.approx([5.3, 5.3], abs=0.8)
    confined = trace.std(0) / 60
    assert (confined > 2).all() and (confined < 10).all()  # minutes of arc


def test_the_same_seed_is_the_same_wearer():
    def seen(seed):
        return watched(HumanGaze(Participant(), ANGLES, seed), 600)[0]

    assert (seen(1) == seen(1)).all()
    assert np.abs(seen(1) - seen(2)).max() > 0.1


def test_targets_are_looked_at_after_a_reaction_time_and_missed_a_little():
    gaze = HumanGaze(Participant(reaction_s=0.22, on_event={"l": LEFT, "r": RIGHT}), ANGLES, 5)
    reactions, misses, landings, number = [], [], [], 0
    for trial in range(80):
        name, target = (("l", LEFT), ("r", RIGHT))[trial % 2]
        now_ns = START_NS + number * STEP_NS
        gaze.notice_event(name, now_ns, now_ns)
        places, moving = watched(gaze, 240, number)
        number += 240
        first, last = runs(moving)[0]
        reactions.append(first * 5)
        landings.append(ANGLES.between_deg(tuple(places[last]), target))
        misses.append(ANGLES.between_deg(tuple(places[-40:].mean(0)), target))
    assert np.median(reactions) == pytest.approx(220, abs=25)
    assert min(reactions) > 80 and 20 < np.std(reactions[2:]) < 120
    assert np.median(landings) > 0.5  # the first saccade falls short
    assert np.median(misses) < 0.3 and max(misses) < 1  # and is put right


def test_without_an_event_they_stay_where_they_are():
    gaze = HumanGaze(Participant(start=RIGHT, on_event={"l": LEFT}), ANGLES, 5)
    places, moving = watched(gaze, 2_000)
    assert not moving.any()
    assert max(ANGLES.between_deg(tuple(place), RIGHT) for place in places) < 0.5


def test_a_path_is_followed_at_its_own_times():
    path = ((0.8, *LEFT), (1.2, *RIGHT))
    places, moving = watched(HumanGaze(Participant(path=path), ANGLES, 2), 4 * 400)
    for lap in range(4):
        for leg, target in ((0.75, LEFT), (1.95, RIGHT)):
            place = tuple(places[round((lap * 2 + leg) * HZ)])
            assert ANGLES.between_deg(place, target) < 0.7
    starts = [first for first, _ in runs(moving)]
    assert {161, 401, 561} <= set(starts)


def test_looking_there_ends_the_looking_around():
    gaze = HumanGaze(Participant(), ANGLES, 4)
    watched(gaze, 300)
    gaze.look_at(*LEFT, START_NS + 300 * STEP_NS)
    places, _ = watched(gaze, 1_000, 300)
    late = [ANGLES.between_deg(tuple(place), LEFT) for place in places[200:]]
    assert max(late) < 1


@pytest.mark.parametrize("step_s", [3_600, -3_600])
def test_eyes_do_not_jump_when_the_clock_is_set(step_s):
    gaze = HumanGaze(Participant(), ANGLES, 4)
    before, _ = watched(gaze, 500)
    after, _ = watched(gaze, 500, 500 + step_s * HZ)
    whole, _ = watched(HumanGaze(Participant(), ANGLES, 4), 1_000)
    assert np.allclose(np.concatenate([before, after]), whole)


def test_the_model_brings_blinks_and_noise_unless_told_otherwise():
    assert SimulatorOptions().blinks_a_minute == 0
    assert SimulatorOptions(gaze_model="human").blinks_a_minute == 17
    assert SimulatorOptions(gaze_model="human", blinks_per_minute=0).blinks_a_minute == 0
    for wrong in ({"gaze_model": "robot"}, {"gaze_model": "human", "replay": "x"}):
        with pytest.raises(UsageError, match="gaze"):
            SimulatorOptions(**wrong)
