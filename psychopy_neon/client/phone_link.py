"""Where the phone is, whether it is there, and what it says about itself."""

from __future__ import annotations

from collections.abc import Callable

from psychopy_neon.client.phone_facts import PhoneFacts
from psychopy_neon.client.phone_place import PhonePlace
from psychopy_neon.client.phone_status import LinkState, PhoneStatus
from psychopy_neon.protocol.status import Component, Sensor, Status


class PhoneLink(PhoneFacts):
    """Kept up to date in the background; nothing here blocks."""

    _place: PhonePlace
    _dns_name: str
    _phone_status: PhoneStatus

    @property
    def host(self) -> str:
        """Where the phone was reached."""
        return self._place.host

    @property
    def port(self) -> int:
        """Of the phone's REST service."""
        return self._place.port

    @property
    def dns_name(self) -> str:
        """Host name that the phone announced, ``"neon.local."`` as a rule; else empty."""
        return self._dns_name

    @property
    def status(self) -> Status:
        """Everything the phone said about itself so far, an immutable snapshot."""
        return self._phone_status.status

    @property
    def state(self) -> LinkState:
        """Whether the phone is there; it is looked for again by itself when lost."""
        return self._phone_status.link[0]

    @property
    def link_error(self) -> str:
        """Why the phone was lost; empty while it is there."""
        return self._phone_status.link[1]

    def sensor(self, name: str) -> Sensor | None:
        """Status of a sensor by the phone's own name; None if it has not named it.

        Parameters
        ----------
        name : str
            "gaze", "world", "imu", "eyes" or "eye_events".
        """
        return self.status.sensor(name)

    def watch_status(self, callback: Callable[[Component], None]) -> None:
        """Have each change of the phone's status reported, for as long as the device is open.

        Parameters
        ----------
        callback : callable
            Gets the changed part; a sensor that is gone as one that is not connected, a recording
            as one that was stopped. It is called in a thread of ours and must return at once.
        """
        self._phone_status.watch(callback)
