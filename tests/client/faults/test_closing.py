"""`close()` at any moment, from any thread, leaves nothing behind."""

from __future__ import annotations

import os
import threading
import time

import psutil
import pytest

from psychopy_neon import Neon
from psychopy_neon.client.sensor_stream import StreamState

CLOSE_S = 2.0
TIMES = 30


def close_in_time(neon):
    started_s = time.perf_counter()
    neon.close()
    assert time.perf_counter() - started_s < CLOSE_S


@pytest.mark.skipif(os.name != "posix", reason="counts file descriptors")
def test_opening_and_closing_many_times_leaves_no_thread_and_no_file(simulated_neon):
    simulator = simulated_neon(scene=False)
    process = psutil.Process()

    def open_and_close(number):
        neon = Neon.connect(simulator.address, simulator.port)
        for stream in (neon.gaze, neon.imu, neon.eye_events)[: number % 4]:
            stream.start()
        if number % 4 == 3:
            assert neon.gaze.read(10.0) is not None
        close_in_time(neon)

    def ours():
        return [t.name for t in threading.enumerate() if t.name.startswith("neon-")]

    before, files = sorted(ours()), process.num_fds()
    for number in range(TIMES):
        open_and_close(number)
    end_s = time.perf_counter() + 10.0
    while process.num_fds() > files and time.perf_counter() < end_s:
        time.sleep(0.01)  # the simulator's own side of the connections
    assert process.num_fds() <= files
    assert set(ours()) <= set(before) | {name for name in ours() if name.startswith("neon-sim")}


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
def test_closing_takes_two_seconds_at_most(simulated_neon, connect, fault, is_clock_known):
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


def test_closing_from_another_thread_wakes_who_waits(simulated_neon, connect):
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
        thread.join(5.0)
        assert not thread.is_alive()
    assert neon.state.value == "closed"
