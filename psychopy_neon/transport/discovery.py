"""Finding Companion phones by multicast DNS (reference, section 1)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from zeroconf import (
    Error,
    IPVersion,
    ServiceBrowser,
    ServiceInfo,
    ServiceListener,
    Zeroconf,
)

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.protocol.service_name import SERVICE_TYPE, DiscoveredPhone, ServiceName
from psychopy_neon.transport.deadline import Deadline

RESOLVE_TIMEOUT_MS = 1500  # phones on one network answer within tens of milliseconds
MAX_PHONES = 100
MAX_ADDRESSES = 16  # of one phone


class Discovery:
    """Listens for phones on all interfaces until closed; use as a context manager.

    IPv4 and IPv6 are listened to apart from each other: many computers have only one of them, and
    a socket for both is not to be had on all systems.

    Raises
    ------
    NeonConnectionError
        If this computer has no network to listen on, or forbids it.
    """

    def __init__(self) -> None:
        self._found: dict[str, DiscoveredPhone] = {}
        self._changed = threading.Condition()
        self._closing = False
        # In a thread: zeroconf would take the loop of a Jupyter cell, which waits for this call.
        with ThreadPoolExecutor(1, thread_name_prefix="neon-mdns-start") as elsewhere:
            self._listening = elsewhere.submit(_listen).result()
        listener = _Listener(self._add)
        self._browsers = [ServiceBrowser(each, SERVICE_TYPE, listener) for each in self._listening]

    def __enter__(self) -> Discovery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; takes at most as long as one phone has to tell its address."""
        self._closing = True
        for browser in self._browsers:
            browser.cancel()
        for zeroconf in self._listening:
            zeroconf.close()

    def wait_for_more(self, known: int, deadline: Deadline) -> list[DiscoveredPhone]:
        """Wait until more than `known` phones have been found, and return them all.

        Raises
        ------
        NeonTimeoutError
            If no further phone was found before the deadline.
        """
        with self._changed:
            while len(self._found) <= known:
                self._changed.wait(deadline.left_s())
            return list(self._found.values())

    @property
    def found(self) -> list[DiscoveredPhone]:
        """All phones so far; never waits."""
        with self._changed:
            return list(self._found.values())

    def _add(self, zeroconf: Zeroconf, instance: str) -> None:
        name = ServiceName.parse(instance)
        if name is None or self._closing or len(self._found) >= MAX_PHONES:
            return
        info = _resolve(zeroconf, instance)
        if info is None or info.port is None:
            return
        addresses = (
            *info.parsed_scoped_addresses(IPVersion.V4Only),
            *info.parsed_scoped_addresses(IPVersion.V6Only),
        )
        with self._changed:
            known = self._found.get(instance)
            if known is not None and known.port == info.port:  # heard over the other protocol, too
                addresses = (*addresses, *known.addresses)
            self._found[instance] = DiscoveredPhone(
                name.phone_name,
                name.phone_id,
                tuple(sorted(dict.fromkeys(addresses), key=_is_ipv6)[:MAX_ADDRESSES]),
                info.port,
                info.server or "",
            )
            self._changed.notify_all()


def _listen() -> list[Zeroconf]:
    """As many of both protocols as this computer has, but one at least."""
    listening: list[Zeroconf] = []
    failure: Exception | None = None
    for version in (IPVersion.V4Only, IPVersion.V6Only):
        try:
            listening.append(Zeroconf(ip_version=version))
        except (OSError, RuntimeError, Error) as error:
            failure = failure or error
    if not listening:
        raise NeonConnectionError(
            f"phones cannot be searched for on this computer ({failure}); check that it is "
            "connected to a network, or give the address that the app shows"
        ) from failure
    return listening


def _is_ipv6(address: str) -> bool:
    return ":" in address


def _resolve(zeroconf: Zeroconf, instance: str) -> ServiceInfo | None:
    try:
        info = ServiceInfo(SERVICE_TYPE, instance)
        return info if info.request(zeroconf, RESOLVE_TIMEOUT_MS) else None
    except Error:  # a name that no service may have, or the search ended
        return None


class _Listener(ServiceListener):
    """Called in the browser's own thread, one service after the other."""

    def __init__(self, add: Callable[[Zeroconf, str], None]) -> None:
        self._add = add

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self._add(zc, name)

    update_service = add_service

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A phone that said goodbye may still answer: what connects to it will tell."""
