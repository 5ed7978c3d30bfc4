from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from psychopy_neon import (
    DeviceNotFoundError,
    Neon,
    NeonConnectionError,
    NeonTimeoutError,
    UsageError,
    WrongDeviceError,
    discover,
)
from psychopy_neon.client.connecting import parse_address


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("192.0.2.10", ("192.0.2.10", 8080)),
        (" 192.0.2.10:9000 ", ("192.0.2.10", 9000)),
        ("neon.local", ("neon.local", 8080)),
        ("http://192.0.2.10:8081/", ("192.0.2.10", 8081)),
        ("[2001:db8::1]:9000", ("2001:db8::1", 9000)),
        ("2001:db8::1", ("2001:db8::1", 8080)),
    ],
)
def test_addresses_as_people_type_them(typed, expected):
    assert parse_address(typed) == expected


@pytest.mark.parametrize("typed", ["", "   ", ":8080", "192.0.2.10:0", "192.0.2.10:99999", "a:b"])
def test_what_is_no_address_is_explained(typed):
    with pytest.raises(UsageError, match=r"like 192\.0\.2\.10"):
        parse_address(typed)


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ({"serial": 123456}, "serial=123456 is no text; write serial='123456'"),
        ({"name": 5}, "name=5 is no text"),
        ({"phone_id": 5}, "phone_id=5 is no text"),
        ({"clock": 5}, "clock=5 cannot be called"),
        ({"address": 5, "port": 0}, "port=0 is not a port"),
    ],
)
def test_an_argument_that_makes_no_sense_is_named(argument, sentence):
    """A serial number without quotation marks was "123456, not 123456"."""
    with pytest.raises(UsageError, match=sentence):
        Neon.connect(**{"address": "192.0.2.10", **argument})


def test_properties_of_phone_and_glasses(simulated_neon, connect):
    simulator = simulated_neon(scene=False, phone_name="lab 3: left", module_serial="654321")
    neon = connect(simulator)
    assert neon.phone_name == "lab 3: left"
    assert neon.phone_id == simulator.phone_id
    assert neon.phone_ip == simulator.address
    assert neon.module_serial == "654321"
    assert neon.frame_name == "Simulated frame"
    assert 0 < neon.battery_percent <= 100 and neon.battery_state == "OK"
    assert neon.free_storage_bytes > 10**9 and neon.storage_state == "OK"
    assert neon.calibration().serial == "654321"


def test_properties_follow_the_phone(simulated_neon, connect, eventually):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    simulator.state.set_battery(7)
    eventually(lambda: neon.battery_percent == 7)
    assert neon.battery_state != "OK"


def test_a_refused_connection_is_one_clear_sentence(unused_port):
    with pytest.raises(NeonConnectionError, match=r"no Neon at 127\.0\.0\.1.*Companion app") as e:
        Neon.connect("127.0.0.1", unused_port)
    assert "refused" in str(e.value)
    assert "\n" not in str(e.value)


def test_a_silent_computer_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(NeonTimeoutError, match=r"did not answer within 0\.3 s"):
            Neon.connect("127.0.0.1", port, timeout_s=0.3)


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_another_web_server_is_not_taken_for_a_phone():
    class Printer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404, "out of paper")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Printer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with pytest.raises(NeonConnectionError, match=r"no Neon at .*not seem to be .*HTTP 404"):
            Neon.connect("127.0.0.1", server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    "wanted", [{"serial": "000001"}, {"name": "other phone"}, {"phone_id": "00"}]
)
def test_the_wrong_glasses_are_not_used(simulated_neon, wanted):
    simulator = simulated_neon(scene=False)
    with pytest.raises(WrongDeviceError, match=f"not {next(iter(wanted.values()))}"):
        Neon.connect(simulator.address, simulator.port, **wanted)


def test_discovery_chooses_by_serial_among_several(simulated_neon):
    simulated_neon(scene=False, advertise=True, phone_name="one", module_serial="111111")
    wanted = simulated_neon(scene=False, advertise=True, phone_name="two", module_serial="222222")
    with Neon.connect(serial="222222") as neon:
        assert (neon.phone_name, neon.port) == ("two", wanted.port)


def test_discovery_lists_all_phones(simulated_neon):
    started = [simulated_neon(scene=False, advertise=True, phone_name=n) for n in ("one", "two")]
    found = {phone.phone_id: phone for phone in discover(2.0)}
    for simulator in started:
        phone = found[simulator.phone_id]
        assert phone.port == simulator.port
        assert simulator.address in phone.addresses


def test_a_phone_that_is_not_there_is_one_clear_sentence():
    with pytest.raises(DeviceNotFoundError, match="no Neon with serial 999999 was found") as e:
        Neon.connect(serial="999999", timeout_s=0.5)
    assert "Companion app" in str(e.value)
