"""Knocking at one port of all neighbours, for networks that swallow multicast.

Nothing here runs unless somebody asks for it: it sends a connection request to every address.
"""

from __future__ import annotations

import errno
import ipaddress
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from psychopy_neon.exceptions import ClosedError, NeonTimeoutError, UsageError
from psychopy_neon.transport.deadline import Deadline

PRIVATE = tuple(
    ipaddress.IPv4Network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
WIDEST_PREFIX = 24  # 254 neighbours
MAX_NETWORKS = 4
MAX_ADDRESSES = 1_024
PARALLEL = 128  # 1024 that keep silent take four seconds
KNOCK_S = 0.5  # a phone with its screen off may take a few tenths of a second
POLL_S = 0.05
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", -1))


def neighbours() -> list[str]:
    """Addresses around those of this computer: at most the /24 of each private IPv4 address.

    Sends nothing.
    """
    import ifaddr

    own = [
        (str(ip.ip), ip.network_prefix)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4
    ]
    return addresses_around(own)


def addresses_around(own: Iterable[tuple[str, int]]) -> list[str]:
    """Neighbours of some addresses, without these.

    Parameters
    ----------
    own : iterable of tuple of str and int
        IPv4 addresses and the lengths of their network prefixes. Public ones are left out, and
        of a network wider than /24 only the /24 around the address is taken.
    """
    own = list(own)
    networks: dict[ipaddress.IPv4Network, None] = {}
    for address, prefix in own:
        ip = ipaddress.IPv4Address(address)
        if any(ip in private for private in PRIVATE):
            prefix = max(prefix, WIDEST_PREFIX)
            networks[ipaddress.IPv4Network((ip, prefix), strict=False)] = None
    mine = {address for address, _ in own}
    around = (str(ip) for network in islice(networks, MAX_NETWORKS) for ip in network.hosts())
    return [address for address in around if address not in mine]


def open_at(
    addresses: Iterable[str], port: int, deadline: Deadline, *, knock_s: float = KNOCK_S
) -> Iterator[str]:
    """Which of these addresses accept connections at a port, as they answer.

    Parameters
    ----------
    addresses : iterable of str
        IPv4 addresses; no more than `MAX_ADDRESSES` are tried, `PARALLEL` at a time.
    port : int
    deadline : Deadline
        For all of them together; what has not answered by then is left out.
    knock_s : float
        How long one address may take.

    Raises
    ------
    UsageError
        If something else than IPv4 addresses is among them.
    """
    checked = deque(_checked(address) for address in islice(addresses, MAX_ADDRESSES))
    with selectors.DefaultSelector() as selector:
        knocks = _Knocks(selector, checked, port, knock_s)
        try:
            while knocks.go_on():
                yield from knocks.answers(min(POLL_S, deadline.left_s()))
        except (NeonTimeoutError, ClosedError):
            return
        finally:
            knocks.close()


def _checked(address: str) -> str:
    """A name would be looked up, which waits and asks others."""
    try:
        return str(ipaddress.IPv4Address(address))
    except ValueError:
        raise UsageError(f"{address!r} is no IPv4 address; a sweep needs a list of them") from None


class _Knocks:
    """Connections under way."""

    def __init__(
        self, selector: selectors.BaseSelector, waiting: deque[str], port: int, knock_s: float
    ) -> None:
        self._selector = selector
        self._waiting = waiting
        self._port = port
        self._knock_s = knock_s

    def go_on(self) -> bool:
        """Start what may start, give up what took too long; False if nothing is left."""
        now_s = time.perf_counter()
        for key in list(self._selector.get_map().values()):
            if now_s > key.data[1]:
                self._end(key)
        while self._waiting and len(self._selector.get_map()) < PARALLEL:
            self._start(self._waiting.popleft(), now_s + self._knock_s)
        return bool(self._selector.get_map())

    def answers(self, timeout_s: float) -> list[str]:
        """Addresses that accepted within `timeout_s`."""
        accepted = []
        for key, _ in self._selector.select(timeout_s):
            link: socket.socket = key.fileobj  # type: ignore[assignment]
            if link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                accepted.append(key.data[0])
            self._end(key)
        return accepted

    def close(self) -> None:
        """Hang up everywhere."""
        for key in list(self._selector.get_map().values()):
            self._end(key)

    def _start(self, address: str, give_up_s: float) -> None:
        link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        link.setblocking(False)
        if link.connect_ex((address, self._port)) in _UNDER_WAY:
            self._selector.register(link, selectors.EVENT_WRITE, (address, give_up_s))
        else:
            link.close()

    def _end(self, key: selectors.SelectorKey) -> None:
        link: socket.socket = key.fileobj  # type: ignore[assignment]
        self._selector.unregister(link)
        link.close()
