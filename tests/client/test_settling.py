from __future__ import annotations

import math

import pytest

from psychopy_neon.client.settling import MOST_WAITING, Settling
from psychopy_neon.samples import GazeSample, ScreenGaze, SettledGaze

START = 1_700_000_000_000_000_000
STEP = 5_000_000
LONGEST = 500_000_000


def gaze(number: int) -> GazeSample:
    return GazeSample(START + number * STEP, 0, 800.0, 600.0, True)


def mapped(sample: GazeSample) -> SettledGaze:
    screen = ScreenGaze(0, 0, True, None, 0.0, 0.0, 8, sample.device_ns, math.nan)
    return SettledGaze(sample.device_ns, sample, screen)


@pytest.fixture
def settling() -> Settling:
    return Settling(mapped, LONGEST)


def settled(settling: Settling) -> list[int]:
    samples, _ = settling.settled.since(0)
    assert all(each.screen.device_ns == each.gaze.device_ns == each.device_ns for each in samples)
    return [(each.device_ns - START) // STEP for each in samples]


def test_a_sample_waits_for_a_picture_later_than_itself(settling):
    settling.take([gaze(number) for number in range(10)], None)
    assert settled(settling) == []
    settling.take([], START + 4 * STEP)
    assert settled(settling) == [0, 1, 2, 3]
    settling.take([gaze(10)], START + 11 * STEP)
    assert settled(settling) == list(range(11))


def test_without_pictures_it_waits_no_longer_than_asked(settling):
    settling.take([gaze(number) for number in range(121)], START - 1)
    assert settled(settling) == list(range(20))


def test_a_clock_that_was_set_back_holds_nothing_up(settling):
    settling.take([gaze(number) for number in range(5)], START - 1)
    settling.take([gaze(-100_000)], START - 1)
    assert settled(settling) == [0, 1, 2, 3, 4, -100_000]


def test_not_more_wait_than_can_be_kept():
    settling = Settling(mapped, 10**18)
    settling.take([gaze(number) for number in range(MOST_WAITING + 7)], None)
    assert settled(settling) == list(range(7))


def test_the_rest_is_settled_at_the_end(settling):
    settling.take([gaze(number) for number in range(5)], None)
    settling.finish()
    assert settled(settling) == list(range(5))
    assert settling.settled.is_closed
