"""Phone and glasses that are changed by somebody else, or are not what they seemed to be."""

from __future__ import annotations

import math
import time

from psychopy_neon import EventState
from psychopy_neon.protocol.status import Hardware


def test_eyes_of_which_nothing_is_known_do_not_stop_gaze(watch):
    seen = watch()
    seen.faults.nan_eye_state()
    seen.until(lambda: math.isnan(seen.samples[-1].left_eye.pupil_diameter_mm))
    seen.take(50)
    seen.check()
    assert all(math.isnan(value) for value in seen.samples[-1].right_eye.optical_axis)
    assert seen.health.malformed == seen.health.lost == seen.health.interruptions == 0


def test_an_event_after_a_second_client_stopped_the_recording_is_told_apart(watch):
    seen = watch(recording_start_lag_s=0.0)
    seen.neon.recording.start()
    assert seen.neon.send_event("in time").wait(10.0) is EventState.CONFIRMED
    seen.simulator.controls.stop_recording()
    late = seen.neon.send_event("too late")
    assert late.wait(10.0) is EventState.DISCARDED and "no recording" in late.error


def test_other_glasses_that_are_plugged_in_are_known_by_their_number(watch):
    seen = watch()
    seen.faults.hardware(Hardware("2.0", "654321", "Another frame", "-1", "-1"))
    seen.until(lambda: seen.neon.module_serial == "654321")
    assert seen.neon.frame_name == "Another frame"
    seen.take(20)
    seen.check()


def test_a_battery_that_runs_out_is_told(watch):
    seen = watch()
    for percent, state in ((7, "LOW"), (3, "CRITICAL"), (80, "OK")):
        seen.simulator.controls.battery(percent)
        seen.until(lambda: seen.neon.battery_percent == percent)  # noqa: B023
        assert seen.neon.battery_state == state


def test_a_time_echo_that_is_slower_one_way_errs_within_its_bound(simulated_neon, connect):
    """Half of the difference is an error that nobody can see, but the bound contains it."""
    simulator = simulated_neon(scene=False, drift_ppm=0)
    simulator.faults.skew_time_echo(0.02, 0.0)
    clock_map = connect(simulator).wait_for_clock()
    host_ns = time.perf_counter_ns()
    error_ns = clock_map.device_from_host(host_ns) - simulator.clock.device_ns(host_ns)
    assert 5_000_000 < abs(error_ns) <= clock_map.bound_ns(host_ns)
