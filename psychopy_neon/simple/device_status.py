"""`Device`: what it knows without asking the phone."""

from __future__ import annotations

from psychopy_neon.client import Neon
from psychopy_neon.simple.components import APIPath, Sensor, sensor_tuple
from psychopy_neon.simple.error_log import ErrorLog

UNKNOWN = "unknown"


class DeviceStatus:
    """Properties of phone and glasses, kept up to date in the background; nothing blocks."""

    neon: Neon
    address: str
    port: int | str
    _errors: ErrorLog

    @property
    def phone_name(self) -> str:
        """The phone's name, as in the app."""
        return self.neon.phone_name

    @property
    def phone_id(self) -> str:
        """The phone's unchanging id."""
        return self.neon.phone_id

    @property
    def phone_ip(self) -> str:
        """The phone's address as it sees itself."""
        return self.neon.phone_ip

    @property
    def battery_level_percent(self) -> int:
        """Charge of the phone's battery, 0 to 100."""
        return self.neon.battery_percent

    @property
    def battery_state(self) -> str:
        """OK, LOW or CRITICAL."""
        return self.neon.battery_state or UNKNOWN

    @property
    def memory_num_free_bytes(self) -> int:
        """Free storage of the phone, bytes."""
        return self.neon.free_storage_bytes

    @property
    def memory_state(self) -> str:
        """OK, LOW or CRITICAL."""
        return self.neon.storage_state or UNKNOWN

    @property
    def version_glasses(self) -> str:
        """Version of the glasses; "unknown" while none are plugged in, like the serials."""
        return self._hardware("version")

    @property
    def module_serial(self) -> str:
        """Serial number of the module, which is what tells one Neon from another."""
        return self._hardware("module_serial")

    @property
    def serial_number_glasses(self) -> str:
        """Serial number of the frame; "-1" on Neon."""
        return self._hardware("glasses_serial")

    @property
    def serial_number_scene_cam(self) -> str:
        """Serial number of the scene camera; "-1" on Neon."""
        return self._hardware("world_camera_serial")

    def world_sensor(self) -> Sensor:
        """How to reach the scene camera's stream."""
        return sensor_tuple("world", self.neon.sensor("world"))

    def gaze_sensor(self) -> Sensor:
        """How to reach the gaze stream."""
        return sensor_tuple("gaze", self.neon.sensor("gaze"))

    def eye_events_sensor(self) -> Sensor:
        """How to reach the eye event stream."""
        return sensor_tuple("eye_events", self.neon.sensor("eye_events"))

    def api_url(self, path: APIPath | str, protocol: str = "http", prefix: str = "/api") -> str:
        """URL of a part of the phone's REST API.

        Parameters
        ----------
        path : APIPath or str
            Which part.
        protocol, prefix : str
            What comes before the address, and between port and path.
        """
        value = path if isinstance(path, str) else path.value
        return f"{protocol}://{self.address}:{self.port}{prefix}{value}"

    def get_errors(self) -> list[str]:
        """What the phone reported to have gone wrong since the last call."""
        return self._errors.take()

    def _hardware(self, field: str) -> str:
        return getattr(self.neon.status.hardware, field, None) or UNKNOWN
