"""Status messages and time echo that are not as they should be."""

from __future__ import annotations

from dataclasses import replace

from psychopy_neon.client.sensor_stream import StreamState


def assert_untouched(seen):
    seen.take(60)
    seen.check()
    health = seen.health
    assert (health.state, health.interruptions, health.lost) == (StreamState.STREAMING, 0, 0)
    assert seen.missing() == 0 and seen.log() == []


def test_a_repeated_sensor_message_does_not_restart_its_stream(watch):
    seen = watch()
    told = []
    seen.neon.watch_status(told.append)
    for _ in range(5):
        seen.faults.repeat_sensor("gaze")
    seen.until(lambda: len(told) >= 5)
    assert_untouched(seen)


def test_an_error_that_the_phone_reports_of_a_sensor_is_told_once(watch, caplog):
    seen = watch()
    sensor = seen.neon.sensor("gaze")
    for port in (1, 2, sensor.port):  # changes of something else
        seen.simulator.state.set_sensor(replace(sensor, stream_error=True, port=port))
        seen.until(lambda port=port: seen.neon.sensor("gaze").port == port)
    assert caplog.messages.count("the phone reports an error of its gaze sensor") == 1
    seen.faults.silence("gaze")
    seen.until_state(StreamState.RECOVERING)
    assert "the phone reports an error of its gaze sensor" in seen.health.error


def test_an_unknown_model_is_passed_over(watch):
    seen = watch()
    told = []
    seen.neon.watch_status(told.append)
    seen.faults.unknown_model()
    seen.faults.unknown_model("Phone", None)
    seen.simulator.state.set_battery(7)
    seen.until(lambda: told)
    assert len(told) == 1 and seen.neon.battery_percent == 7
    assert_untouched(seen)


def test_hardware_of_nulls_does_not_stop_gaze(watch):
    seen = watch()
    seen.faults.hardware_nulls()
    seen.until(lambda: not seen.neon.module_serial)
    assert_untouched(seen)


def test_a_time_echo_that_stalls_leaves_the_clock_that_was_found(watch):
    seen = watch()
    seen.faults.stall_time_echo()
    assert_untouched(seen)
    receipt = seen.neon.send_event("while it stalls")
    assert receipt.wait(5.0).value == "discarded"
    (event,) = seen.simulator.truth.events
    true_ns = seen.simulator.clock.device_ns(receipt.host_ns)
    assert event.given and abs(event.timestamp_ns - true_ns) < 2_000_000
