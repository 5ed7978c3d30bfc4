from __future__ import annotations

import math
import threading
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader


@dataclass(frozen=True)
class Sample:
    device_ns: int


def filled(*times: int, capacity: int = 100) -> SampleBuffer[Sample]:
    buffer: SampleBuffer[Sample] = SampleBuffer(capacity)
    for time_ns in times:
        buffer.append(Sample(time_ns))
    return buffer


def test_latest_is_the_newest():
    assert filled().latest is None
    assert filled(1, 2, 3).latest == Sample(3)


def test_a_reader_gets_every_sample_once_and_in_order():
    buffer = filled(1, 2)
    reader = SampleReader(buffer)  # sees what comes after it was made
    for time_ns in (3, 4, 5):
        buffer.append(Sample(time_ns))
    assert reader.read(0.0) == Sample(3)
    assert reader.drain() == [Sample(4), Sample(5)]
    assert reader.drain() == []
    assert reader.read(0.0) is None
    assert reader.dropped == 0


def test_readers_do_not_take_samples_from_each_other():
    buffer = filled()
    one, other = SampleReader(buffer), SampleReader(buffer)
    buffer.append(Sample(1))
    assert one.drain() == other.drain() == [Sample(1)]


def test_a_slow_reader_learns_what_it_lost():
    buffer = filled(capacity=3)
    reader = SampleReader(buffer)
    for time_ns in range(10):
        buffer.append(Sample(time_ns))
    assert reader.drain() == [Sample(7), Sample(8), Sample(9)]
    assert reader.dropped == 7


def test_skipping_to_the_latest_leaves_nothing_unread():
    buffer = filled()
    reader = SampleReader(buffer)
    for time_ns in range(4):
        buffer.append(Sample(time_ns))
    assert reader.skip_to_latest(0.0) == Sample(3)
    assert reader.skip_to_latest(0.0) is None


def test_a_waiting_reader_is_woken_by_the_next_sample():
    buffer = filled()
    reader = SampleReader(buffer)
    writer = threading.Timer(0.02, buffer.append, [Sample(1)])
    writer.start()
    assert reader.read(10.0) == Sample(1)
    writer.join()


def test_closing_wakes_a_waiting_reader():
    buffer = filled()
    reader = SampleReader(buffer)
    closer = threading.Timer(0.02, buffer.close)
    closer.start()
    assert list(reader) == []
    closer.join()


def test_a_loop_waits_for_the_next_sample_as_long_as_it_takes(monkeypatch):
    waits_s = []
    monkeypatch.setattr(SampleReader, "read", lambda reader, timeout_s: waits_s.append(timeout_s))
    assert list(SampleReader(SampleBuffer(4))) == []
    assert waits_s == [math.inf]


def test_a_time_range_includes_its_start_and_not_its_end():
    assert filled(10, 20, 30, 40).between(20, 40) == [Sample(20), Sample(30)]


@pytest.mark.parametrize("at_once", [True, False])
def test_only_a_watcher_in_a_hurry_needs_the_streams_own_thread(at_once):
    buffer = filled()
    unwatch = buffer.watch(lambda: None, at_once=at_once)
    assert buffer.is_awaited == at_once
    unwatch()
    assert not buffer.is_awaited


times = st.lists(st.integers(0, 10_000), max_size=50).map(sorted)


@given(times, st.integers(-10, 10_010))
def test_nearest_is_never_farther_than_any_other(times_ns, wanted_ns):
    nearest = filled(*times_ns).nearest(wanted_ns)
    if not times_ns:
        assert nearest is None
    else:
        distance = abs(nearest.device_ns - wanted_ns)
        assert distance == min(abs(t - wanted_ns) for t in times_ns)


def test_a_watcher_hears_of_every_sample_and_of_the_end():
    buffer = filled()
    heard = []
    unwatch = buffer.watch(lambda: heard.append(buffer.latest))
    buffer.append(Sample(1))
    buffer.append(Sample(2))
    buffer.close()
    assert heard == [Sample(1), Sample(2), Sample(2)]
    unwatch()
    unwatch()
    buffer.append(Sample(3))
    assert len(heard) == 3
