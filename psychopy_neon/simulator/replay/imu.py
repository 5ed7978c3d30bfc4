"""Motion as it was recorded, bit for bit."""

from __future__ import annotations

from psychopy_neon.protocol.imu import pack_imu
from psychopy_neon.samples import ImuSample, Vector
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.imu_sensor import MEDIA
from psychopy_neon.simulator.native.tables import Series
from psychopy_neon.simulator.replay.player import Player, ToDevice
from psychopy_neon.simulator.replay.timeline import Timeline
from psychopy_neon.simulator.stream import Stream


class ReplayedImu:
    """Sends the motion samples of a recording; attributes as `ImuSensor` has them."""

    def __init__(
        self, clock: SimulatedClock, series: Series, timeline: Timeline, *, skew_ns: int = 0
    ) -> None:
        self.stream = Stream(lambda: MEDIA, "imu")
        self.skew_ns = skew_ns
        self.truncated = 0
        self._series = series
        self._player = Player("neon-sim-imu", clock, timeline, series.times_ns, self._send)

    def start(self) -> None:
        """Begin to send."""
        self._player.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._player.close()

    @property
    def late(self) -> int:
        """Samples that left more than 10 ms after their time."""
        return self._player.late

    def _send(self, number: int, to_device: ToDevice) -> None:
        if not self.stream.is_watched:
            return
        device_ns = to_device(int(self._series.times_ns[number]))
        row = self._series.rows[number]
        w, x, y, z = (float(row[f"quaternion_{axis}"]) for axis in "wxyz")
        acceleration, rotation = _vector(row, "accel"), _vector(row, "gyro")
        sensor_ns = device_ns + self.skew_ns
        sample = ImuSample(device_ns, 0, sensor_ns, acceleration, rotation, (w, x, y, z))
        payload = pack_imu(sample)
        if self.truncated > 0:
            self.truncated -= 1
            payload = payload[: len(payload) // 2]
        self.stream.emit(device_ns, ((payload, False),))


def _vector(row: object, part: str) -> Vector:
    x, y, z = (float(row[f"{part}_{axis}"]) for axis in "xyz")  # type: ignore[index]
    return x, y, z
