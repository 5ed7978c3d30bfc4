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

"You asked for something wrong" (`UsageError`) and "the device sent something wrong"
(`ProtocolError`) are different branches on purpose: the first is mended in the script, the
second is reported to us.
"""

from __future__ import annotations


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
        HTTP status code of the reply.
    message : str
        The phone's own words; for people, not for parsing.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"the phone refused the request (HTTP {status}): {message}")
        self.status = status
        self.message = message


class ProtocolError(NeonError):
    """The peer sent bytes that do not follow the protocol."""


class ClosedError(NeonError):
    """The object was used after it had been closed."""


class UsageError(NeonError, ValueError):
    """The caller asked for something that cannot be done as asked."""
