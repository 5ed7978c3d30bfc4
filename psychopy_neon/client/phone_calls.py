"""Calls of the phone's REST API that a script makes, and waits for, in its own thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from psychopy_neon.client.phone_connection import PhoneConnection
from psychopy_neon.client.phone_place import PhonePlace
from psychopy_neon.exceptions import ClosedError, NeonConnectionError, NeonTimeoutError
from psychopy_neon.protocol.rest import Call
from psychopy_neon.transport.deadline import Deadline, clipped_s

if TYPE_CHECKING:
    from psychopy_neon.protocol.calibration import Calibration


class PhoneRequests:
    """One call at a time, over a connection that is kept; safe from any thread."""

    def __init__(self, place: PhonePlace) -> None:
        self._connection = PhoneConnection(place)
        self._lock = threading.Lock()
        self._closed = False

    def call(self, call: Call, timeout_s: float) -> Any:
        """Send a request and return its result; raises as `PhoneCalls.request` does."""
        deadline = Deadline(timeout_s, "answer")
        if not self._lock.acquire(timeout=clipped_s(timeout_s)):
            raise NeonTimeoutError(f"another request took all of the {timeout_s:g} s")
        try:
            self._check_open()
            return self._connection.call(call, deadline.left_s())
        except NeonConnectionError:
            self._check_open()
            raise
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the call under way and refuse all further ones; harmless if repeated."""
        self._closed = True
        self._connection.interrupt()
        with self._lock:  # else the call would meet a connection that is half there
            self._connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("the device was closed")


class PhoneCalls:
    """Calls that wait for their answer."""

    _place: PhonePlace

    def _open_calls(self) -> None:
        self._requests = PhoneRequests(self._place)
        self._calibration: Calibration | None = None

    def _close_calls(self) -> None:
        self._requests.close()

    def request(self, call: Call, timeout_s: float = 5.0) -> Any:
        """Send one call of the phone's REST API; blocks up to `timeout_s` (reference, 2).

        Parameters
        ----------
        call : Call
            Method, path and body.
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        object
            The ``result`` of the reply, as JSON gives it.

        Raises
        ------
        DeviceError
            If the phone refuses.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        ClosedError
            If the device was closed.
        """
        return self._requests.call(call, timeout_s)

    def calibration(self, timeout_s: float = 5.0) -> Calibration:
        """The glasses' factory calibration; fetched once, blocks up to `timeout_s` that time.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        Calibration
            Camera matrices, distortion and poses of the three cameras (reference, 2.6).

        Raises
        ------
        DeviceError
            If no glasses are plugged in.
        ProtocolError
            If its size or checksum is wrong.
        NeonConnectionError, NeonTimeoutError
            If the phone does not answer.
        """
        from psychopy_neon.protocol.calibration import Calibration  # needs NumPy

        if self._calibration is None:
            connection = PhoneConnection(self._place)
            try:
                self._calibration = Calibration.parse(connection.calibration_bytes(timeout_s))
            finally:
                connection.close()
        return self._calibration
