"""Connections that break, and a phone that goes away and comes back."""

from __future__ import annotations

import itertools
import socket
import time

import pytest
import requests

from psychopy_neon.protocol.rtcp import parse_rtcp
from psychopy_neon.protocol.rtp import is_rtcp
from psychopy_neon.protocol.time_echo import pack_request


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def entries(http, neon, model):
    result = http.get(f"{neon.url}/api/status", timeout=5).json()["result"]
    return [part["data"] for part in result if part["model"] == model]


def test_a_reset_tears_down_one_sensor_only(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    gaze, imu = rtsp(neon, "gaze", tcp=True), rtsp(neon, "imu", tcp=True)
    gaze.start()
    imu.start()
    assert neon.faults.reset("gaze") == 1
    with pytest.raises(ConnectionResetError):
        while gaze.control.recv(65536):
            pass
    imu.receive(lambda p, r: len(p) >= 5)
    assert neon.faults.reset() == 1


def test_bye_ends_the_stream_but_not_the_connection(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze")
    client.start()
    client.receive(lambda p, r: len(r) >= 1)
    assert neon.faults.say_bye("gaze") == 1
    client.udp[1].settimeout(2)
    data = client.udp[1].recv(1000)
    assert is_rtcp(data) and parse_rtcp(data).bye
    assert client.ask("OPTIONS", client.url).status == 200
    assert not neon.gaze.stream.is_watched


def test_play_is_refused_as_often_as_wanted(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    neon.faults.refuse_play("gaze", 2)
    client = rtsp(neon, "gaze")
    client.describe()
    client.setup(client.url)
    assert [client.ask("PLAY", client.url).status for _ in range(3)] == [500, 500, 200]
    client.receive(lambda p, r: len(p) >= 5)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_cut_link_lets_nothing_through_and_then_goes_on(simulated_neon, rtsp, tcp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze", tcp=tcp)
    client.start()
    before, _ = client.receive(lambda p, r: len(p) >= 20)
    left_ns = []
    neon.gaze.stream.on_sent = lambda device_ns, host_ns: left_ns.append(host_ns)
    cut_at, earliest_ns = time.monotonic(), time.perf_counter_ns()
    neon.faults.cut_link(0.4)
    latest_ns = time.perf_counter_ns()
    after, _ = client.receive(lambda p, r: len(p) >= 20)
    while after[-1].sequence_number < before[-1].sequence_number + 80:
        after += client.receive(lambda p, r: len(p) >= 1)[0]
    assert time.monotonic() - cut_at > 0.35
    numbers = [packet.sequence_number for packet in before + after]
    gap = max(b - a for a, b in itertools.pairwise(numbers))
    # TCP delivers late what UDP loses: what left meanwhile, but for those at both ends.
    surely = sum(latest_ns < ns < earliest_ns + 400_000_000 for ns in left_ns)
    perhaps = sum(earliest_ns < ns < latest_ns + 400_000_000 for ns in left_ns)
    assert gap == 1 if tcp else surely - 1 <= gap - 1 <= perhaps + 1


def test_a_cut_link_holds_up_every_service(simulated_neon, http):
    neon = simulated_neon(scene=False)
    http.get(f"{neon.url}/api/status", timeout=5)
    with socket.create_connection((neon.address, neon.time_echo_port), 5) as echo:
        started = time.monotonic()
        neon.faults.cut_link(1.5)
        with pytest.raises(requests.Timeout):
            http.get(f"{neon.url}/api/status", timeout=0.2)
        echo.sendall(pack_request(1))
        assert len(echo.recv(16)) == 16
        assert http.get(f"{neon.url}/api/status", timeout=5).status_code == 200
        assert time.monotonic() - started > 1.45


def test_a_simulator_can_be_closed_while_its_link_is_cut(simulated_neon, rtsp, http, stopwatch):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze")
    client.start()
    neon.faults.delay("gaze", 1.0)
    client.receive(lambda p, r: len(p) >= 2)
    neon.faults.http_slow(60)
    neon.faults.cut_link(60)
    with pytest.raises(requests.Timeout):
        http.get(f"{neon.url}/api/status", timeout=0.1)
    passing = stopwatch()
    neon.close()
    assert passing.own_s < 3


def test_unplugged_glasses_leave_a_phone_without_sensors(simulated_neon, rtsp, http):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze")
    client.start()
    neon.faults.unplug()
    assert client.control.recv(10) == b""
    assert entries(http, neon, "Sensor") == []
    (hardware,) = entries(http, neon, "Hardware")
    assert hardware["module_serial"] is None and len(hardware) == 5
    assert http.get(f"{neon.url}/calibration.bin", timeout=5).status_code == 404
    assert http.post(f"{neon.url}/api/recording:start", timeout=5).status_code == 500
    other = rtsp(neon, "gaze")
    assert other.ask("DESCRIBE", other.url).status == 404


def test_replugged_glasses_are_as_before(simulated_neon, rtsp, http):
    neon = simulated_neon(scene=False)
    before = entries(http, neon, "Sensor"), entries(http, neon, "Hardware")
    neon.faults.unplug()
    neon.faults.replug()
    assert (entries(http, neon, "Sensor"), entries(http, neon, "Hardware")) == before
    client = rtsp(neon, "gaze")
    client.start()
    client.receive(lambda p, r: len(p) >= 5)


def test_a_rebooted_phone_has_new_ports_and_no_recording(simulated_neon, rtsp, http):
    neon = simulated_neon(scene=False, recording_start_lag_s=0)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    http.post(f"{neon.url}/api/recording:start", timeout=5)
    wait_until(lambda: entries(http, neon, "Recording"))
    old = neon.port, neon.rtsp_port, neon.time_echo_port
    neon.faults.reboot(0.1)
    with pytest.raises((ConnectionError, AssertionError)):
        client.ask("OPTIONS", client.url)
    assert neon.port == old[0] and neon.rtsp_port != old[1]
    for port in old[1:]:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((neon.address, port), 2)
    ports = {entry["port"] for entry in entries(http, neon, "Sensor")}
    assert neon.rtsp_port in ports and old[1] not in ports
    (phone,) = entries(http, neon, "Phone")
    assert phone["time_echo_port"] == neon.time_echo_port
    assert entries(http, neon, "Recording") == []
    again = rtsp(neon, "gaze")
    again.start()
    again.receive(lambda p, r: len(p) >= 5)


def test_glasses_stay_unplugged_over_a_reboot(simulated_neon, http):
    neon = simulated_neon(scene=False)
    neon.faults.unplug()
    neon.faults.reboot(0)
    assert entries(http, neon, "Sensor") == []


def test_the_phone_may_name_an_address_that_is_not_its_own(simulated_neon, http):
    neon = simulated_neon(scene=False, reported_ip="192.0.2.7")
    assert neon.address == "127.0.0.1"
    told = [*entries(http, neon, "Phone"), *entries(http, neon, "Sensor")]
    assert {entry["ip"] for entry in told} == {"192.0.2.7"}
