"""What the phone says about itself and the glasses, one property each."""

from __future__ import annotations

from abc import ABC, abstractmethod

from psychopy_neon.protocol.status import Hardware, Phone, Status


class PhoneFacts(ABC):
    """Properties that read the newest status; none of them blocks."""

    @property
    @abstractmethod
    def status(self) -> Status:
        """Everything the phone said about itself so far, an immutable snapshot."""

    @property
    def phone_name(self) -> str:
        """The phone's name, as in the app."""
        return self._phone.device_name

    @property
    def phone_id(self) -> str:
        """The phone's unchanging id."""
        return self._phone.device_id

    @property
    def phone_ip(self) -> str:
        """The phone's address as it sees itself; `host` is the one that works."""
        return self._phone.ip

    @property
    def battery_percent(self) -> int:
        """Charge of the phone's battery, 0 to 100."""
        return self._phone.battery_level

    @property
    def battery_state(self) -> str | None:
        """OK, LOW or CRITICAL."""
        return self._phone.battery_state

    @property
    def free_storage_bytes(self) -> int:
        """Free storage of the phone, bytes."""
        return self._phone.memory

    @property
    def storage_state(self) -> str | None:
        """OK, LOW or CRITICAL."""
        return self._phone.memory_state

    @property
    def module_serial(self) -> str | None:
        """Serial number of the glasses; None while none are plugged in."""
        return self._hardware.module_serial

    @property
    def frame_name(self) -> str | None:
        """Which frame the glasses have."""
        return self._hardware.frame_name

    @property
    def _phone(self) -> Phone:
        return self.status.phone or Phone("", "", "")

    @property
    def _hardware(self) -> Hardware:
        return self.status.hardware or Hardware()
