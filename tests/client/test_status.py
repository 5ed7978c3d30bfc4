"""The status after the link was lost: what went away meanwhile, and what did not."""

from __future__ import annotations

import threading

import pytest

from psychopy_neon.client.phone_status import LinkState
from psychopy_neon.client.sensor_stream import StreamState
from psychopy_neon.protocol.status import Sensor

CONNECTED = {"gaze", "imu", "eyes", "eye_events"}  # without a scene camera


def names(neon):
    return {name for name, _ in neon.status.sensors}


@pytest.fixture
def phone(simulated_neon):
    return simulated_neon(scene=False)


@pytest.fixture
def told(phone, connect, eventually):
    """A connected device, and every part of the status that it tells from now on."""
    neon = connect(phone)
    parts = []
    neon.watch_status(parts.append)
    phone.state.set_battery(61)
    eventually(lambda: neon.battery_percent == 61)  # all that a connection begins with came before
    parts.clear()
    return neon, parts


def take_away(phone, sensor):
    """A sensor of which nothing says that it has gone."""
    board = phone.state.board
    with board.lock:
        board._sensors = [each for each in board._sensors if each.sensor != sensor]


def test_a_sensor_that_went_away_while_the_link_was_down_is_forgotten(phone, told, eventually):
    neon, parts = told
    before = names(neon)
    take_away(phone, "imu")
    phone.faults.hang_up_http()
    eventually(lambda: names(neon) == before - {"imu"})
    assert neon.state is LinkState.CONNECTED

    def gone():
        return [part for part in parts if getattr(part, "sensor", "") == "imu"]

    eventually(lambda: "DIRECT" in {part.conn_type for part in gone()})  # told just afterwards
    assert not any(part.connected for part in gone())


def test_glasses_unplugged_while_the_phone_was_off_are_gone(phone, told, eventually):
    neon, _ = told
    assert neon.gaze.read(10.0) is not None
    rebooting = threading.Thread(target=phone.faults.reboot, args=(1.5,))
    rebooting.start()
    eventually(lambda: neon.state is LinkState.LOST)
    phone.state.board.unplug()
    rebooting.join()
    eventually(lambda: names(neon) == set())
    eventually(lambda: neon.gaze.state is StreamState.NO_SENSOR)
    assert neon.module_serial is None and neon.phone_id == phone.phone_id
    phone.faults.replug()
    eventually(lambda: neon.gaze.state is StreamState.STREAMING)


def test_a_recording_that_ended_meanwhile_does_not_stay(phone, told, eventually):
    neon, _ = told
    phone.state.start_recording()
    eventually(lambda: neon.status.recording is not None)
    phone.state.lose_recording()
    phone.faults.hang_up_http()
    eventually(lambda: neon.status.recording is None)


def test_what_is_still_there_is_never_missing(phone, told, eventually):
    neon, parts = told
    missing = []

    def seen_again():
        missing.extend(CONNECTED - names(neon))
        return "away" not in names(neon)

    for _ in range(3):
        neon._phone_status.take(Sensor("away", "DIRECT"))
        phone.faults.hang_up_http()
        eventually(seen_again)
    assert missing == []
    assert len(parts) > 30  # it was told everything again, three times
    sensors = [p for p in parts if getattr(p, "conn_type", "") == "DIRECT" and p.sensor != "away"]
    assert sensors and all(sensor.connected for sensor in sensors)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda f: f.http_error(path="/api/status", count=2), id="refused"),
        pytest.param(lambda f: f.http_garbage("/api/status", 2), id="garbage"),
        pytest.param(
            lambda f: f.http_garbage("/api/status", 2, b'{"message": "", "result": []}'), id="empty"
        ),
    ],
)
def test_a_complete_status_that_does_not_come_is_asked_for_again(phone, told, eventually, spoil):
    neon, _ = told
    before = names(neon)
    take_away(phone, "imu")
    spoil(phone.faults)
    phone.faults.hang_up_http()
    eventually(lambda: names(neon) == before - {"imu"})
    assert neon.state is LinkState.CONNECTED


def test_closing_does_not_wait_for_a_status_that_does_not_come(phone, told, eventually, stopwatch):
    neon, _ = told
    waiting = phone.faults._services.http_faults
    phone.faults.http_slow(30.0, "/api/status")
    phone.faults.hang_up_http()
    eventually(lambda: waiting._faults == [])  # it has been asked for
    passing = stopwatch()
    neon.close(timeout_s=0.2)
    assert passing.own_s < 1.0
