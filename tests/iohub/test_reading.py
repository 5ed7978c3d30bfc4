"""Replies that stay small, without losing or doubling an event."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgpack
import pytest

TWO_DATAGRAMS = 2 * 8172  # as ioHub sends them; its other end has room for two
SAMPLE, FIXATION, IMU = 52, 54, 203
TIME, FILTER = 7, 10


LONGEST_ROW = 65  # values


def _row(type_id: int, time_s: float, filter_id: int = 0) -> list[Any]:
    row: list[Any] = [0.1] * LONGEST_ROW
    row[4], row[TIME], row[FILTER] = type_id, time_s, filter_id
    return row


@pytest.fixture
def queues() -> dict[int, Any]:
    return {
        SAMPLE: deque((_row(SAMPLE, n / 200) for n in range(330)), maxlen=4096),
        FIXATION: deque([_row(FIXATION, 0.0012), _row(FIXATION, 0.9)], maxlen=4096),
        IMU: deque((_row(IMU, n / 110) for n in range(50)), maxlen=4096),
    }


@pytest.fixture
def read(sample_classes: Any) -> Any:
    from psychopy_neon.iohub.reading import read_events

    return read_events


def test_replies_together_hold_every_event_once_in_order(queues: Any, read: Any) -> None:
    from psychopy_neon.iohub.reading import FULL_REPLY

    replies = []
    while reply := read(queues, None, None, remove=True):
        replies.append(reply)
    assert sum(len(reply) for reply in replies) == 332
    assert min(len(reply) for reply in replies[:-1]) >= FULL_REPLY
    assert max(len(msgpack.packb(reply)) for reply in replies) < TWO_DATAGRAMS
    times = [row[TIME] for reply in replies for row in reply]
    assert times == sorted(times)
    assert sum(row[4] == FIXATION for reply in replies for row in reply) == 2


def test_our_own_classes_are_read_by_their_number_only(queues: Any, read: Any) -> None:
    assert {row[4] for row in read(queues, None, None, remove=False)} == {SAMPLE, FIXATION}
    assert {row[4] for row in read(queues, IMU, None, remove=True)} == {IMU}


def test_one_type_leaves_the_others_unread(queues: Any, read: Any) -> None:
    assert len(read(queues, FIXATION, None, remove=True)) == 2
    assert len(queues[SAMPLE]) == 330 and len(queues[IMU]) == 50


def test_looking_leaves_everything_unread(queues: Any, read: Any) -> None:
    assert read(queues, None, None, remove=False) == read(queues, None, None, remove=False)
    assert len(queues[SAMPLE]) == 330


def test_events_of_a_filter_can_be_read_alone(queues: Any, read: Any) -> None:
    queues[SAMPLE].append(_row(SAMPLE, 9.0, 3))
    assert [row[TIME] for row in read(queues, SAMPLE, 3, remove=True)] == [9.0]
    assert len(queues[SAMPLE]) == 330


def test_what_is_left_stays_bounded(queues: Any, read: Any) -> None:
    read(queues, None, None, remove=True)
    assert queues[SAMPLE].maxlen == 4096


def test_an_unknown_type_is_empty(queues: Any, read: Any) -> None:
    assert read(queues, 59, None, remove=True) == []
