"""Sends eye events: fixations, saccades, their onsets, blinks, and a sign of life each second."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np

from psychopy_neon.protocol.eye_events import KEEP_ALIVE, pack_eye_event
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.samples import EyeEvent, Point
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.eye_event_finder import EyeEventFinder
from psychopy_neon.simulator.look import Look
from psychopy_neon.simulator.stream import Stream
from psychopy_neon.simulator.truth import TrueEyeEvent, TruthLog

MEDIA = Media("application", 101, "com.pupillabs.eye_events1", 90_000, "trackID=1")
KEEP_ALIVE_NS = 1_000_000_000
UNKNOWN_TYPE = 99


class EyeEventSensor:
    """Turns looks into eye events.

    Attributes
    ----------
    stream : Stream
    skew_ns : int
        Sensor's clock minus the phone's, in the events' own times; may be changed.
    unknown : int
        So many events of a type that nobody knows are sent next, to whoever watches.
    """

    def __init__(self, camera: SceneCamera, truth: TruthLog, *, skew_ns: int = 0) -> None:
        self.stream = Stream(lambda: MEDIA, "eye_events")
        self.skew_ns = skew_ns
        self.unknown = 0
        self._camera = camera
        self._truth = truth
        self._finder = EyeEventFinder(self._angle_deg)
        self._alive_ns = 0

    def start(self) -> None:
        """Nothing to begin: the looks that come are what it works with."""

    def close(self) -> None:
        """Nothing is owned."""

    def see(self, look: Look) -> None:
        """Take the next look and send what it reveals."""
        for event in self._finder.push(look):
            self._truth.add_eye_event(
                TrueEyeEvent(event.kind, event.start_sensor_ns, event.end_sensor_ns)
            )
            payload = pack_eye_event(self._on_sensor_clock(event))
            self.stream.emit(event.device_ns, ((payload, False),))
        self._say_that_it_lives(look)

    def _say_that_it_lives(self, look: Look) -> None:
        if abs(look.device_ns - self._alive_ns) >= KEEP_ALIVE_NS:
            self._alive_ns = look.device_ns
            self._send_bare(look.device_ns, KEEP_ALIVE)
        if self.unknown > 0 and self.stream.is_watched:
            self.unknown -= 1
            self._send_bare(look.device_ns, UNKNOWN_TYPE)

    def _send_bare(self, device_ns: int, event_type: int) -> None:
        self.stream.emit(device_ns, ((struct.pack("!i", event_type), False),))

    def _on_sensor_clock(self, event: EyeEvent) -> EyeEvent:
        end_ns = event.end_sensor_ns
        return replace(
            event,
            start_sensor_ns=event.start_sensor_ns + self.skew_ns,
            end_sensor_ns=None if end_ns is None else end_ns + self.skew_ns,
        )

    def _angle_deg(self, first: Point, second: Point) -> float:
        rays = self._camera.undistort(np.array([first, second]))
        (a, b) = np.column_stack([rays, np.ones(2)])
        cosine = float(a @ b / np.sqrt((a @ a) * (b @ b)))
        return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
