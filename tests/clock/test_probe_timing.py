"""Probes are sent so that the phone reads its clock where it tells the most."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.clock import ClockMap, OffsetEstimator
from psychopy_neon.clock.probe_timing import chosen_phase_ns, pause_s, send_instant

MS = 1_000_000
ONE_WAY = 100_000


@given(
    earliest=st.integers(0, 10**15),
    offset=st.integers(-(10**18), 2 * 10**18),
    rate=st.floats(-150e-6, 150e-6),
    phase=st.integers(-400_000, 400_000),
)
def test_reading_falls_on_the_wanted_phase(
    earliest: int, offset: int, rate: float, phase: int
) -> None:
    clock_map = ClockMap(0, offset, rate, ((0.0, rate),), 150e-6, 0.0, 0)
    sent = send_instant(clock_map, earliest, ONE_WAY, phase)
    missed = (clock_map.device_from_host(sent + ONE_WAY) - phase) % MS
    assert earliest <= sent < earliest + MS
    assert min(missed, MS - missed) < 200


def test_every_second_probe_is_aimed_at_the_tick_and_the_others_guard_both_sides() -> None:
    phases = [chosen_phase_ns(number, 110_000, ONE_WAY) for number in range(4)]
    assert phases[0] == phases[2] == 0
    assert phases[1] == -phases[3] > 110_000 + ONE_WAY


def test_slow_link_gets_probes_all_over_the_millisecond() -> None:
    phases = sorted(chosen_phase_ns(number, 3 * MS, MS) for number in range(50))
    phases.append(phases[0] + MS)
    gaps = [later - earlier for earlier, later in pairwise(phases)]
    assert max(gaps) < 50_000


def test_first_probe_is_sent_at_once() -> None:
    assert OffsetEstimator().aim(12_345) == 12_345


def known_to(half_width_ns: float, rate_error: float = 0.0) -> ClockMap:
    corners = ((-half_width_ns, -rate_error), (half_width_ns, rate_error))
    return ClockMap(0, 0, 0.0, corners, 150e-6, 0.0, 0)


def test_the_wider_the_bound_the_sooner_the_next_probe() -> None:
    pauses = [pause_s(known_to(bound_ns), 0) for bound_ns in (0, 5e4, 2e5, 1e6, 5e6, 1e12)]
    assert pauses == sorted(pauses, reverse=True)
    assert (pauses[0], pauses[-1]) == (1.0, 0.05)
    assert 0.49 < pauses[2] < 0.51
    assert pause_s(known_to(0.0, 200e-6), 0) == pytest.approx(0.5, rel=1e-4)


def test_while_the_rate_is_hardly_known_probes_come_sooner() -> None:
    assert pause_s(known_to(100_000, 100e-6), 0) < 0.6 * pause_s(known_to(100_000), 0)


def test_after_an_outage_probes_come_sooner() -> None:
    clock_map = known_to(100_000, 10e-6)
    assert pause_s(clock_map, 60_000_000_000) < 0.5 * pause_s(clock_map, 0)


def test_between_guarding_and_guessing_only_every_second_probe_is_aimed() -> None:
    phases = [chosen_phase_ns(number, 400_000, ONE_WAY) for number in range(8)]
    assert phases[::2] == [0, 0, 0, 0]
    assert len({*phases[1::2]}) == 4
