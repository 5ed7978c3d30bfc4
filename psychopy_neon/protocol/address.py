"""What a user types to name a phone or glasses."""

from __future__ import annotations

from urllib.parse import urlsplit

from psychopy_neon.exceptions import UsageError

DEFAULT_PORT = 8080


def parse_address(address: str, port: int = DEFAULT_PORT) -> tuple[str, int]:
    """Split what a user may type: ``host``, ``host:port``, ``[::1]:8080``, ``http://host:port``.

    Raises
    ------
    UsageError
        If there is no host in it, or the port is not a number from 1 to 65535.
    """
    given: object = port
    if not isinstance(given, int) or not 0 < given < 65_536:
        raise UsageError(
            f"port={port!r} is not a port; expected a number from 1 to 65535, mostly 8080"
        )
    text = str(address).strip()
    if text.count(":") > 1 and not text.startswith("[") and "://" not in text:
        text = f"[{text}]"  # a bare IPv6 address
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, given_port = parts.hostname, parts.port
    except ValueError:
        host, given_port = None, None
    number = port if given_port is None else given_port
    if not host or " " in host or not 0 < number < 65_536:
        raise UsageError(
            f"{address!r} is not an address; expected the phone's address as the Companion app "
            "shows it, like 192.0.2.10 or 192.0.2.10:8080"
        )
    return host, number


def check_serial(serial: str) -> None:
    """Refuse what cannot be the serial number of glasses.

    Raises
    ------
    UsageError
        If it has anything but digits.
    """
    if not (serial.isascii() and serial.isdigit()):
        raise UsageError(
            f"{serial!r} is not the serial number of glasses; expected its digits, like 123456, "
            "as in the Companion app"
        )
