"""Conversions are integers, exact there and back, and have the documented sign."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.clock import ClockMap

SECOND = 1_000_000_000
UNIX_NS = 1_765_432_100_123_456_789
RATE = 150e-6


def clock_map(offset_ns: int, rate: float, reference_host_ns: int = 0) -> ClockMap:
    corners = ((-50.0, rate), (50.0, rate))
    return ClockMap(reference_host_ns, offset_ns, rate, corners, RATE, 5e-17, 0)


@given(
    reference=st.integers(0, 10**17),
    passed=st.integers(-(10**16), 10**16),
    offset=st.integers(-2 * 10**18, 2 * 10**18),
    rate=st.floats(-RATE, RATE),
)
def test_there_and_back_is_exact_to_1_ns(
    reference: int, passed: int, offset: int, rate: float
) -> None:
    converter = clock_map(offset, rate, reference)
    host_ns = reference + passed
    device_ns = converter.device_from_host(host_ns)
    assert abs(converter.host_from_device(device_ns) - host_ns) <= 1
    assert abs(converter.device_from_host(converter.host_from_device(device_ns)) - device_ns) <= 1


@given(host_ns=st.integers(0, 10**16), rate=st.floats(-RATE, RATE))
def test_order_of_instants_is_kept(host_ns: int, rate: float) -> None:
    converter = clock_map(UNIX_NS, rate)
    device_ns = converter.device_from_host(host_ns)
    assert converter.device_from_host(host_ns + 1) >= device_ns
    assert converter.host_from_device(device_ns + 1) >= converter.host_from_device(device_ns)


def test_single_nanoseconds_survive_at_unix_size() -> None:
    converter = clock_map(UNIX_NS, 0.0)
    assert [converter.device_from_host(h) - UNIX_NS for h in (0, 1, 2)] == [0, 1, 2]


def test_offset_is_device_minus_host_and_a_fast_phone_has_a_positive_rate() -> None:
    converter = clock_map(7 * SECOND, 100e-6, reference_host_ns=SECOND)
    assert converter.device_from_host(SECOND) == 8 * SECOND
    assert converter.device_from_host(11 * SECOND) == 18 * SECOND + 1_000_000
    assert converter.host_from_device(18 * SECOND + 1_000_000) == 11 * SECOND


def test_bound_is_the_half_width_at_the_reference() -> None:
    assert clock_map(0, 10e-6).bound_ns(0) == 51


def test_known_rate_costs_nothing_on_either_side() -> None:
    # All but the 25 ns of one second's wandering.
    assert [clock_map(0, 90e-6).bound_ns(s * SECOND) for s in (-1, 1)] == [76, 76]


def test_bound_opens_with_the_square_of_the_time_and_then_linearly() -> None:
    converter = clock_map(0, 0.0)
    # 0.05 ppm/s for 100 s is 250 us; the limit of 150 ppm is reached after 3000 s.
    assert converter.bound_ns(100 * SECOND) == 250_000 + 51
    assert converter.bound_ns(-100 * SECOND) == 250_000 + 51
    later = clock_map(0, 0.0, reference_host_ns=7 * SECOND)
    assert [later.bound_ns(s * SECOND) for s in (-93, 7, 107)] == [250_051, 51, 250_051]
    far = [converter.bound_ns(s * SECOND) for s in (4000, 5000, 6000)]
    assert far[1] - far[0] == far[2] - far[1] == 150_000_000


def test_unequal_sides_give_the_wider_one() -> None:
    lopsided = ClockMap(0, 0, 0.0, ((-10.0, 0.0), (10.0, 0.0), (5.0, 50e-6)), RATE, 0.0, 0)
    assert lopsided.bound_ns(0) == 11
    assert lopsided.bound_ns(SECOND) == 50_006
    other = ClockMap(0, 0, 0.0, ((-10.0, 0.0), (10.0, 0.0), (-5.0, -50e-6)), RATE, 0.0, 0)
    assert other.bound_ns(SECOND) == 50_006
    for corners in (((-10.0, 0.0), (100.0, 0.0)), ((-100.0, 0.0), (10.0, 0.0))):
        wandering = ClockMap(0, 0, 0.0, corners, RATE, 5e-17, 0)
        assert wandering.bound_ns(100 * SECOND) == 250_101
