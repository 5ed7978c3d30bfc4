from __future__ import annotations

from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.segments import ClockSegments

S = 1_000_000_000


def relation(segment: int, since_s: int, until_s: int, offset_s: int) -> ClockMap:
    corners = ((-1_000.0, 0.0), (1_000.0, 0.0))
    return ClockMap(until_s * S, offset_s * S, 0.0, corners, 1e-4, 0.0, since_s * S, segment)


def test_nothing_is_dated_before_the_first_relation() -> None:
    segments = ClockSegments()
    assert segments.date(5) is None and segments.newest is None


def test_each_instant_is_dated_by_the_relation_of_its_time() -> None:
    segments = ClockSegments()
    for clock_map in (relation(0, 0, 5, 100), relation(0, 0, 10, 100), relation(1, 12, 20, 200)):
        segments.add(clock_map)
    assert segments.newest is not None and segments.newest.segment == 1
    for host_s, offset_s in [(-1, 100), (3, 100), (10, 100), (12, 200), (30, 200)]:
        dated = segments.date(host_s * S)
        assert dated is not None
        device_ns, bound_ns = dated
        assert device_ns == (host_s + offset_s) * S
        assert bound_ns < S // 100


def test_in_the_gap_of_a_step_the_bound_covers_both_relations() -> None:
    segments = ClockSegments()
    segments.add(relation(0, 0, 10, 100))
    segments.add(relation(1, 12, 20, 98))
    dated = segments.date(11 * S)
    assert dated is not None
    device_ns, bound_ns = dated
    for offset_s in (100, 98):
        assert abs((11 + offset_s) * S - device_ns) <= bound_ns


def test_segments_are_bounded() -> None:
    segments = ClockSegments()
    for number in range(1_000):
        segments.add(relation(number, number, number + 1, number))
    newest = segments.newest
    assert newest is not None and newest.segment == 999
    assert segments.date(0) is not None
