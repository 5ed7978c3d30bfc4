"""`close()` works at any moment, from any thread, and in time."""

from __future__ import annotations

import threading
import time

import pytest

from psychopy_neon.client.sensor_stream import StreamState

CLOSE_S = 2.0


@pytest.fixture
def close_in_time(stopwatch):
    """Close a device, which must not take longer than that."""

    def close(neon):
        passing = stopwatch()
        neon.close()
        assert passing.own_s < CLOSE_S

    return close


FAULTS = {
    "cut link": lambda faults: faults.cut_link(30.0),
    "silence": lambda faults: faults.silence("gaze"),
    "refused play": lambda faults: (faults.refuse_play("gaze", 100), faults.reset()),
    "stalled time echo": lambda faults: faults.stall_time_echo(),
    "endless HTTP": lambda faults: faults.http_endless("/", 100),
    "slow HTTP": lambda faults: faults.http_slow(30.0, "/", 100),
}
EARLY = ("cut link", "stalled time echo")  # an event then waits for the phone's clock
CASES = [
    *(pytest.param(fault, True, id=name) for name, fault in FAULTS.items()),
    *(pytest.param(FAULTS[name], False, id=f"{name}, early") for name in EARLY),
]


@pytest.mark.parametrize(("fault", "is_clock_known"), CASES)
def test_closing_takes_two_seconds_at_most(
    simulated_neon, connect, close_in_time, fault, is_clock_known
):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    assert neon.gaze.read(10.0) is not None
    if is_clock_known:
        neon.wait_for_clock()
    fault(simulator.faults)
    neon.send_event("on the way")
    time.sleep(0.3)  # closing amid the recovery, wherever that is
    close_in_time(neon)
    assert neon.gaze.health.state is StreamState.CLOSED


def test_closing_from_another_thread_wakes_who_waits(simulated_neon, connect, close_in_time):
    neon = connect(simulated_neon(scene=False))
    got = []
    waiting = threading.Thread(target=lambda: got.append(neon.gaze.read(60.0)))
    neon.scene.start()
    while neon.gaze.read(10.0) is None:
        pass
    neon.stop_stream("gaze")
    waiting.start()
    closing = [threading.Thread(target=close_in_time, args=(neon,)) for _ in range(3)]
    for thread in closing:
        thread.start()
    for thread in (*closing, waiting):
        thread.join(20.0)
        assert not thread.is_alive()
    assert neon.state.value == "closed"


def _by_a_sample(neon, function):
    neon.gaze.subscribe(function)


def _by_the_status(neon, function):
    neon.watch_status(function)
    neon.send_event("the phone tells of it")


def _by_an_event(neon, function):
    neon.send_event("confirmed").add_done_callback(function)


@pytest.mark.parametrize("called", [_by_a_sample, _by_the_status, _by_an_event])
def test_a_function_that_we_call_may_close_the_device(
    simulated_neon, connect, close_in_time, caplog, called
):
    """Its thread cannot wait for itself; all that is left is done all the same."""
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.recording.start()
    closed = threading.Event()

    def close(*_):
        if not closed.is_set():
            neon.send_event("the last one")
            close_in_time(neon)
            closed.set()

    called(neon, close)
    assert closed.wait(20.0)
    assert "please report" not in caplog.text
    assert {receipt.state.value for receipt in neon.events} == {"confirmed"}
    assert simulator.truth.recordings[-1].action == "stop_and_save"
