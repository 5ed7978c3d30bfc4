"""The gaze sensor: 200 samples a second of where the virtual participant looks."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from psychopy_neon.protocol.gaze import pack_gaze
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.samples import Eyelid, EyeState, GazeSample
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.gaze_script import GazeSource
from psychopy_neon.simulator.pacer import Pacer
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.stream import Stream
from psychopy_neon.simulator.truth import TrueGaze, TruthLog

GAZE_HZ = 200
MEDIA = Media("application", 99, "com.pupillabs.gaze1", 90_000, "trackID=1")
_PUPIL_MM, _PUPIL_SWING_MM, _PUPIL_PERIOD_NS = 3.5, 0.3, 7_000_000_000
_LEFT_CENTER_MM, _RIGHT_CENTER_MM = (-32.0, 15.0, -39.0), (31.0, 15.0, -39.0)
_OPEN_LID = Eyelid(0.5, -0.5, 11.0)


class GazeSensor:
    """Makes gaze samples, sends them and writes them to the truth log.

    Attributes
    ----------
    stream : Stream
    worn : bool
        Whether the glasses are on a nose; may be changed while running.
    gaze_bytes : int
        Variant sent: 9, 65 or 89 bytes; may be changed while running.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        view: SceneView,
        source: GazeSource,
        truth: TruthLog,
        *,
        gaze_bytes: int = 65,
        noise_px: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.stream = Stream(lambda: MEDIA)
        self.worn = True
        self.gaze_bytes = gaze_bytes
        self._view = view
        self._source = source
        self._truth = truth
        self._noise_px = noise_px
        self._random = random.Random(seed)
        self._pacer = Pacer("neon-sim-gaze", clock, GAZE_HZ, self._tick)

    def start(self) -> None:
        """Begin to make samples."""
        self._pacer.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._pacer.close()

    @property
    def late(self) -> int:
        """Samples that left more than one interval after their time."""
        return self._pacer.late

    def _tick(self, number: int, device_ns: int) -> None:
        norm = self._source.position(device_ns)
        x, y = self._view.scene_px(norm, device_ns)
        if self._noise_px:
            x += self._random.gauss(0, self._noise_px)
            y += self._random.gauss(0, self._noise_px)
        sample = GazeSample(device_ns, 0, x, y, self.worn)
        self.stream.emit(device_ns, ((pack_gaze(self._with_eyes(sample)), False),))
        self._truth.add_gaze(TrueGaze(device_ns, x, y, *norm))

    def _with_eyes(self, sample: GazeSample) -> GazeSample:
        if self.gaze_bytes < 65:
            return sample
        axis = _direction(sample.x, sample.y)
        pupil_mm = _pupil_mm(sample.device_ns)
        lid = _OPEN_LID if self.gaze_bytes >= 89 else None
        return replace(
            sample,
            left_eye=EyeState(pupil_mm, _LEFT_CENTER_MM, axis),
            right_eye=EyeState(pupil_mm, _RIGHT_CENTER_MM, axis),
            left_lid=lid,
            right_lid=lid,
        )


def _pupil_mm(device_ns: int) -> float:
    turn = 2 * math.pi * (device_ns % _PUPIL_PERIOD_NS) / _PUPIL_PERIOD_NS
    return _PUPIL_MM + _PUPIL_SWING_MM * math.sin(turn)


def _direction(x: float, y: float) -> tuple[float, float, float]:
    """Unit vector towards a scene pixel; a pinhole is near enough for the eyes' axes."""
    across, down = (x - 800) / 890, (y - 600) / 890
    length = math.sqrt(across**2 + down**2 + 1)
    return across / length, down / length, 1 / length
