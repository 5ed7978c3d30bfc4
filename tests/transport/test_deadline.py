from __future__ import annotations

import math
import socket
import threading

import pytest

from psychopy_neon import ClosedError, NeonTimeoutError
from psychopy_neon.transport.deadline import SLICE_S, Deadline


def test_the_time_left_shrinks_and_ends_in_one_clear_sentence():
    deadline = Deadline(0.05, "answer from the phone")
    first, second = deadline.left_s(), deadline.left_s()
    assert 0.05 >= first > second > 0
    while not deadline.has_passed:
        pass
    with pytest.raises(NeonTimeoutError, match=r"^no answer from the phone within 0\.05 s$"):
        deadline.left_s()


@pytest.mark.parametrize("timeout_s", [0.0, -1.0])
def test_no_time_at_all_has_passed_from_the_start(timeout_s):
    deadline = Deadline(timeout_s, "answer")
    assert deadline.has_passed
    with pytest.raises(NeonTimeoutError):
        deadline.slice_s()


def test_slices_are_short_and_never_longer_than_what_is_left():
    assert Deadline(60.0, "answer").slice_s() == SLICE_S
    assert Deadline(0.01, "answer").slice_s() <= 0.01


def test_waiting_can_be_ended_from_outside():
    stopping = threading.Event()
    deadline = Deadline(60.0, "answer", stopping)
    assert deadline.left_s() > 59
    stopping.set()
    with pytest.raises(ClosedError, match="no longer waiting for answer"):
        deadline.left_s()


def test_an_infinite_time_is_one_that_locks_and_sockets_take():
    left_s = Deadline(math.inf, "answer").left_s()
    assert 1e6 < left_s < threading.TIMEOUT_MAX
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(left_s)
    with pytest.raises(NeonTimeoutError):
        Deadline(math.nan, "answer").left_s()
