"""The gaze sensor: 200 samples a second of where the virtual participant looks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from psychopy_neon.protocol.gaze import KNOWN_LENGTHS
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.simulator.blinks import Blinks
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.gaze_payload import gaze_payload
from psychopy_neon.simulator.gaze_script import GazeSource
from psychopy_neon.simulator.human.glasses_error import GazeError
from psychopy_neon.simulator.look import Look
from psychopy_neon.simulator.model import NEON
from psychopy_neon.simulator.pacer import Pacer
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.stream import Stream
from psychopy_neon.simulator.truth import TrueGaze, TruthLog

GAZE_HZ = 200
MEDIA = Media("application", 99, "com.pupillabs.gaze1", 90_000, "trackID=1")
_PUPIL_MM, _PUPIL_SWING_MM, _PUPIL_PERIOD_NS = 3.5, 0.3, 7_000_000_000


class GazeSensor:
    """Makes gaze samples, sends them and writes them to the truth log.

    Attributes
    ----------
    stream : Stream
    worn : bool
        Whether the glasses are on a nose; may be changed while running.
    gaze_bytes : int
        Variant sent: 9, 17, 25, 65, 89 or 105 bytes; any other number from 9 on gives a
        variant that nobody knows. May be changed while running.
    eye_state_is_nan : bool
        Whether pupils and optical axes are unknown; may be changed while running.
    blinks : Blinks
    """

    def __init__(
        self,
        clock: SimulatedClock,
        view: SceneView,
        source: GazeSource,
        truth: TruthLog,
        *,
        gaze_bytes: int = 65,
        scene_area_px: tuple[int, int, int, int] = NEON.scene_area_px,
        error: GazeError,
        blinks_per_minute: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.stream = Stream(lambda: MEDIA, "gaze")
        self.worn = True
        self.eye_state_is_nan = False
        self.blinks = Blinks(blinks_per_minute, seed)
        self._watchers: list[Callable[[Look], None]] = []
        self.gaze_bytes = gaze_bytes
        self._view = view
        self._source = source
        self._truth = truth
        self._left_px, self._top_px, *_ = scene_area_px
        self._error = error
        self._pacer = Pacer("neon-sim-gaze", clock, GAZE_HZ, self._tick)

    def on_look(self, watcher: Callable[[Look], None]) -> None:
        """Call `watcher` with every look, after its gaze sample was sent; not once started."""
        self._watchers.append(watcher)

    def start(self) -> None:
        """Begin to make samples."""
        self._pacer.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._pacer.close()

    @property
    def variants(self) -> tuple[int, ...]:
        """Lengths of gaze that it can fill: all that are known."""
        return KNOWN_LENGTHS

    @property
    def late(self) -> int:
        """Samples that left more than one interval after their time."""
        return self._pacer.late

    def _tick(self, number: int, device_ns: int) -> None:
        norm = self._source.position(device_ns)
        x, y = self._view.scene_px(norm, device_ns)
        openness = self.blinks.openness(device_ns)
        x, y = self._error.gaze(x, y, openness)
        pupil_mm = _pupil_mm(device_ns)
        look = Look(device_ns, norm, x, y, pupil_mm, openness, self._source.is_moving)
        pupil_mm = self._error.pupil_mm(pupil_mm, openness)
        told = replace(look, x=x - self._left_px, y=y - self._top_px, pupil_mm=pupil_mm)
        payload = gaze_payload(
            told, self.gaze_bytes, worn=self.worn, eye_state_is_nan=self.eye_state_is_nan
        )
        # The truth first: whoever has received a sample may look it up.
        self._truth.add_gaze(TrueGaze(device_ns, told.x, told.y, *norm))
        self.stream.emit(device_ns, ((payload, False),))
        for watcher in self._watchers:
            watcher(look)


def _pupil_mm(device_ns: int) -> float:
    turn = 2 * math.pi * (device_ns % _PUPIL_PERIOD_NS) / _PUPIL_PERIOD_NS
    return _PUPIL_MM + _PUPIL_SWING_MM * math.sin(turn)
