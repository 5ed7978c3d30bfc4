"""Several glasses in one program: each has its own clock, and nothing is mixed up."""

from __future__ import annotations

import time
from bisect import bisect_left
from itertools import pairwise

import pytest

from psychopy_neon.client.sensor_stream import StreamState

# Their phones' clocks: ahead by seconds, and fast by parts per million.
CLOCKS = {"left": (7.3, 40.0), "right": (-3600.0, -70.0), "third": (0.002, 0.0)}
SAMPLES = 100


def clock_s():
    """The experiment's clock, which all devices share."""
    return time.perf_counter() - 1000.0


def true_s(simulator, device_ns):
    return simulator.clock.host_ns(device_ns) / 1e9 - 1000.0


@pytest.fixture
def pairs(simulated_neon, connect):
    """Phones and connections to them, by name; opened one among the other."""
    simulators = {
        name: simulated_neon(
            scene=False,
            offset_s=offset_s,
            drift_ppm=drift_ppm,
            phone_name=name,
            module_serial=str(number) * 6,
            seed=number,
            noise_px=5.0,  # so that no two of them send the same gaze
        )
        for number, (name, (offset_s, drift_ppm)) in enumerate(CLOCKS.items())
    }
    return {
        name: (simulator, connect(simulator, clock=clock_s))
        for name, simulator in simulators.items()
    }


def read_gaze(neon):
    reader = neon.gaze.reader()
    while reader.read(10.0).provisional:
        pass
    return [reader.read(10.0) for _ in range(SAMPLES)]


def test_each_knows_its_own_phone(pairs):
    for name, (simulator, neon) in pairs.items():
        assert neon.phone_name == name
        assert neon.module_serial == simulator.options.module_serial
        assert neon.phone_id == simulator.phone_id
        assert neon.port == simulator.port
        assert neon.sensor("gaze").port == simulator.rtsp_port
    assert len({neon.port for _, neon in pairs.values()}) == len(pairs)


def test_gaze_of_each_is_its_own_and_right_in_time(pairs):
    for _, neon in pairs.values():
        neon.gaze.start()
    for simulator, neon in pairs.values():
        neon.wait_for_clock()
        samples = read_gaze(neon)
        truth = simulator.truth.gaze
        times = [gaze.device_ns for gaze in truth]
        assert all(a.device_ns < b.device_ns for a, b in pairwise(samples))
        for sample in samples:
            true = truth[bisect_left(times, sample.device_ns - 1_000_000)]
            assert abs(true.device_ns - sample.device_ns) < 1_000_000
            assert (sample.x, sample.y) == pytest.approx((true.x, true.y), abs=0.01)
            when = neon.experiment_time(sample.device_ns)
            error_s = when.experiment_s - true_s(simulator, sample.device_ns)
            assert abs(error_s) <= when.bound_s < 0.005


def test_one_moment_is_the_same_moment_for_all(pairs):
    """What makes two wearers comparable: an event that is sent to both."""
    for _, neon in pairs.values():
        neon.wait_for_clock()
        neon.recording.start()
    at_s = clock_s()
    receipts = {name: neon.send_event(f"go {name}", at=at_s) for name, (_, neon) in pairs.items()}
    for name, (simulator, neon) in pairs.items():
        receipt = receipts[name]
        assert receipt.wait(10.0).value == "confirmed"
        assert receipt.recording_id == neon.recording.id
        (event,) = simulator.truth.events
        assert event.name == f"go {name}"
        error_s = true_s(simulator, event.timestamp_ns) - at_s
        assert abs(error_s) <= receipt.bound_ns / 1e9 + 1e-5 < 0.005
    assert len({receipt.recording_id for receipt in receipts.values()}) == len(pairs)


def test_closing_one_leaves_the_others_running(pairs):
    for _, neon in pairs.values():
        assert neon.gaze.read(10.0) is not None
    (_, closed), *others = pairs.values()
    closed.close()
    for simulator, neon in others:
        reader = neon.gaze.reader()
        assert all(reader.read(5.0) for _ in range(SAMPLES))
        assert (neon.gaze.state, neon.state.value) == (StreamState.STREAMING, "connected")
        assert neon.gaze.health.interruptions == 0
        assert neon.send_event("still there").wait(10.0).value == "discarded"
        assert [event.name for event in simulator.truth.events] == ["still there"]
    assert closed.gaze.state is StreamState.CLOSED


def test_a_phone_that_goes_does_not_disturb_the_others(pairs):
    for _, neon in pairs.values():
        assert neon.gaze.read(10.0) is not None
    (gone, left), *others = pairs.values()
    gone.close()
    end_s = time.perf_counter() + 10.0
    while left.gaze.state is StreamState.STREAMING and time.perf_counter() < end_s:
        time.sleep(0.01)
    assert left.gaze.state is StreamState.RECOVERING
    for _, neon in others:
        reader = neon.gaze.reader()
        assert all(reader.read(5.0) for _ in range(SAMPLES))
        assert neon.gaze.health.interruptions == 0
