"""A camera that shows pictures at the times of a recording."""

from __future__ import annotations

from psychopy_neon.protocol.sdp import Media
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.h264_encoder import h264_media
from psychopy_neon.simulator.native.layout import Times
from psychopy_neon.simulator.replay.pictures import Pictures
from psychopy_neon.simulator.replay.player import Player, ToDevice
from psychopy_neon.simulator.replay.timeline import Timeline
from psychopy_neon.simulator.stream import Stream

DESCRIBE_TIMEOUT_S = 8.0


class ReplayedCamera:
    """Scene or eyes.

    Attributes
    ----------
    stream : Stream
    """

    def __init__(
        self,
        name: str,
        clock: SimulatedClock,
        timeline: Timeline,
        times_ns: Times,
        pictures: Pictures,
    ) -> None:
        self.stream = Stream(self._describe, name)
        self._times_ns = times_ns
        self._pictures = pictures
        self._player = Player(f"neon-sim-{name}", clock, timeline, times_ns, self._send)

    def start(self) -> None:
        """Begin to show."""
        self._pictures.start()
        self._player.start()

    def close(self) -> None:
        """End all threads. Idempotent."""
        self._player.close()
        self._pictures.close()

    def wait_until_drawn(self, timeout_s: float = 10.0) -> bool:
        """Wait for the first picture; False if it takes longer or cannot be had."""
        return self._pictures.parameter_sets(timeout_s) is not None

    @property
    def error(self) -> BaseException | None:
        """Why there is no video, if there is none."""
        return self._pictures.error

    @property
    def late(self) -> int:
        """Pictures that left more than 10 ms after their time."""
        return self._player.late

    @property
    def shortfall(self) -> str:
        """Empty: its pictures are made before they are sent."""
        return ""

    @property
    def how(self) -> str:
        """How its pictures are made."""
        return self._pictures.how

    def _send(self, number: int, to_device: ToDevice) -> None:
        frame = self._pictures.picture(number)
        if frame is not None:
            device_ns = to_device(int(self._times_ns[number]))
            self.stream.emit(device_ns, frame.payloads, can_start=frame.is_key)

    def _describe(self) -> Media | None:
        sets = self._pictures.parameter_sets(DESCRIBE_TIMEOUT_S)
        return None if sets is None else h264_media(sets)
