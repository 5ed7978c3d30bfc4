"""Finding phones, with the names of the official client's simple module."""

from __future__ import annotations

import logging

from psychopy_neon.client import DiscoveredPhone, Neon, discover
from psychopy_neon.exceptions import DeviceNotFoundError, NeonError
from psychopy_neon.protocol.service_name import ServiceName
from psychopy_neon.simple.device import Device

logger = logging.getLogger(__name__)

ROUND_S = 60.0


def discover_devices(search_duration_seconds: float) -> list[Device]:
    """All phones that announce themselves; waits the whole time, then connects to each.

    One that does not answer is left out, with a log line.

    Parameters
    ----------
    search_duration_seconds : float
        How long to look.

    Returns
    -------
    list of Device
        Connected; close each of them.

    Raises
    ------
    NeonConnectionError
        If this computer cannot listen for announcements.
    """
    devices = (_connect(phone) for phone in discover(search_duration_seconds))
    return [device for device in devices if device is not None]


def discover_one_device(max_search_duration_seconds: float | None = 10.0) -> Device | None:
    """The first phone that announces itself and answers; waits until there is one.

    Parameters
    ----------
    max_search_duration_seconds : float or None
        Longest wait; None searches for ever.

    Returns
    -------
    Device or None
        Connected; None if there was none in time.

    Raises
    ------
    NeonConnectionError
        If this computer cannot listen for announcements.
    """
    limit_s = max_search_duration_seconds
    while True:
        try:
            neon = Neon.connect(timeout_s=ROUND_S if limit_s is None else limit_s)
        except DeviceNotFoundError as error:
            logger.warning("%s", error)
            if limit_s is not None:
                return None
        else:
            return _device(neon, ServiceName(neon.phone_name, neon.phone_id), neon.dns_name)


def _connect(phone: DiscoveredPhone) -> Device | None:
    name = ServiceName(phone.phone_name, phone.phone_id)
    for address in phone.addresses:
        try:
            neon = Neon.connect(address, phone.port, phone_id=phone.phone_id)
        except NeonError as error:
            logger.warning("%s", error)
        else:
            return _device(neon, name, phone.dns_name)
    return None


def _device(neon: Neon, name: ServiceName, dns_name: str) -> Device:
    return Device.from_neon(neon, name.format(), dns_name or None)
