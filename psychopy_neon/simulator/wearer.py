"""Who wears the glasses, and what they can be asked for."""

from __future__ import annotations

from typing import Protocol

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.gaze_script import GazeSource
from psychopy_neon.simulator.gaze_sensor import GazeSensor
from psychopy_neon.simulator.status_board import StatusBoard
from psychopy_neon.simulator.truth import TrueEvent


class Wearer(Protocol):
    """Somebody; what they cannot do raises `UsageError`."""

    def start(self, board: StatusBoard) -> None:
        """Begin, before the sensors do."""

    def look_at(self, x: float, y: float, device_ns: int) -> None:
        """Look at a point of the monitor, norm units, from then on."""

    def blink(self) -> None:
        """Blink now."""

    def seek(self, second: float) -> None:
        """Go on at that second of the recording."""

    def notice(self, event: TrueEvent) -> None:
        """An event reached the phone."""

    def close(self) -> None:
        """Let go of whatever they follow. Idempotent."""


class VirtualWearer:
    """The virtual participant."""

    def __init__(self, source: GazeSource, gaze: GazeSensor) -> None:
        self._source = source
        self._gaze = gaze

    def start(self, board: StatusBoard) -> None:
        """They have begun already."""

    def look_at(self, x: float, y: float, device_ns: int) -> None:
        """Look there from `device_ns` on."""
        self._source.look_at(x, y, device_ns)

    def blink(self) -> None:
        """Blink now."""
        self._gaze.blinks.blink()

    def seek(self, second: float) -> None:
        """Cannot be."""
        raise UsageError("there is no recording to seek in: give replay to the simulator.")

    def notice(self, event: TrueEvent) -> None:
        """React to the event, if the script says so."""
        self._source.notice_event(event.name, event.timestamp_ns, event.arrived_ns)

    def close(self) -> None:
        """Let go of the mouse. Idempotent."""
        self._source.close()
