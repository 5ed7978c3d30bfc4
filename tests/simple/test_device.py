from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from psychopy_neon import ClosedError, DeviceError, DeviceNotFoundError, Neon, UsageError
from psychopy_neon.protocol.status import Recording
from psychopy_neon.simple import (
    APIPath,
    Device,
    DiscoveredDeviceInfo,
    InvalidTemplateAnswersError,
    discover_devices,
    discover_one_device,
)
from psychopy_neon.simple.error_log import ErrorLog

TIMEOUT_S = 10.0


def wait_until(condition):
    end_s = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end_s, "the condition did not come true in time"
        time.sleep(0.005)


def run_script(text):
    started_s = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=40)
    return done, time.perf_counter() - started_s


def test_the_real_device_is_underneath(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    device = connect(simulator, full_name="full", dns_name="dns")
    assert isinstance(device.neon, Neon) and device.neon.phone_id == device.phone_id
    assert (device.address, device.port) == (simulator.address, simulator.port)
    assert (device.full_name, device.dns_name) == ("full", "dns")
    assert device.api_url(APIPath.STATUS) == f"http://127.0.0.1:{simulator.port}/api/status"


@pytest.mark.parametrize("port", ["eighty", "", 0, 99_999])
def test_a_bad_port_is_a_value_error(port):
    with pytest.raises(ValueError, match="is not a"):
        Device("127.0.0.1", port)


def test_an_unreachable_phone_is_an_os_error():
    with pytest.raises(OSError, match="no Neon at"):
        Device("127.0.0.1", 9)


def test_other_ways_to_make_a_device(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    info = DiscoveredDeviceInfo("full", "neon.local.", simulator.port, [simulator.address])
    with Device.from_discovered_device(info) as first, Device.convert_from(first) as second:
        assert first.phone_id == second.phone_id == simulator.phone_id
        assert (second.full_name, second.dns_name) == ("full", "neon.local.")


def test_a_recording_takes_events_as_soon_as_its_start_returns(simulated_neon, connect):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.4)
    device = connect(simulator)
    recording_id = device.recording_start()
    assert device.send_event("at once").recording_id == recording_id


def test_a_recording_that_has_started_has_its_id_whatever_comes_after(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    device = connect(simulator)
    simulator.faults.http_garbage("/api/status", 1)
    assert device.recording_start() == simulator.truth.recordings[-1].id


def test_a_recording_goes_on_when_the_device_is_closed(simulated_neon, connect):
    """One script starts it, another stops it: with the official client that works."""
    simulator = simulated_neon(scene=False)
    device = connect(simulator)
    device.recording_start()
    device.close()
    connect(simulator).recording_stop_and_save()
    assert [r.action for r in simulator.truth.recordings] == ["start", "stop_and_save"]


def test_event_times_are_stored_to_the_nanosecond(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    device = connect(simulator)
    event = device.send_event("go", 1_700_000_000_123_456_789)
    assert event.timestamp == event.timestamp_unix_ns == 1_700_000_000_123_456_789
    assert not simulator.truth.events[0].timestamp_ns - event.timestamp
    assert device.send_event("stamped there").timestamp % 1_000_000 == 0


def test_a_refusal_has_the_status_and_the_phones_words(simulated_neon, connect):
    device = connect(simulated_neon(scene=False))
    with pytest.raises(DeviceError) as caught:
        device.recording_stop_and_save()
    assert (caught.value.status, caught.value.message) == (500, "No recording is running")


def test_template_answers_in_both_formats(simulated_neon, connect):
    device = connect(simulated_neon(scene=False))
    text, choice = [str(item.id) for item in device.get_template().items]
    assert device.get_template_data() == {text: [""], choice: []}
    posted = device.post_template_data({text: ["P7"], choice: ["right"]})
    assert posted == device.get_template_data("api") == {text: ["P7"], choice: ["right"]}
    assert device.get_template_data("simple") == {text: ["P7"], choice: ["right"]}
    with pytest.raises(InvalidTemplateAnswersError, match="'up' is not one of its choices"):
        device.post_template_data({choice: ["up"]}, template_format="api")


def test_camera_settings_under_the_official_names(simulated_neon, connect):
    device = connect(simulated_neon())
    assert device.receive_scene_video_frame(TIMEOUT_S) is not None
    state = device.get_camera_state()
    assert state.ae_mode.current_value in state.ae_mode.allowed_values
    device.set_camera_state(man_exp=state.man_exp.value_max, validate_with_state=state)
    assert device.get_camera_state().man_exp.current_value == state.man_exp.value_max
    with pytest.raises(ValueError, match="gain is"):
        device.set_camera_state(gain=state.gain.value_max + 1, validate_with_state=state)
    with pytest.raises(ValueError, match="takes a whole number"):
        state.gamma.validate(state.gamma.value_max + 1)
    with pytest.raises(ValueError, match="no camera 'eyes'"):
        device.set_camera_state(camera="eyes", ae_mode="auto")


def test_errors_of_a_recording_are_told_once(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    device = connect(simulator)
    assert device.get_errors() == []
    taken = []

    def told(message, recording_id):
        simulator.state.board.push(Recording(recording_id, "ERROR", message, 0))
        taken.extend(device.get_errors())
        return message in taken

    wait_until(lambda: told("the watchdog bit", "first"))
    wait_until(lambda: told("out of storage", "second"))
    assert taken == ["the watchdog bit", "out of storage"]


def test_a_stream_error_is_told_when_it_begins(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    device = connect(simulator)
    sensor = device.neon.sensor("gaze")
    simulator.state.set_sensor(replace(sensor, stream_error=True))
    wait_until(lambda: device.gaze_sensor().stream_error)
    simulator.state.set_sensor(replace(sensor, stream_error=True, port=1))
    wait_until(lambda: device.gaze_sensor().port == 1)
    simulator.state.set_sensor(sensor)
    wait_until(lambda: not device.gaze_sensor().stream_error)
    assert device.get_errors() == ["Stream error in sensor gaze"]
    assert device.get_errors() == []


def test_the_error_log_does_not_grow_without_end():
    log = ErrorLog()
    for number in range(3_000):
        log.note(Recording(str(number), "error", f"fault {number}"))
    errors = log.take()
    assert len(errors) == 1_000 and errors[-1] == "fault 2999"


def test_a_closed_device_says_so(simulated_neon, connect):
    device = connect(simulated_neon(scene=False))
    assert device.receive_gaze_datum(TIMEOUT_S) is not None
    device.close()
    device.close()
    assert device.phone_name == "Simulated Neon"
    assert not device.is_currently_streaming
    for call in (device.receive_gaze_datum, device.recording_start, device.get_template):
        with pytest.raises(ClosedError):
            call()


def test_it_works_inside_a_running_event_loop(simulated_neon):
    """Which is what a Jupyter notebook is; the official client raises there."""
    simulator = simulated_neon(scene=False)

    async def cell():
        with Device(simulator.address, simulator.port) as device:
            device.send_event("from a notebook")
            return device.receive_gaze_datum(TIMEOUT_S)

    assert asyncio.run(cell()) is not None


def test_a_script_that_forgets_close_still_ends(simulated_neon):
    simulator = simulated_neon(scene=False)
    done, took_s = run_script(
        "from psychopy_neon.simple import Device\n"
        f"device = Device('{simulator.address}', {simulator.port})\n"
        "print(type(device.receive_gaze_datum(10)).__name__)\n"
    )
    assert (done.stdout, done.stderr) == ("EyestateGazeData\n", "")
    assert took_s < 20


def test_a_failed_connection_leaves_nothing_behind():
    done, _ = run_script(
        "from psychopy_neon.simple import Device\n"
        "try:\n    Device('127.0.0.1', 9)\nexcept OSError:\n    print('refused')\n"
    )
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_time_offset_has_the_official_sign_and_is_sharp(simulated_neon, connect):
    simulator = simulated_neon(scene=False, offset_s=7.3, drift_ppm=0.0)
    estimate = connect(simulator).estimate_time_offset(10)
    assert estimate.time_offset_ms.mean == pytest.approx(-7300, abs=1.0)
    assert estimate.time_offset_ms.std < 0.1
    assert len(estimate.roundtrip_duration_ms.measurements) == 10
    assert 0 < estimate.roundtrip_duration_ms.median < 100


def test_one_measurement_is_enough(simulated_neon, connect):
    device = connect(simulated_neon(scene=False))
    estimate = device.estimate_time_offset(1).time_offset_ms
    assert estimate.mean == estimate.median == estimate.measurements[0]
    with pytest.raises(UsageError, match="give 1 to"):
        device.estimate_time_offset(0)


def test_phones_are_found(simulated_neon):
    simulator = simulated_neon(scene=False, advertise=True, phone_name="parity")
    found = discover_devices(3.0)
    try:
        (device,) = [d for d in found if d.phone_id == simulator.phone_id]
        assert device.full_name.startswith("PI monitor:parity:")
        assert device.dns_name == "neon.local."
        assert device.send_event("found").timestamp > 0
    finally:
        for device in found:
            device.close()
    one = discover_one_device(max_search_duration_seconds=10.0)
    assert one.full_name.startswith("PI monitor:")
    assert one.dns_name.endswith(".local.")  # another phone of this network may be the first
    one.close()


def test_no_phone_is_none(monkeypatch):
    """Other phones may be in this network, so nobody may answer for this test."""

    def nobody(**arguments):
        raise DeviceNotFoundError("no Neon was found")

    monkeypatch.setattr(Neon, "connect", nobody)
    assert discover_one_device(0.1) is None
