"""The phone is out of reach for a while: everything goes on afterwards, and nobody is pestered."""

from __future__ import annotations

import os
import time
from collections import Counter
from itertools import pairwise

import pytest

from psychopy_neon.client.sensor_stream import StreamState

LONG = pytest.mark.skipif(
    not os.environ.get("NEON_LONG_TESTS"), reason="takes minutes; set NEON_LONG_TESTS=1"
)
STREAMS = ("gaze", "imu", "eyes")
LATEST_S = 5.0  # between two attempts
SLACK_S = 2.0
SUBJECTS = ("gaze stream", "imu stream", "eyes stream", "clock", "the phone is", "event")


@pytest.mark.parametrize(
    "outage_s",
    [1.0, 10.0, pytest.param(300.0, marks=(LONG, pytest.mark.timeout(400)))],
    ids="{:g} s".format,
)
def test_everything_goes_on_after_an_outage(watch, caplog, outage_s):
    seen = watch()
    neon, simulator = seen.neon, seen.simulator
    readers = {name: getattr(neon, name).reader() for name in STREAMS}
    assert all(reader.read(10.0) for reader in readers.values())
    neon.recording.start()
    caplog.clear()
    began_s = time.perf_counter()
    seen.faults.cut_link(outage_s)
    receipt = neon.send_event("amid the outage")
    simulator.state.set_battery(33)
    while time.perf_counter() - began_s < outage_s:
        seen.drain(0.1)
    ended_ns = time.perf_counter_ns()

    def is_well():
        states = {getattr(neon, name).state for name in STREAMS}
        return (
            states == {StreamState.STREAMING}
            and all(getattr(neon, name).latest().arrived_host_ns > ended_ns for name in STREAMS)
            and (neon.state.value, neon.battery_percent) == ("connected", 33)
            and neon.clock_map.reference_host_ns > ended_ns
            and receipt.state.value == "confirmed"
        )

    assert seen.until(is_well) < LATEST_S + SLACK_S
    seen.until(lambda: not seen.take(40)[0].provisional)
    # After minutes the clocks have drifted by a millisecond that nobody could measure.
    seen.samples = [sample for sample in seen.samples if not sample.provisional]
    seen.check()
    # A request that was given up may still arrive when the link is back: the same event twice.
    (stored_ns,) = {event.timestamp_ns for event in simulator.truth.events}
    assert abs(stored_ns - simulator.clock.device_ns(receipt.host_ns)) < 2_000_000
    expected = [f"{name} stream" for name in STREAMS] if outage_s > 5 else []

    def said():
        return [record.getMessage() for record in caplog.records]

    def is_said():
        """Lost, and there again; however often it was tried in between."""
        counts = Counter(subject for text in said() for subject in SUBJECTS if subject in text)
        return set(counts.values()) <= {2} and counts.keys() >= set(expected)

    seen.until(is_said)
    assert all(any(subject in text for subject in SUBJECTS) for text in said()), said()


def test_the_first_retry_comes_at_once_and_none_is_later_than_five_seconds(watch):
    seen = watch()
    faults = seen.simulator.gaze.stream.faults
    seen.faults.refuse_play("gaze", 1000)
    seen.faults.reset("gaze")
    lost_s, lost_own_s = time.perf_counter(), seen.passing.own_s
    attempts_s, own_s, left = [], [], faults.refused_plays
    while len(attempts_s) < 7:
        seen.drain(0.002)
        if faults.refused_plays < left:
            attempts_s += [time.perf_counter() - lost_s] * (left - faults.refused_plays)
            own_s += [seen.passing.own_s - lost_own_s] * (left - faults.refused_plays)
            left = faults.refused_plays
        assert time.perf_counter() - lost_s < 60.0
    assert own_s[0] < 1.0  # a hundredth of a second as a rule
    assert max(b - a for a, b in pairwise(own_s)) < LATEST_S + 0.5
    assert attempts_s[-1] > LATEST_S  # nor does it hammer
    assert sum("recovering" in line for line in seen.log()) == 1
