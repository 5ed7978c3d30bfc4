"""REST calls, status messages and time echo that are not as they should be."""

from __future__ import annotations

import itertools
import json
import socket
import time
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.time_echo import pack_request, parse_reply


@pytest.fixture
def neon(simulated_neon):
    return simulated_neon(scene=False, drift_ppm=0)


@contextmanager
def listening(neon):
    url = f"ws://{neon.address}:{neon.port}/api/status"
    with connect(url, open_timeout=5, close_timeout=20, proxy=None) as websocket:
        for _ in range(10):
            websocket.recv(timeout=5)
        yield lambda: json.loads(websocket.recv(timeout=5))


def status(http, neon):
    return http.get(f"{neon.url}/api/status", timeout=5)


def test_errors_come_as_often_as_wanted_and_where_wanted(neon, http):
    neon.faults.http_error(503, "/api/status", 2)
    assert http.get(f"{neon.url}/api/template_def", timeout=5).status_code == 200
    assert [status(http, neon).status_code for _ in range(3)] == [503, 503, 200]


def test_an_error_may_come_without_json(neon, http):
    neon.faults.http_error(500, json_body=False)
    reply = status(http, neon)
    assert reply.status_code == 500 and reply.headers["Content-Type"] == "text/html"
    with pytest.raises(ValueError):
        reply.json()


def test_a_good_reply_may_be_garbage(neon, http):
    neon.faults.http_garbage()
    reply = status(http, neon)
    assert reply.status_code == 200
    with pytest.raises(ValueError):
        reply.json()
    assert status(http, neon).json()["message"] == "Success"


def test_an_event_whose_answer_is_lost_arrived_all_the_same(neon, http):
    neon.faults.http_error(500, "/api/event")
    reply = http.post(f"{neon.url}/api/event", json={"name": "go"}, timeout=5)
    assert reply.status_code == 500
    assert [event.name for event in neon.truth.events] == ["go"]


def test_a_slow_reply_holds_up_only_its_own_connection(neon, http):
    neon.faults.http_slow(0.4, "/api/template_def")
    started = time.monotonic()
    assert http.get(f"{neon.url}/api/template_def", timeout=5).status_code == 200
    assert time.monotonic() - started >= 0.4


def test_a_body_may_come_in_drips(neon, http, stopwatch):
    neon.faults.http_drip(0.4)
    passing = stopwatch()
    with http.get(f"{neon.url}/api/status", timeout=5, stream=True) as reply:
        head_s = passing.own_s
        assert reply.json()["message"] == "Success"
    assert head_s < 0.3 < passing.passed_s


def test_a_body_may_never_end(neon, http, stopwatch):
    neon.faults.http_endless()
    with http.get(f"{neon.url}/api/status", timeout=5, stream=True) as reply:
        pieces = itertools.islice(reply.iter_content(10_000), 30)
        assert sum(map(len, pieces)) > 200_000
        passing = stopwatch()
        neon.close()
        assert passing.own_s < 3


def test_all_http_connections_can_be_hung_up(neon, http):
    with listening(neon) as receive:
        neon.faults.hang_up_http()
        with pytest.raises(ConnectionClosed):
            receive()
    assert status(http, neon).status_code == 200


def test_clear_ends_http_faults(neon, http):
    neon.faults.http_error(500, count=1000)
    neon.faults.clear()
    assert status(http, neon).status_code == 200


def test_a_sensor_can_be_told_again_unchanged(neon):
    with listening(neon) as receive:
        neon.faults.repeat_sensor("gaze")
        told = [receive() for _ in range(2)]
    assert {message["data"]["sensor"] for message in told} == {"gaze"}
    listed = [component.to_json() for component in neon.state.components()]
    assert all(message in listed for message in told)


def test_an_unknown_model_is_pushed(neon):
    with listening(neon) as receive:
        neon.faults.unknown_model("Spectacles", {"a": 1})
        assert receive() == {"model": "Spectacles", "data": {"a": 1}}


