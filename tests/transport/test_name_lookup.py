from __future__ import annotations

import socket
import threading

import pytest

from psychopy_neon import ClosedError, NeonTimeoutError
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.name_lookup import addresses_of

NAME, PORT = "neon.local", 8080


@pytest.fixture
def slow_names(monkeypatch):
    """A system that does not answer before it is allowed to; which names it was asked for."""
    asked, allowed = [], threading.Event()
    really_look_up = socket.getaddrinfo

    def look_up(host, port, **how):
        if how.get("flags"):
            return really_look_up(host, port, **how)
        asked.append(host)
        allowed.wait(20.0)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield asked, allowed
    allowed.set()


def test_a_slow_look_up_is_given_up_in_time(slow_names, stopwatch):
    with pytest.raises(NeonTimeoutError, match=r"no answer within 0\.2 s"):
        addresses_of(NAME, PORT, Deadline(0.2, "answer"))
    assert stopwatch.own_s < 2.0


def test_a_slow_look_up_ends_when_told_to_stop(slow_names, stopwatch):
    stopping = threading.Event()
    timer = threading.Timer(0.1, stopping.set)
    timer.start()
    with pytest.raises(ClosedError):
        addresses_of(NAME, PORT, Deadline(60.0, "answer", stopping))
    assert stopwatch.own_s < 2.0
    timer.join()


def test_tries_that_follow_each_other_wait_for_the_same_look_up(slow_names):
    asked, allowed = slow_names
    for _ in range(3):
        with pytest.raises(NeonTimeoutError):
            addresses_of(NAME, PORT, Deadline(0.05, "answer"))
    assert asked == [NAME]
    allowed.set()
    with pytest.raises(socket.gaierror, match="not known"):
        addresses_of(NAME, PORT, Deadline(10.0, "answer"))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_address_is_not_looked_up(slow_names, address):
    asked, _ = slow_names
    assert addresses_of(address, PORT, Deadline(10.0, "answer"))[0][4][:2] == (address, PORT)
    assert asked == []


def test_ipv4_is_tried_first(monkeypatch):
    six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", PORT, 0, 0))
    four = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.10", PORT))

    def look_up(host, port, **how):
        if how.get("flags"):
            raise socket.gaierror(socket.EAI_NONAME, "not an address")
        return [six, four]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert addresses_of(NAME, PORT, Deadline(10.0, "answer")) == [four, six]
