"""`Device`, with the names of the official client's simple module."""

from __future__ import annotations

from typing import Protocol, TypeVar

from psychopy_neon.client import Neon
from psychopy_neon.exceptions import UsageError
from psychopy_neon.simple.components import DiscoveredDeviceInfo
from psychopy_neon.simple.device_calls import DeviceCalls
from psychopy_neon.simple.device_status import DeviceStatus
from psychopy_neon.simple.device_streams import DeviceStreams
from psychopy_neon.simple.error_log import ErrorLog
from psychopy_neon.simple.receiving import Receiving

D = TypeVar("D", bound="Device")


class HasAddress(Protocol):
    """Anything that knows where a phone is, as devices of the official client do."""

    address: str
    port: int | str
    full_name: str | None
    dns_name: str | None


class Device(DeviceStatus, DeviceCalls, DeviceStreams):
    """A phone and its glasses, through the official client's names.

    ::

        from psychopy_neon.simple import discover_one_device
        device = discover_one_device()

    A thin layer over `psychopy_neon.Neon`, which can do more and is reached as `neon`.

    Parameters
    ----------
    address : str
        As the Companion app shows it.
    port : int or str
        8080 as a rule.
    full_name, dns_name : str, optional
        As discovery found them; kept for you.
    start_streaming_by_default : bool
        Whether to start all streams at once.
    suppress_decoding_warnings : bool
        Has no effect: there are none.

    Attributes
    ----------
    neon : psychopy_neon.Neon
        What does the work.
    address, port, full_name, dns_name
        As given.

    Raises
    ------
    NeonConnectionError, NeonTimeoutError
        If no phone answers; they are an OSError and a TimeoutError. Blocks up to 10 s.
    UsageError
        If address or port make no sense; it is a ValueError.
    """

    def __init__(
        self,
        address: str,
        port: int | str,
        full_name: str | None = None,
        dns_name: str | None = None,
        start_streaming_by_default: bool = False,
        suppress_decoding_warnings: bool = True,
    ) -> None:
        del suppress_decoding_warnings
        self._adopt(Neon.connect(address, _port(port)), address, port, full_name, dns_name)
        if start_streaming_by_default:
            self.streaming_start(None)

    def _adopt(
        self,
        neon: Neon,
        address: str,
        port: int | str,
        full_name: str | None,
        dns_name: str | None,
    ) -> None:
        self.neon = neon
        self.address, self.port = address, port
        self.full_name, self.dns_name = full_name, dns_name
        self._receiving = Receiving(neon)
        self._errors = ErrorLog()
        neon.watch_status(self._errors.note)
        self._errors.note_all(neon.status)

    @classmethod
    def from_neon(
        cls: type[D], neon: Neon, full_name: str | None = None, dns_name: str | None = None
    ) -> D:
        """A device over a connection that is there already, and which it will close.

        Parameters
        ----------
        neon : psychopy_neon.Neon
            An open connection.
        full_name, dns_name : str, optional
            As discovery found them; kept for you.
        """
        device = cls.__new__(cls)
        device._adopt(neon, neon.host, neon.port, full_name, dns_name)
        return device

    @classmethod
    def from_discovered_device(cls: type[D], device: DiscoveredDeviceInfo) -> D:
        """Connect to a phone that discovery found; blocks up to 10 s.

        Parameters
        ----------
        device : DiscoveredDeviceInfo
            Its first address is used.

        Raises
        ------
        NeonConnectionError, NeonTimeoutError
            If no phone answers.
        """
        return cls(device.addresses[0], device.port, device.name, device.server)

    @classmethod
    def convert_from(cls: type[D], other: HasAddress) -> D:
        """Connect to the phone of another device object; that one stays open. Blocks up to 10 s.

        Parameters
        ----------
        other : object
            With the attributes address, port, full_name and dns_name, as the official client has.

        Raises
        ------
        NeonConnectionError, NeonTimeoutError
            If no phone answers.
        """
        return cls(other.address, other.port, other.full_name, other.dns_name)

    def __enter__(self: D) -> D:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Device(ip={self.address}, port={self.port}, dns={self.dns_name})"

    def close(self) -> None:
        """End all streams and threads; harmless if repeated.

        A recording goes on, as with the official client. A program that forgets this still ends.
        """
        self.neon.close()
        self._receiving.forget()


def _port(port: int | str) -> int:
    try:
        return int(port)
    except ValueError:
        raise UsageError(f"{port!r} is not a port; expected a number, 8080 as a rule") from None
