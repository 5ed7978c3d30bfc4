"""DNS-SD instance names of Companion phones (reference, section 1)."""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.protocol.plain_text import plain

SERVICE_TYPE = "_http._tcp.local."
PREFIX = "PI monitor"


@dataclass(frozen=True, slots=True)
class ServiceName:
    """What an instance name tells: the phone's free-text name and its id."""

    phone_name: str
    phone_id: str

    @classmethod
    def parse(cls, instance: str) -> ServiceName | None:
        """Parse an instance name; None if it is not a Companion phone.

        The phone's name may itself contain colons and dots, so both ends are cut off first.
        """
        suffix = "." + SERVICE_TYPE
        if not instance.lower().endswith(suffix):
            return None
        parts = plain(instance[: -len(suffix)]).split(":")
        if len(parts) < 3 or parts[0] != PREFIX or not parts[-1]:
            return None
        return cls(":".join(parts[1:-1]), parts[-1])

    def format(self) -> str:
        """The full instance name, service type included."""
        return f"{PREFIX}:{self.phone_name}:{self.phone_id}.{SERVICE_TYPE}"


@dataclass(frozen=True, slots=True)
class DiscoveredPhone:
    """A phone that announced itself on the network, or was found by a sweep.

    Attributes
    ----------
    phone_name, phone_id : str
        As in the app; the id never changes.
    addresses : tuple of str
        Numeric addresses, IPv4 first.
    port : int
        Of its REST service.
    dns_name : str
        Host name that it announced, such as ``"neon.local."``; no identity, since two phones may
        have the same. Empty if the phone was found in another way.
    """

    phone_name: str
    phone_id: str
    addresses: tuple[str, ...]
    port: int
    dns_name: str = ""
