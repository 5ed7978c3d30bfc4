"""Finding phones that nobody typed an address of."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from psychopy_neon.client.connecting import DEFAULT_PORT, Answered, Wanted, ask
from psychopy_neon.exceptions import (
    ClosedError,
    DeviceNotFoundError,
    NeonConnectionError,
    NeonError,
    NeonTimeoutError,
    UsageError,
)
from psychopy_neon.protocol.service_name import DiscoveredPhone
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.sweep import neighbours, open_at

if TYPE_CHECKING:
    from psychopy_neon.transport.discovery import Discovery

logger = logging.getLogger(__name__)

ASK_S = 2.0
RETRY_S = 1.0
LOOK_S = 0.25
MOST_REASONS = 3  # any number of phones may announce themselves
SWEEP_AFTER_S = 2.0  # phones that announce themselves do so within a second
Sweep = bool | Sequence[str]


def discover(
    timeout_s: float = 5.0, *, sweep: Sweep = False, port: int = DEFAULT_PORT
) -> list[DiscoveredPhone]:
    """All phones on this network; waits `timeout_s` seconds (reference, 1).

    Parameters
    ----------
    timeout_s : float
        How long to look, seconds.
    sweep : bool or sequence of str
        Whether to look also for phones that do not announce themselves, because the network
        blocks multicast: True sends a connection request to each neighbour of this computer (at
        most the /24 around each of its private IPv4 addresses), a sequence to these addresses.
        Ask who runs the network first: such a sweep can look like an attack.
    port : int
        To try then.

    Returns
    -------
    list of DiscoveredPhone
        In the order in which they were found; empty if there is none.

    Raises
    ------
    NeonConnectionError
        If this computer cannot listen for announcements, and `sweep` is off.
    UsageError
        If `sweep` is one text instead of a list, or holds what is no IPv4 address.
    """
    deadline = Deadline(timeout_s, "phone")
    with _announcements(optional=bool(sweep)) as discovery:
        swept = list(_swept_phones(sweep, port, deadline))
        found = _wait_to_the_end(discovery, deadline)
    known = {phone.phone_id for phone in found}
    return found + [phone for phone in swept if phone.phone_id not in known]


def phones_as_found(
    timeout_s: float,
    stopping: threading.Event,
    *,
    sweep: Sweep = False,
    port: int = DEFAULT_PORT,
) -> Iterator[DiscoveredPhone]:
    """As `discover`, but gives each phone, once, as soon as it is found.

    Parameters
    ----------
    timeout_s : float
    stopping : threading.Event
        Ends the search when set, within a quarter of a second.
    sweep, port
        As for `discover`.
    """
    deadline = Deadline(timeout_s, "phone", stopping)
    known: set[str] = set()
    with _announcements(optional=bool(sweep)) as discovery:
        for phone in _found_or_swept(discovery, sweep, port, deadline):
            if phone.phone_id not in known:
                known.add(phone.phone_id)
                yield phone


def _found_or_swept(
    discovery: Discovery | None, sweep: Sweep, port: int, deadline: Deadline
) -> Iterator[DiscoveredPhone]:
    yield from _swept_phones(sweep, port, deadline)
    seen = 0
    try:
        while True:
            phones = _wait_for_more(discovery, seen, min(LOOK_S, deadline.left_s()))
            yield from phones[seen:]
            seen = len(phones)
    except (NeonTimeoutError, ClosedError):
        yield from [] if discovery is None else discovery.found[seen:]  # a sweep may take long


def find(
    wanted: Wanted, timeout_s: float, *, sweep: Sweep = False, port: int = DEFAULT_PORT
) -> Answered:
    """The first phone that can be found, answers, and is the wanted one.

    One that announces itself and does not answer, or not yet as the wanted one, is asked again
    each second. A sweep starts when announcements have brought nothing for two seconds.

    Raises
    ------
    DeviceNotFoundError
        If there is none within `timeout_s`.
    NeonConnectionError
        As `discover`.
    """
    deadline = Deadline(timeout_s, "phone")
    search = _Search(wanted, deadline)
    with _announcements(optional=bool(sweep)) as discovery:
        try:
            return _find(search, discovery, sweep, port, min(SWEEP_AFTER_S, timeout_s / 4))
        except NeonTimeoutError:
            raise DeviceNotFoundError(_not_found(wanted, timeout_s, search.reasons)) from None


def _find(
    search: _Search, discovery: Discovery | None, sweep: Sweep, port: int, sweep_after_s: float
) -> Answered:
    before_sweep = Deadline(sweep_after_s, "phone")
    phones: list[DiscoveredPhone] = []
    swept: list[DiscoveredPhone] = []
    while True:
        if sweep and (discovery is None or before_sweep.has_passed):
            swept = list(_open_places(sweep, port, search.deadline))
            sweep = False
        answered = search.ask_all([*phones, *swept])
        if answered is not None:
            return answered
        swept = [place for place in swept if place in search.silent]
        pause_s = min(LOOK_S if sweep else RETRY_S, search.deadline.left_s())
        phones = _wait_for_more(discovery, len(phones), pause_s)


class _Search:
    """Asks phones who they are.

    Attributes
    ----------
    reasons : dict of DiscoveredPhone to str
        Why each was not taken.
    silent : set of DiscoveredPhone
        Those that did not answer in time, the last time.
    """

    def __init__(self, wanted: Wanted, deadline: Deadline) -> None:
        self.deadline = deadline
        self.reasons: dict[DiscoveredPhone, str] = {}
        self.silent: set[DiscoveredPhone] = set()
        self._wanted = wanted

    def ask_all(self, phones: Iterable[DiscoveredPhone]) -> Answered | None:
        """The first that is the wanted one; those not asked before come first."""
        for phone in sorted(phones, key=lambda each: each in self.reasons):
            answered = self._ask(phone)
            if answered is None:
                continue
            mismatch = self._wanted.mismatch(answered.status)
            if mismatch is None:
                return answered
            self.reasons[phone] = f"{answered.host}: {mismatch}"
        return None

    def _ask(self, phone: DiscoveredPhone) -> Answered | None:
        """The first address of a phone that answers."""
        self.silent.discard(phone)
        for host in phone.addresses:
            timeout_s = min(ASK_S, self.deadline.left_s())
            try:
                answered = ask(host, phone.port, timeout_s)
            except NeonError as error:
                self.reasons[phone] = str(error)
                if isinstance(error, NeonTimeoutError):
                    self.silent.add(phone)
                continue
            if answered.status.phone is not None:
                return replace(answered, dns_name=phone.dns_name)
            self.reasons[phone] = f"what answers at {host} says nothing about a phone"
        return None


# -- announcements ----------------------------------------------------------------------------


@contextmanager
def _announcements(*, optional: bool) -> Iterator[Discovery | None]:
    """Listen for phones; None if this computer cannot, and that is no hindrance."""
    from psychopy_neon.transport.discovery import Discovery  # loading zeroconf takes a while

    try:
        discovery = Discovery()
    except NeonConnectionError as error:
        if not optional:
            raise
        logger.warning("%s", error)
        yield None
        return
    with discovery:
        yield discovery


def _wait_to_the_end(discovery: Discovery | None, deadline: Deadline) -> list[DiscoveredPhone]:
    found: list[DiscoveredPhone] = []
    try:
        while discovery is not None:
            found = discovery.wait_for_more(len(found), deadline)
    except NeonTimeoutError:
        pass
    return found


def _wait_for_more(
    discovery: Discovery | None, known: int, timeout_s: float
) -> list[DiscoveredPhone]:
    """All phones so far, as soon as there are more than `known` or after `timeout_s`."""
    if discovery is None:
        time.sleep(timeout_s)  # until the next try
        return []
    try:
        return discovery.wait_for_more(known, Deadline(timeout_s, "phone"))
    except NeonTimeoutError:
        return discovery.found


# -- sweeping ---------------------------------------------------------------------------------


def _open_places(sweep: Sweep, port: int, deadline: Deadline) -> Iterator[DiscoveredPhone]:
    """Neighbours that accept connections; what they are is not known yet."""
    if isinstance(sweep, str):
        raise UsageError(f"sweep={sweep!r} is no list of addresses; expected True or a list")
    addresses = neighbours() if sweep is True else sweep or ()
    logger.info("knocking at port %d of %d addresses", port, len(addresses))
    for host in open_at(addresses, port, deadline):
        yield DiscoveredPhone("", "", (host,), port)


def _swept_phones(sweep: Sweep, port: int, deadline: Deadline) -> Iterator[DiscoveredPhone]:
    for place in list(_open_places(sweep, port, deadline)) if sweep else ():
        host = place.addresses[0]
        try:
            status = ask(host, port, min(ASK_S, deadline.left_s())).status
        except NeonError as error:
            logger.info("%s", error)
            continue
        if status.phone is not None:
            yield DiscoveredPhone(status.phone.device_name, status.phone.device_id, (host,), port)


def _not_found(wanted: Wanted, timeout_s: float, reasons: dict[DiscoveredPhone, str]) -> str:
    listed = "; ".join(list(reasons.values())[:MOST_REASONS])
    more = len(reasons) - MOST_REASONS
    others = f"; and {more} more" if more > 0 else ""
    seen = f" Phones that were not taken: {listed}{others}." if reasons else ""
    return (
        f"no Neon{wanted} was found within {timeout_s:g} s.{seen} Check that the Companion app is "
        "open and in the same network, or give the address that the app shows"
    )
