"""What a stream needs to know of its phone."""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.client.clock_sync import ClockSync
from psychopy_neon.client.phone_status import PhoneStatus
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.protocol.status import Sensor


@dataclass(frozen=True, slots=True)
class PhoneSource:
    """A phone, as its streams see it.

    Not the device itself: device and streams would then keep each other, and all samples, in
    memory until Python's garbage collector finds them, which knows nothing of the size of pictures.
    """

    phone_status: PhoneStatus
    clock_sync: ClockSync

    @property
    def host(self) -> str:
        """Where the phone was seen last."""
        return self.phone_status.place.ip

    @property
    def stranger(self) -> str:
        """Why what answers there is not used; empty unless it is another phone."""
        return self.phone_status.place.stranger

    def sensor(self, name: str) -> Sensor | None:
        """The sensor's newest status."""
        return self.phone_status.status.sensor(name)

    @property
    def clock_map(self) -> ClockMap | None:
        """Newest relation of the phone's clock to ours, or None before the first probe."""
        return self.clock_sync.clock_map
