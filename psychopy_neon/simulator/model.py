"""What differs between the glasses that the phone's app supports (reference, 2.2 and 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psychopy_neon.protocol.status import Hardware

ModelName = Literal["neon", "invisible"]
SENSORS = ("imu", "world", "gaze", "eye_events", "eyes")


@dataclass(frozen=True, slots=True)
class Model:
    """One kind of glasses.

    Attributes
    ----------
    sensors : tuple of str
        Those that it has, in the order of the status.
    scene_area_px : tuple of 4 int
        Left, top, width and height of the scene picture within Neon's.
    gaze_bytes : int or None
        The only variant of gaze that it sends; None if it can be chosen.
    has_calibration, has_template, has_camera_control : bool
        Which parts of the REST API there are.
    server : str
        Host name that its phone announces.
    """

    sensors: tuple[str, ...] = SENSORS
    scene_area_px: tuple[int, int, int, int] = (0, 0, 1600, 1200)
    gaze_bytes: int | None = None
    has_calibration: bool = True
    has_template: bool = True
    has_camera_control: bool = True
    server: str = "neon.local."

    def hardware(self, serial: str, frame_name: str) -> Hardware:
        """What the status says about such glasses."""
        if self is INVISIBLE:
            return Hardware("1.0", None, None, serial, serial[::-1])
        return Hardware("2.0", serial, frame_name, "-1", "-1")


NEON = Model()
# The middle of Neon's picture: the size is right, and the lens is Neon's (63 degrees across, where
# the real one has 82).
INVISIBLE = Model(
    sensors=("world", "gaze"),
    scene_area_px=(256, 60, 1088, 1080),
    gaze_bytes=9,
    has_calibration=False,
    has_template=False,
    has_camera_control=False,
    server="pi.local.",
)
MODELS: dict[ModelName, Model] = {"neon": NEON, "invisible": INVISIBLE}
