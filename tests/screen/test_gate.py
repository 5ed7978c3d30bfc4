"""When a gate opens, sample by sample."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.gate import FixationGate

STEP_NS = 5_000_000
NAN = math.nan


def opened_after(offsets: list[float], radius_deg: float = 2.0, hold_s: float = 0.1) -> int | None:
    """Index of the sample that opens it; one comes every 5 ms."""
    gate = FixationGate(radius_deg, hold_s)
    taken = (gate.take(index * STEP_NS, offset, 0.0) for index, offset in enumerate(offsets))
    return next((index for index, is_open in enumerate(taken) if is_open), None)


def test_it_opens_when_gaze_has_stayed_for_long_enough() -> None:
    assert opened_after([9.0] * 10 + [1.0] * 60) == 10 + 20
    assert opened_after([2.0] * 60) == 20  # the circle itself belongs to it


def test_leaving_begins_the_time_anew() -> None:
    assert opened_after([1.0] * 19 + [2.1] + [1.0] * 60) == 20 + 20


def test_a_blink_is_no_leaving_but_a_long_gap_is() -> None:
    assert opened_after([1.0] * 10 + [NAN] * 12 + [1.0]) == 22
    assert opened_after([1.0] * 10 + [NAN] * 25 + [1.0] * 60) == 35 + 20


stretches = st.tuples(st.sampled_from([0.0, 5.0, NAN]), st.integers(1, 30))


@given(st.lists(stretches, max_size=8))
def test_it_never_opens_without_enough_gaze_inside(parts: list[tuple[float, int]]) -> None:
    offsets = [offset for offset, samples in parts for _ in range(samples)]
    opened = opened_after(offsets)
    if opened is not None:
        assert all(offset != 5.0 for offset in offsets[opened - 20 : opened + 1])
        assert opened >= 20
    else:
        assert (0.0, 21) not in [(offset, min(samples, 21)) for offset, samples in parts]


def test_the_drift_is_the_mean_offset_of_the_stay() -> None:
    gate = FixationGate(2.0, 0.1)
    assert math.isnan(gate.offset_deg[0])
    gate.take(0, 9.0, 0.0)
    for index in range(1, 31):
        gate.take(index * STEP_NS, 1.0, -0.5)
    assert gate.is_open and gate.offset_deg == pytest.approx((1.0, -0.5))


@pytest.mark.parametrize(("radius", "hold"), [(0.0, 1.0), (1.0, 0.0), (NAN, 1.0), (1.0, math.inf)])
def test_a_gate_without_size_or_time_is_refused(radius: float, hold: float) -> None:
    with pytest.raises(UsageError, match="more than 0"):
        FixationGate(radius, hold)
