from __future__ import annotations

import pytest

from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.segments import MAX_SEGMENTS, ClockSegments

S = 1_000_000_000


Relation = tuple[ClockMap, tuple[int, int]]


def relation(segment: int, since_s: int, until_s: int, offset_s: int) -> Relation:
    corners = ((-1_000.0, 0.0), (1_000.0, 0.0))
    made = ClockMap(until_s * S, offset_s * S, 0.0, corners, 1e-4, 0.0, since_s * S, segment)
    return made, (since_s * S, until_s * S)


def test_nothing_is_dated_before_the_first_relation() -> None:
    segments = ClockSegments()
    assert segments.date(5) is None and segments.newest is None


def test_each_instant_is_dated_by_the_relation_of_its_time() -> None:
    segments = ClockSegments()
    for known in (relation(0, 0, 5, 100), relation(0, 0, 10, 100), relation(1, 12, 20, 200)):
        segments.add(*known)
    assert segments.newest is not None and segments.newest.segment == 1
    for host_s, offset_s in [(-1, 100), (3, 100), (10, 100), (12, 200), (30, 200)]:
        dated = segments.date(host_s * S)
        assert dated is not None
        device_ns, bound_ns = dated
        assert device_ns == (host_s + offset_s) * S
        assert bound_ns < S // 100


def test_in_the_gap_of_a_step_the_bound_covers_both_relations() -> None:
    segments = ClockSegments()
    segments.add(*relation(0, 0, 10, 100))
    segments.add(*relation(1, 12, 20, 98))
    dated = segments.date(11 * S)
    assert dated is not None
    device_ns, bound_ns = dated
    for offset_s in (100, 98):
        assert abs((11 + offset_s) * S - device_ns) <= bound_ns


def test_in_the_gap_of_a_step_the_relation_of_the_nearer_reading_is_the_likelier() -> None:
    segments = ClockSegments()
    for known in (relation(0, 0, 10, 100), relation(1, 20, 30, 98), relation(2, 40, 50, 96)):
        segments.add(*known)
    for host_s, offset_s in [(14, 100), (16, 98), (34, 98), (36, 96)]:
        dated = segments.date(host_s * S)
        assert dated is not None and dated[0] == (host_s + offset_s) * S
        assert 2 * S < dated[1] < 3 * S


def test_an_instant_is_covered_once_a_question_after_it_was_answered() -> None:
    segments = ClockSegments()
    assert not segments.covers(0)
    segments.add(*relation(0, 0, 10, 100))
    assert segments.covers(10 * S) and not segments.covers(10 * S + 1)


def test_segments_are_bounded() -> None:
    segments = ClockSegments()
    for number in range(1_000):
        segments.add(*relation(number, number, number + 1, number))
    newest = segments.newest
    assert newest is not None and newest.segment == 999
    dated = segments.date(0)
    assert dated is not None and dated[0] == (1_000 - MAX_SEGMENTS) * S


def test_readings_after_a_step_do_not_push_out_what_held_before_it() -> None:
    segments = ClockSegments()
    segments.add(*relation(0, 0, 10, 100))
    for second in range(13, 13 + 2 * MAX_SEGMENTS):
        segments.add(*relation(1, 12, second, 200))
    before, after = segments.date(5 * S), segments.date(12 * S)
    assert before is not None and before[0] == 105 * S
    assert after is not None and after[0] == 212 * S


def test_each_time_of_the_phone_is_read_by_the_relation_of_its_time() -> None:
    segments = ClockSegments()
    assert segments.host(5) is None
    for known in (relation(0, 0, 10, 100), relation(1, 12, 20, 200)):
        segments.add(*known)
    for host_s, offset_s in [(-1, 100), (3, 100), (9, 100), (13, 200), (30, 200)]:
        read = segments.host((host_s + offset_s) * S)
        assert read is not None and read[0] == host_s * S
        assert read[1] < S // 100


@pytest.mark.parametrize("offset_s", [97, 99, 101, 103])
def test_whenever_the_clock_was_set_a_time_is_within_its_bound(offset_s: int) -> None:
    """Set back, it shows some times twice; while it is being set nobody knows what it shows."""
    segments = ClockSegments()
    segments.add(*relation(0, 0, 10, 100))
    segments.add(*relation(1, 12, 30, offset_s))
    bounds = {}
    for stepped_s in (10, 11, 12):
        for half_s in range(0, 60):
            host_ns = half_s * S // 2
            shown_s = offset_s if host_ns > stepped_s * S else 100
            read = segments.host(host_ns + shown_s * S)
            assert read is not None and abs(read[0] - host_ns) <= read[1]
            bounds[half_s] = read[1]
    assert bounds[0] < S // 100 and bounds[50] < S // 100  # far from the step there is no doubt


def test_a_clock_that_was_set_back_far_leaves_no_doubt() -> None:
    """The times that it now shows again are from long before the first reading."""
    segments = ClockSegments()
    segments.add(*relation(0, 0, 10, 100_000))
    segments.add(*relation(1, 12, 30, 1_000))
    read = segments.host(1_013 * S)
    assert read is not None and read[0] == 13 * S and read[1] < S // 100
