from __future__ import annotations

from psychopy_neon.transport.backoff import LONGEST_S, Backoff


def delays(backoff, count):
    return [backoff.next_delay_s() for _ in range(count)]


def test_the_first_retry_is_immediate_and_the_later_ones_ever_rarer():
    found = delays(Backoff(), 10)
    assert found[0] == 0.0
    assert found == sorted(found)
    assert found[-1] == max(found) == LONGEST_S


def test_a_reset_starts_again():
    backoff = Backoff()
    first = delays(backoff, 4)
    backoff.reset()
    assert delays(backoff, 4) == first


def test_what_worked_for_long_is_tried_again_at_once():
    backoff = Backoff()
    delays(backoff, 7)
    backoff.worked_for(LONGEST_S)
    assert backoff.next_delay_s() == 0.0


def test_what_worked_only_for_a_moment_is_not_dialled_in_a_tight_loop():
    backoff = Backoff()
    total_s = 0.0
    for _ in range(10):
        total_s += backoff.next_delay_s()
        backoff.worked_for(0.01)
    assert total_s > 25
