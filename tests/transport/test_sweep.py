"""Only addresses of loopback are knocked at here."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading

import pytest

from psychopy_neon import UsageError
from psychopy_neon.transport import sweep
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.sweep import addresses_around, neighbours, open_at

LOOPBACK = [f"127.0.7.{n}" for n in range(1, 255)]


def test_neighbours_are_those_of_the_same_24():
    around = addresses_around([("192.168.3.17", 24)])
    assert len(around) == 253
    assert around[0] == "192.168.3.1" and around[-1] == "192.168.3.254"
    assert "192.168.3.17" not in around


@pytest.mark.parametrize(
    ("address", "prefix", "count"),
    [
        ("10.1.2.3", 8, 253),  # not all 16 million
        ("172.31.0.1", 16, 253),
        ("192.168.1.130", 28, 13),  # what is beyond belongs to somebody else
        ("192.168.1.1", 32, 0),
        ("127.0.0.1", 8, 0),
        ("169.254.7.7", 16, 0),
        ("203.0.113.5", 24, 0),  # a public address: its neighbours are strangers
        ("172.32.0.1", 16, 0),
    ],
)
def test_only_private_networks_and_never_more_than_a_24(address, prefix, count):
    around = addresses_around([(address, prefix)])
    assert len(around) == count
    network = ipaddress.IPv4Network((address, 24), strict=False)
    assert all(ipaddress.IPv4Address(ip) in network for ip in around)


def test_the_number_of_networks_is_bounded_and_none_is_taken_twice():
    same = [("192.168.1.5", 24), ("192.168.1.6", 24)]
    assert len(addresses_around(same)) == 252
    many = [(f"10.0.{n}.1", 24) for n in range(50)]
    assert len(addresses_around(many)) == 253 * sweep.MAX_NETWORKS <= sweep.MAX_ADDRESSES


def test_neighbours_of_this_computer_are_private():
    assert all(ipaddress.IPv4Address(ip).is_private for ip in neighbours())


def test_what_listens_is_found_among_many(serve, stopwatch):
    server = serve(lambda _: None, "127.0.7.200")
    found = list(open_at(LOOPBACK, server.port, Deadline(10.0, "phone")))
    assert found == ["127.0.7.200"]
    assert stopwatch.own_s < 5.0


@pytest.mark.parametrize("place", ["neon.local", "127.0.0.300", "", "::1"])
def test_a_name_is_refused_since_it_would_be_looked_up(place):
    with pytest.raises(UsageError, match="no IPv4 address"):
        list(open_at(["127.0.7.1", place], 9, Deadline(10.0, "phone")))


@pytest.fixture
def silent():
    """A port of loopback that answers nobody: its queue is full."""
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.7.9", 0), backlog=0))
        for _ in range(3):
            link = opened.enter_context(socket.socket())
            link.setblocking(False)
            link.connect_ex(listener.getsockname())
        yield listener.getsockname()


def test_one_that_stays_silent_does_not_hold_up_the_others(serve, silent, stopwatch):
    address, port = silent
    with socket.create_server(("127.0.7.10", port)):
        places = [address, "127.0.7.10"]
        found = open_at(places, port, Deadline(10.0, "phone"), knock_s=0.3)
        assert next(found) == "127.0.7.10"
        assert stopwatch.own_s < 0.25
        assert list(found) == []
    assert stopwatch.passed_s > 0.25 and stopwatch.own_s < 3.0


def test_all_end_at_the_deadline(silent, stopwatch):
    address, port = silent
    assert list(open_at([address] * 200, port, Deadline(0.3, "phone"), knock_s=60.0)) == []
    assert stopwatch.own_s < 2.0


def test_it_can_be_stopped(silent, stopwatch):
    address, port = silent
    stopping = threading.Event()
    stopper = threading.Timer(0.1, stopping.set)
    stopper.start()
    assert list(open_at([address], port, Deadline(30.0, "phone", stopping), knock_s=60.0)) == []
    assert stopwatch.own_s < 2.0
    stopper.join()


def test_no_more_than_the_allowed_number_at_once_and_in_all(silent, monkeypatch):
    monkeypatch.setattr(sweep, "PARALLEL", 4)
    monkeypatch.setattr(sweep, "MAX_ADDRESSES", 10)
    started = []
    start = sweep._Knocks._start

    def count(knocks, address, give_up_s):
        start(knocks, address, give_up_s)
        started.append(len(knocks._selector.get_map()))

    monkeypatch.setattr(sweep._Knocks, "_start", count)
    address, port = silent
    list(open_at([address] * 50, port, Deadline(10.0, "phone"), knock_s=0.05))
    assert len(started) == 10 and max(started) == 4


def test_no_socket_is_left_open(serve):
    psutil = pytest.importorskip("psutil")
    server = serve(lambda _: None, "127.0.7.50")
    before = psutil.Process().num_fds()
    for _ in range(3):
        list(open_at(LOOPBACK[:60], server.port, Deadline(10.0, "phone")))
    assert psutil.Process().num_fds() <= before + 6  # the server's own, one for each knock