def test_hardware_may_be_all_nulls_while_streams_go_on(neon, http, rtsp):
    with listening(neon) as receive:
        neon.faults.hardware_nulls()
        message = receive()
    assert message["model"] == "Hardware" and set(message["data"].values()) == {None}
    assert message in status(http, neon).json()["result"]
    client = rtsp(neon, "gaze")
    client.start()
    client.receive(lambda p, r: len(p) >= 5)


def test_an_unplugged_cable_is_told_sensor_by_sensor(neon):
    with listening(neon) as receive:
        neon.faults.unplug()
        told = [receive() for _ in range(9)]
        assert [message["model"] for message in told] == [*["Sensor"] * 8, "Hardware"]
        assert not any(message["data"]["connected"] for message in told[:8])
        neon.faults.replug()
        told = [receive() for _ in range(9)]
    assert told[0]["data"]["module_serial"] == "123456"
    direct = [m["data"] for m in told[1:] if m["data"]["conn_type"] == "DIRECT"]
    assert all(sensor["connected"] for sensor in direct) and len(direct) == 4


def test_early_events_may_go_to_the_recording_before(simulated_neon):
    neon = simulated_neon(scene=False, recording_start_lag_s=0.1)
    neon.faults.early_events_go_back()
    first = neon.state.start_recording()
    assert neon.state.store_event("too early for any").recording_id is None
    neon.state.stop_and_save_recording()
    second = neon.state.start_recording()
    assert neon.state.store_event("early").recording_id == first
    deadline = time.monotonic() + 5
    while neon.state.store_event("later").recording_id != second:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def exchange(connection, cookie=1):
    sent_s = time.perf_counter()
    connection.sendall(pack_request(cookie))
    reply = b""
    while len(reply) < 16:
        reply += connection.recv(16 - len(reply))
    return sent_s, parse_reply(reply, cookie), time.perf_counter()


@pytest.mark.parametrize(("there_s", "back_s"), [(0.1, 0.0), (0.0, 0.1)])
def test_time_echo_can_be_delayed_on_one_side(neon, there_s, back_s):
    neon.faults.skew_time_echo(there_s, back_s)
    deadline = time.monotonic() + 20
    with socket.create_connection((neon.address, neon.time_echo_port), 5) as connection:
        sent_s, device_ms, received_s = exchange(connection)
        assert received_s - sent_s > 0.1
        while received_s - sent_s > 0.13:  # a busy computer delays it on either side
            assert time.monotonic() < deadline
            sent_s, device_ms, received_s = exchange(connection)
    read_s = neon.clock.host_ns(device_ms * 1_000_000) * 1e-9
    assert read_s - sent_s == pytest.approx(there_s, abs=0.03)


def test_a_share_of_time_echo_can_be_delayed(neon):
    neon.faults.seed(5)
    neon.faults.skew_time_echo(0.0, 0.03, 0.3)
    with socket.create_connection((neon.address, neon.time_echo_port), 5) as connection:
        trips_s = [back - there for there, _, back in (exchange(connection) for _ in range(40))]
    assert 4 <= sum(trip_s > 0.03 for trip_s in trips_s) <= 22


def test_time_echo_can_fall_silent(neon):
    neon.faults.stall_time_echo()
    with socket.create_connection((neon.address, neon.time_echo_port), 5) as connection:
        connection.sendall(pack_request(1))
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(16)
        neon.faults.stall_time_echo(False)
        connection.settimeout(5)
        exchange(connection, 2)


def test_a_clock_step_is_in_the_truth(neon):
    neon.faults.step_clock(12.5)
    first, second = neon.truth.clocks
    assert second.device_ns(0) - first.device_ns(0) == pytest.approx(12.5e9, abs=1e3)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e300, -1.7e9])
def test_an_impossible_clock_step_is_refused_and_the_phone_still_tells_its_time(neon, seconds):
    with pytest.raises(UsageError):
        neon.step_clock(seconds)
    assert len(neon.truth.clocks) == 1
    with socket.create_connection((neon.address, neon.time_echo_port), 5) as connection:
        connection.sendall(pack_request(7))
        assert connection.recv(16)[:8] == pack_request(7)
