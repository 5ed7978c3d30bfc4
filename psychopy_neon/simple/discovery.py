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
    """
    devices = (_connect(phone) for phone in discover(search_duration_seconds))
    return [device for device in devices if device is not None]


def discover_one_device(max_search_duration_seconds: float | None = 10.0) -> Device | None:
    """The first phone that announces itself and answers; None if there is none in time.

    Parameters
    ----------
    max_search_duration_seconds : float or None
        None searches for ever.
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
            return Device.from_neon(neon, ServiceName(neon.phone_name, neon.phone_id).format())


def _connect(phone: DiscoveredPhone) -> Device | None:
    name = ServiceName(phone.phone_name, phone.phone_id).format()
    for address in phone.addresses:
        try:
            neon = Neon.connect(address, phone.port, phone_id=phone.phone_id)
        except NeonError as error:
            logger.warning("%s", error)
        else:
            return Device.from_neon(neon, name)
    return None
