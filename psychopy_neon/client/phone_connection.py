"""REST calls to the phone that was connected to, and to no other."""

from __future__ import annotations

from typing import Any

from psychopy_neon.client.phone_place import PhonePlace
from psychopy_neon.exceptions import NeonError
from psychopy_neon.protocol.rest import GET_STATUS, Call
from psychopy_neon.protocol.status import parse_status
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.http import RestConnection


class PhoneConnection(RestConnection):
    """As `RestConnection`, but follows the phone, and keeps off others.

    Parameters
    ----------
    place : PhonePlace
        Where the phone is.
    """

    def __init__(self, place: PhonePlace) -> None:
        super().__init__(place.ip, place.port)
        self._phone_place = place

    def call(self, call: Call, timeout_s: float) -> Any:
        """As `RestConnection.call`; raises `WrongDeviceError` if another phone answers."""
        return super().call(call, self._make_sure(timeout_s))

    def calibration_bytes(self, timeout_s: float) -> bytes:
        """As `RestConnection.calibration_bytes`; raises as `call` does."""
        return super().calibration_bytes(self._make_sure(timeout_s))

    def _make_sure(self, timeout_s: float) -> float:
        """Ask who answers if that is in doubt; returns the seconds that are left."""
        place = self._phone_place
        self.move_to(place.ip)
        if self.is_open or not place.is_in_doubt:
            return timeout_s
        deadline = Deadline(timeout_s, "answer")
        try:
            place.check(parse_status(super().call(GET_STATUS, timeout_s)).phone)
        except NeonError:
            self.close()
            raise
        finally:
            self.has_left = False  # only a question has
        return deadline.left_s()
