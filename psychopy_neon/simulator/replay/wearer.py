"""Somebody who was recorded: they do what they did."""

from __future__ import annotations

import numpy as np

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.status import StoredEvent
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.native.reading import NativeRecording
from psychopy_neon.simulator.replay.player import Player, ToDevice
from psychopy_neon.simulator.replay.timeline import Timeline
from psychopy_neon.simulator.status_board import StatusBoard
from psychopy_neon.simulator.truth import TrueEvent


class RecordedWearer:
    """Tells the recording's events to whoever listens to the status, at their times."""

    def __init__(
        self, recording: NativeRecording, clock: SimulatedClock, timeline: Timeline
    ) -> None:
        self._events = recording.events
        self._recording_id = str(recording.info.get("recording_id") or "") or None
        self._start_ns = recording.start_ns
        self._timeline = timeline
        self._board: StatusBoard | None = None
        due_ns = np.array([device_ns for device_ns, _ in recording.events], np.int64)
        self._player = Player("neon-sim-events", clock, timeline, due_ns, self._tell)

    def start(self, board: StatusBoard) -> None:
        """Begin at the beginning."""
        self._board = board
        self._timeline.seek(self._timeline.stretch.first_ns)
        self._player.start()

    def look_at(self, x: float, y: float, device_ns: int) -> None:
        """Cannot be."""
        raise UsageError("a replayed wearer looks where they looked.")

    def blink(self) -> None:
        """Cannot be."""
        raise UsageError("a replayed wearer blinks when they blinked.")

    def seek(self, second: float) -> None:
        """Go on at that second since the recording began."""
        self._timeline.seek(self._start_ns + round(second * 1e9))

    def notice(self, event: TrueEvent) -> None:
        """What happens now does not touch them."""

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._player.close()

    def _tell(self, number: int, to_device: ToDevice) -> None:
        device_ns, name = self._events[number]
        assert self._board is not None
        self._board.push(StoredEvent(name, to_device(device_ns), self._recording_id))
