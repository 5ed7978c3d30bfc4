"""Errors that users of psychopy_neon can meet.

::

    NeonError
    ├── NeonConnectionError     nothing answers, or the link broke   (also ConnectionError)
    │   ├── DeviceNotFoundError discovery found no phone, or none that was asked for
    │   └── WrongDeviceError    something answered, but not the glasses that were asked for
    ├── NeonTimeoutError        no answer in the time allowed         (also TimeoutError)
    ├── DeviceError             the phone answered, and refused
    ├── ProtocolError           the peer sent bytes that do not follow the protocol
    ├── ClosedError             the object was used after close()
    └── UsageError              the caller asked for something impossible (also ValueError)
        └── InvalidAnswersError answers do not fit the template

"You asked for something wrong" (`UsageError`) and "the device sent something wrong"
(`ProtocolError`) are different branches on purpose: the first is mended in the script, the
second is reported to us.
"""

from __future__ import annotations

from collections.abc import Sequence


class NeonError(Exception):
    """Base class of every error that this package raises on purpose."""


class NeonConnectionError(NeonError, ConnectionError):
    """Nothing answers at the address, or an open link broke."""


class DeviceNotFoundError(NeonConnectionError):
    """Discovery ended without a phone, or without the one that was asked for."""


class WrongDeviceError(NeonConnectionError):
    """A phone answered, but it is not the one that was asked for."""


class NeonTimeoutError(NeonError, TimeoutError):
    """No answer arrived in the time allowed."""


class DeviceError(NeonError):
    """The phone answered a request with a refusal.

    Parameters
    ----------
    status : int
        HTTP or RTSP status code of the reply.
    message : str
        The phone's own words; for people, not for parsing.
    request : str, optional
        What it refused, such as ``"RTSP PLAY"``; empty for a call of its REST API.

    Attributes
    ----------
    status, message, request
        As given.
    """

    def __init__(self, status: int, message: str, request: str = "") -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.request = request

    def __str__(self) -> str:
        if self.request:
            return f"the phone refused {self.request}: {self.status} {self.message}"
        return f"the phone refused the request (HTTP {self.status}): {self.message}"


class ProtocolError(NeonError):
    """The peer sent bytes that do not follow the protocol."""


class ClosedError(NeonError):
    """The object was used after it had been closed."""


class UsageError(NeonError, ValueError):
    """The caller asked for something that cannot be done as asked."""


class InvalidAnswersError(UsageError):
    """Answers that do not fit the template; nothing was sent.

    Parameters
    ----------
    faults : sequence of str
        One sentence each.

    Attributes
    ----------
    faults : tuple of str
        As given.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(faults)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return " ".join(self.faults)
