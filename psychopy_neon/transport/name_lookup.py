"""Addresses of a host name, waited for no longer than a deadline allows.

The system's own look-up cannot be interrupted, and for a name such as ``neon.local`` whose phone
has left the network it takes seconds.
"""

from __future__ import annotations

import socket
import threading
from typing import ClassVar

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.transport.deadline import Deadline

Address = tuple[int, int, int, str, tuple[object, ...]]


def addresses_of(host: str, port: int, deadline: Deadline) -> list[Address]:
    """What ``socket.getaddrinfo`` says for TCP, IPv4 before IPv6.

    What answers first is used for everything, and over IPv4 all of the phone's services are known
    to work (reference, 1).

    A name is looked up in a thread of its own, ``neon-lookup``, which ends when the system has
    answered; callers that want the same name meanwhile wait for the same thread.

    Raises
    ------
    OSError
        If there is no such name.
    NeonConnectionError
        If there cannot be one.
    NeonTimeoutError, ClosedError
        As the deadline says.
    """
    try:
        return list(_look_up(host, port, socket.AI_NUMERICHOST))  # never waits
    except socket.gaierror:
        return _Lookup.of(host, port).wait(deadline)


def _look_up(host: str, port: int, flags: int = 0) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
        return sorted(found, key=lambda address: address[0] == socket.AF_INET6)
    except UnicodeError as error:  # a label of a host name is empty or too long
        raise NeonConnectionError(f"{host!r} is not a host name") from error


class _Lookup:
    """One look-up under way."""

    _under_way: ClassVar[dict[tuple[str, int], _Lookup]] = {}
    _lock = threading.Lock()

    @classmethod
    def of(cls, host: str, port: int) -> _Lookup:
        """The one that is under way for this name, or a new one."""
        with cls._lock:
            lookup = cls._under_way.get((host, port))
            if lookup is None:
                lookup = cls._under_way[host, port] = cls(host, port)
                threading.Thread(target=lookup._run, name="neon-lookup", daemon=True).start()
        return lookup

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._found: list[Address] = []
        self._error: OSError | None = None
        self._done = threading.Event()

    def wait(self, deadline: Deadline) -> list[Address]:
        while not self._done.wait(deadline.slice_s()):
            pass
        if self._error is not None:
            # A new one for each caller: several threads may raise it.
            raise type(self._error)(*self._error.args) from self._error
        return self._found

    def _run(self) -> None:
        try:
            self._found = _look_up(*self._place)
        except OSError as error:
            self._error = error
        finally:
            with self._lock:
                del self._under_way[self._place]
            self._done.set()
