"""Fixations, saccades and blinks as they were recorded, bit for bit.

The onsets are not in the recording; they are sent at the starts of fixations and saccades.
"""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychopy_neon.samples import EyeEventKind
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.eye_event_sensor import EyeEventSensor
from psychopy_neon.simulator.look import Look
from psychopy_neon.simulator.native.layout import FIXATIONS
from psychopy_neon.simulator.native.reading import NativeRecording
from psychopy_neon.simulator.replay.player import Player, ToDevice
from psychopy_neon.simulator.replay.timeline import Timeline
from psychopy_neon.simulator.truth import TrueEyeEvent, TruthLog

_KINDS: tuple[EyeEventKind, ...] = (
    "saccade",
    "fixation",
    "saccade_onset",
    "fixation_onset",
    "blink",
)
_ONSET_OF = {0: 2, 1: 3}
_BLINK = 4
_HEAD = len(("event_type", "start_timestamp_ns", "end_timestamp_ns"))


@dataclass(frozen=True, slots=True)
class _Due:
    """An event, when it is sent, and what its packet is stamped with: times of the recording."""

    due_ns: int
    stamp_ns: int
    event_type: int
    start_ns: int
    end_ns: int | None = None
    values: bytes = b""


class ReplayedEyeEvents(EyeEventSensor):
    """Sends the eye events of a recording; attributes as `EyeEventSensor` has them."""

    def __init__(
        self,
        clock: SimulatedClock,
        camera: SceneCamera,
        recording: NativeRecording,
        timeline: Timeline,
        truth: TruthLog,
        *,
        skew_ns: int = 0,
    ) -> None:
        super().__init__(camera, truth, skew_ns=skew_ns)
        self._sending = threading.Lock()  # signs of life come from the thread of gaze
        self._events = _in_order(recording)
        due_ns = np.array([event.due_ns for event in self._events], np.int64)
        self._player = Player("neon-sim-eye-events", clock, timeline, due_ns, self._send)

    def start(self) -> None:
        """Begin to send."""
        self._player.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._player.close()

    def see(self, look: Look) -> None:
        """Give the sign of life that comes each second; the events are known already."""
        with self._sending:
            self._say_that_it_lives(look)

    def _send(self, number: int, to_device: ToDevice) -> None:
        event = self._events[number]
        start_ns = to_device(event.start_ns)
        end_ns = None if event.end_ns is None else to_device(event.end_ns)
        self._truth.add_eye_event(TrueEyeEvent(_KINDS[event.event_type], start_ns, end_ns))
        payload = struct.pack("!iq", event.event_type, start_ns + self.skew_ns)
        if end_ns is not None:
            payload += struct.pack("!q", end_ns + self.skew_ns) + event.values
        with self._sending:
            self.stream.emit(to_device(event.stamp_ns), ((payload, False),))


def _in_order(recording: NativeRecording) -> list[_Due]:
    found: list[_Due] = []
    for row in recording.fixations.rows:
        event_type, start_ns, end_ns = (int(row[name]) for name in row.dtype.names[:_HEAD])
        if event_type in _ONSET_OF:
            values = _big_endian(row)
            found.append(_Due(end_ns, end_ns, event_type, start_ns, end_ns, values))
            found.append(_Due(start_ns, start_ns, _ONSET_OF[event_type], start_ns))
    for row in recording.blinks.rows:
        start_ns, end_ns = int(row["start_timestamp_ns"]), int(row["end_timestamp_ns"])
        found.append(_Due(end_ns, start_ns, _BLINK, start_ns, end_ns))
    # What ends comes before what begins.
    return sorted(found, key=lambda event: (event.due_ns, event.end_ns is None))


def _big_endian(row: np.void) -> bytes:
    names = [name for name, kind in FIXATIONS.fields if kind == "float32"]
    values: npt.NDArray[np.float32] = np.array([row[name] for name in names], "<f4")
    return bytes(values.view("<u4").byteswap().tobytes())
