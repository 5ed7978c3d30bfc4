"""Finding phones without an address. The sweeps here touch loopback only."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from psychopy_neon import (
    DeviceNotFoundError,
    Neon,
    NeonConnectionError,
    UsageError,
    discover,
)
from psychopy_neon.client import finding
from psychopy_neon.client.finding import phones_as_found
from psychopy_neon.transport import discovery

PLACES = [f"127.0.8.{n}" for n in range(1, 60)]


@pytest.fixture
def mute(simulated_neon):
    """Start a phone that does not announce itself, on an address of its own."""

    def start(number=33, **options):
        return simulated_neon(scene=False, host=f"127.0.8.{number}", **options)

    return start


@pytest.fixture
def without_multicast(monkeypatch):
    """This computer cannot listen for announcements."""

    def no_network(*_: object, **__: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(discovery, "Zeroconf", no_network)


def test_a_phone_that_cannot_announce_itself_is_found_by_a_sweep(mute):
    phone = mute(33, module_serial="222333")
    with Neon.connect(port=phone.port, sweep=PLACES, serial="222333") as neon:
        assert (neon.host, neon.port) == (phone.address, phone.port)


def test_a_sweep_happens_also_when_there_is_little_time(mute):
    phone = mute()
    with Neon.connect(port=phone.port, sweep=PLACES, phone_id=phone.phone_id, timeout_s=1.5) as n:
        assert n.host == phone.address


def test_a_sweep_works_where_announcements_cannot_be_heard(mute, without_multicast):
    phone = mute()
    with Neon.connect(port=phone.port, sweep=PLACES, timeout_s=5.0) as neon:
        assert neon.host == phone.address
    (found,) = discover(1.0, sweep=PLACES, port=phone.port)
    assert (found.phone_id, found.addresses) == (phone.phone_id, (phone.address,))
    assert found.dns_name == ""
    with pytest.raises(NeonConnectionError, match="unreachable"):
        discover(0.5)


def test_a_sweep_chooses_like_any_search(mute, without_multicast):
    wrong = mute(20, module_serial="111111")
    right = mute(40, module_serial="222222", http_port=wrong.port)
    with Neon.connect(port=wrong.port, sweep=PLACES, serial="222222", timeout_s=5.0) as neon:
        assert neon.host == right.address
    with pytest.raises(DeviceNotFoundError, match=r"serial is 111111, not 999999"):
        Neon.connect(port=wrong.port, sweep=PLACES, serial="999999", timeout_s=1.0)


def test_of_many_phones_that_are_not_wanted_a_few_are_named(mute, without_multicast):
    first = mute(10)
    phones = [first, *(mute(host, http_port=first.port) for host in range(11, 15))]
    with pytest.raises(DeviceNotFoundError) as caught:
        Neon.connect(
            port=first.port,
            sweep=[phone.address for phone in phones],
            serial="999999",
            timeout_s=2.0,
        )
    assert str(caught.value).count("not 999999") == 3
    assert "; and 2 more. Check" in str(caught.value)


def test_another_server_at_that_port_is_passed_over(mute, without_multicast):
    phone = mute()
    with socket.create_server(("127.0.8.2", phone.port)) as other:
        answering = threading.Thread(target=_answer_nonsense, args=(other,))
        answering.start()
        with Neon.connect(port=phone.port, sweep=PLACES, timeout_s=5.0) as neon:
            assert neon.host == phone.address
        answering.join(10.0)


def _answer_nonsense(server):
    body = b'{"result": []}'
    server.settimeout(2.0)  # it may be that nobody asks, if the phone answers first
    with contextlib.suppress(TimeoutError):
        for _ in range(2):  # the knock, and the question who is there
            connection, _ = server.accept()
            with connection:
                if connection.recv(10_000):
                    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
                    connection.sendall(head.encode() + body)


def test_nothing_is_swept_unless_asked_for(monkeypatch):
    def never(*_: object, **__: object) -> list[str]:
        raise AssertionError("a sweep that nobody asked for")

    monkeypatch.setattr(finding, "open_at", never)
    monkeypatch.setattr(finding, "neighbours", never)
    with pytest.raises(DeviceNotFoundError):
        Neon.connect(serial="999999", timeout_s=0.3)
    discover(0.2)


def test_true_means_the_neighbours_of_this_computer(mute, without_multicast, monkeypatch):
    monkeypatch.setattr(finding, "neighbours", lambda: PLACES)
    phone = mute()
    assert [p.phone_id for p in discover(1.0, sweep=True, port=phone.port)] == [phone.phone_id]


def test_one_address_as_a_text_is_no_list(without_multicast):
    with pytest.raises(UsageError, match="list"):
        Neon.connect(sweep="127.0.0.1", timeout_s=1.0)


def test_a_phone_that_does_not_answer_at_first_is_asked_again(simulated_neon):
    phone = simulated_neon(scene=False, advertise=True)
    phone.faults.http_error(503, path="/api/status", count=2)
    with Neon.connect(phone_id=phone.phone_id, timeout_s=15.0) as neon:
        assert (neon.phone_id, neon.dns_name) == (phone.phone_id, "neon.local.")


def test_so_is_one_whose_glasses_are_not_plugged_in_yet(simulated_neon):
    phone = simulated_neon(scene=False, advertise=True, module_serial="242424")
    phone.faults.unplug()
    replug = threading.Timer(0.5, phone.faults.replug)
    replug.start()
    with Neon.connect(serial="242424", timeout_s=15.0) as neon:
        assert neon.phone_id == phone.phone_id
    replug.join()


def test_a_search_can_be_stopped(without_multicast):
    stopping = threading.Event()
    stopping.set()
    assert list(phones_as_found(60.0, stopping, sweep=PLACES[:1], port=9)) == []


def test_each_phone_is_given_once(mute, simulated_neon):
    announced = simulated_neon(scene=False, advertise=True, host="127.0.8.12")
    phones = phones_as_found(1.5, threading.Event(), sweep=PLACES, port=announced.port)
    assert [p.phone_id for p in phones].count(announced.phone_id) == 1


def test_phones_that_were_heard_during_a_long_sweep_are_given(simulated_neon, monkeypatch):
    phone = simulated_neon(scene=False, advertise=True)

    def sweep_until(_addresses, _port, deadline):
        threading.Event().wait(deadline.left_s())
        return iter(())

    monkeypatch.setattr(finding, "open_at", sweep_until)
    found = list(phones_as_found(2.0, threading.Event(), sweep=PLACES))
    assert phone.phone_id in [each.phone_id for each in found]
    assert phone.phone_id in [each.phone_id for each in discover(2.0, sweep=PLACES)]
