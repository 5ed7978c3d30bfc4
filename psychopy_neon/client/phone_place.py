"""Where the phone is, and that what answers there is still the same phone."""

from __future__ import annotations

from psychopy_neon.exceptions import WrongDeviceError
from psychopy_neon.protocol.status import Phone


class PhonePlace:
    """The address of one phone, shared by everything that connects to it.

    Two labs may both have a ``neon.local``, and after an outage an address may belong to another
    phone. So only the address that was reached is used; the name is looked up again by whoever
    follows the status, when nothing answers there, and what answers then must have the same id.

    Parameters
    ----------
    host : str
        As the user gave it: a name or an address.
    port : int
        Of the phone's REST service.
    ip : str
        Address that was reached; empty if that is not known apart from `host`.
    phone_id : str
        The phone's unchanging id; if it is empty, whoever answers is taken for the phone.

    Attributes
    ----------
    host, port
        As given.
    ip : str
        Where the phone was seen last.
    is_in_doubt : bool
        Whether the status link is down, so that nobody vouches for the address: who connects now
        has to ask who answers.
    stranger : str
        Why what answers is left alone; empty unless another phone does.
    """

    def __init__(self, host: str, port: int, ip: str = "", phone_id: str = "") -> None:
        self.host, self.port = host, port
        self.ip = ip or host
        self.is_in_doubt = False
        self.stranger = ""
        self._phone_id = phone_id

    def check(self, phone: Phone | None) -> None:
        """Raise `WrongDeviceError` if this is not the phone that was connected to."""
        found = phone.device_id if phone is not None else ""
        if not self._phone_id or found == self._phone_id:
            return
        name = f"{phone.device_name!r}, id {found}" if phone is not None else "without a name"
        raise WrongDeviceError(
            f"another phone ({name}) answers in place of {self._phone_id} and is left alone"
        )
