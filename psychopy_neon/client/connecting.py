"""From what the user typed to a phone that answered and is the right one."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from psychopy_neon.client.phone_place import PhonePlace
from psychopy_neon.exceptions import (
    DeviceError,
    NeonConnectionError,
    NeonError,
    NeonTimeoutError,
    UsageError,
    WrongDeviceError,
)
from psychopy_neon.protocol.address import DEFAULT_PORT as DEFAULT_PORT
from psychopy_neon.protocol.address import parse_address as parse_address
from psychopy_neon.protocol.rest import GET_STATUS
from psychopy_neon.protocol.status import Status, parse_status
from psychopy_neon.transport.http import RestConnection, bracketed

ANSWER_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which phone or glasses the user asked for; None means any.

    Raises
    ------
    UsageError
        If one is no text: a number would never be that of the phone, and look the same in words.
    """

    name: str | None = None
    phone_id: str | None = None
    serial: str | None = None

    def __post_init__(self) -> None:
        for what, asked in asdict(self).items():
            if asked is not None and not isinstance(asked, str):
                raise UsageError(f"{what}={asked!r} is no text; write {what}={str(asked)!r}")

    def mismatch(self, status: Status) -> str | None:
        """One clause on why this phone is not the wanted one; None if it is."""
        phone, hardware = status.phone, status.hardware
        found = {
            "phone name": (self.name, phone and phone.device_name),
            "phone id": (self.phone_id, phone and phone.device_id),
            "serial": (self.serial, hardware and hardware.serial),
        }
        for what, (asked, got) in found.items():
            if asked is not None and asked != got:
                return f"its {what} is {got or 'not known'!s}, not {asked}"
        return None

    def __str__(self) -> str:
        parts = {"name": self.name, "id": self.phone_id, "serial": self.serial}
        given = [f"{key} {value}" for key, value in parts.items() if value is not None]
        return f" with {' and '.join(given)}" if given else ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A phone that answered: where, what it says about itself, and its host name if announced.

    `ip` is the numeric address that was reached under `host`.
    """

    host: str
    port: int
    status: Status
    dns_name: str = ""
    ip: str = ""

    @property
    def place(self) -> PhonePlace:
        """The place of this phone, and of no other that may answer there later."""
        phone = self.status.phone
        return PhonePlace(self.host, self.port, self.ip, "" if phone is None else phone.device_id)


def ask(host: str, port: int, timeout_s: float = ANSWER_TIMEOUT_S) -> Answered:
    """Get the status of the phone at an address.

    Raises
    ------
    NeonTimeoutError
        If nothing answers in time.
    NeonConnectionError
        If nothing can be reached there, or what answers is not a Companion phone.
    """
    connection = RestConnection(host, port)
    try:
        status = parse_status(connection.call(GET_STATUS, timeout_s))
    except NeonTimeoutError as error:
        raise NeonTimeoutError(_no_neon(host, port, str(error))) from error
    except DeviceError as error:
        raise NeonConnectionError(_no_neon(host, port, _stranger(error))) from error
    except NeonError as error:
        raise NeonConnectionError(_no_neon(host, port, str(error))) from error
    finally:
        connection.close()
    return Answered(host, port, status, ip=connection.peer)


def _stranger(error: DeviceError) -> str:
    """At a wrong address there may be a printer or a router, and "the phone" would mislead."""
    if error.status >= 500:
        return str(error)
    return f"what answers there does not seem to be the Companion app (HTTP {error.status})"


def _no_neon(host: str, port: int, problem: str) -> str:
    return (
        f"no Neon at {bracketed(host)}:{port}: {problem}. Check that the Companion app is open, "
        "that phone and computer are in the same network, and that the address is the one the app "
        "shows"
    )


def connect_to(address: str, port: int, wanted: Wanted, timeout_s: float) -> Answered:
    """Reach the phone at an address, and make sure that it is the wanted one."""
    answered = ask(*parse_address(address, port), min(timeout_s, ANSWER_TIMEOUT_S))
    mismatch = wanted.mismatch(answered.status)
    if mismatch is not None:
        raise WrongDeviceError(
            f"the phone at {address} is not the one asked for: {mismatch}. "
            "Correct the address, or what was asked for"
        )
    return answered
