"""Smoothing does what it says, with the delay that it says."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.gaze_smoothing import SMOOTHING, make_smoother

STEP_NS = 5_000_000
START_NS = 1_700_000_000_000_000_000
SPAN_S = 0.1
FILTERS = [name for name in SMOOTHING if name != "none"]


def feed(smoother: Any, places: list[tuple[float, float]], start_ns: int = START_NS) -> list[Any]:
    return [
        smoother.take(start_ns + number * STEP_NS, *place) for number, place in enumerate(places)
    ]


def ramp(units_per_s: float, samples: int = 400) -> list[tuple[float, float]]:
    return [(units_per_s * number * STEP_NS * 1e-9, 0.0) for number in range(samples)]


def test_without_smoothing_gaze_stays_as_it_is() -> None:
    places = ramp(3.0)
    out = feed(make_smoother("none", 0.1), places)
    assert [(point.x, point.y) for point in out] == places
    assert {point.delay_s for point in out} == {0.0}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("speed", [0.02, 0.2])
def test_an_even_movement_is_followed_with_the_stated_delay(name: str, speed: float) -> None:
    places = ramp(speed)
    last = feed(make_smoother(name, SPAN_S), places)[-1]
    assert last.x == pytest.approx(places[-1][0] - speed * last.delay_s, abs=1e-6)
    assert 0 < last.delay_s <= SPAN_S / 2 + 1e-9


@pytest.mark.parametrize("name", FILTERS)
def test_at_rest_the_delay_is_half_of_what_is_averaged(name: str) -> None:
    last = feed(make_smoother(name, SPAN_S), [(0.1, 0.2)] * 400)[-1]
    assert last.delay_s == pytest.approx(SPAN_S / 2, rel=0.01)
    assert (last.x, last.y) == pytest.approx((0.1, 0.2))


@pytest.mark.parametrize("name", FILTERS)
def test_noise_at_rest_is_reduced(name: str) -> None:
    chance = random.Random(1)
    places = [(chance.gauss(0, 0.004), chance.gauss(0, 0.004)) for _ in range(1000)]
    out = feed(make_smoother(name, SPAN_S), places)[100:]
    spread = math.sqrt(sum(point.x**2 for point in out) / len(out))
    assert spread < 0.5 * 0.004


def test_one_euro_follows_a_fast_eye_more_closely() -> None:
    delays = [feed(make_smoother("one euro", SPAN_S), ramp(v))[-1].delay_s for v in (0, 0.3, 1.5)]
    assert delays[0] > 2 * delays[1] > 4 * delays[2]


def test_within_fixations_a_saccade_is_followed_at_once() -> None:
    out = feed(make_smoother("within fixations", SPAN_S), [(0.0, 0.0)] * 40 + [(0.3, 0.1)] * 3)
    assert all((point.x, point.y) == pytest.approx((0.3, 0.1)) for point in out[40:])
    assert out[40].delay_s == 0
    assert out[39].delay_s == pytest.approx(SPAN_S / 2, rel=0.01)


def test_the_moving_average_glides_to_the_end_of_a_saccade_in_its_span() -> None:
    out = feed(make_smoother("moving average", SPAN_S), [(0.0, 0.0)] * 40 + [(0.3, 0.0)] * 25)
    halfway, settled = out[40 + 10], out[40 + 21]
    assert 0.1 < halfway.x < 0.2
    assert settled.x == pytest.approx(0.3)


@pytest.mark.parametrize("name", FILTERS)
def test_after_a_blink_it_begins_anew(name: str) -> None:
    smoother = make_smoother(name, SPAN_S)
    feed(smoother, [(0.0, 0.0)] * 40)
    [point] = feed(smoother, [(0.03, 0.0)], START_NS + 40 * STEP_NS + 150_000_000)
    assert (point.x, point.delay_s) == (0.03, 0.0)


@pytest.mark.parametrize("name", FILTERS)
def test_a_sample_that_is_seen_twice_counts_once(name: str) -> None:
    twice, once = make_smoother(name, SPAN_S), make_smoother(name, SPAN_S)
    for number, (x, y) in enumerate(ramp(0.5, 50)):
        expected = once.take(START_NS + number * STEP_NS, x, y)
        for _ in range(2):
            assert twice.take(START_NS + number * STEP_NS, x, y) == expected


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("span_s", [0, -1, math.nan, 1.5])
def test_a_span_that_makes_no_sense_is_refused(name: str, span_s: float) -> None:
    with pytest.raises(UsageError, match="smoothed over"):
        make_smoother(name, span_s)


def test_a_filter_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(UsageError, match="moving average, within fixations, one euro"):
        make_smoother("median", 0.1)
