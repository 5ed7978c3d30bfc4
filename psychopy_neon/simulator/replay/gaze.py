"""Gaze as it was recorded, bit for bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from psychopy_neon.protocol.gaze import WORN
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.gaze_payload import OPEN_APERTURE_MM
from psychopy_neon.simulator.gaze_sensor import MEDIA
from psychopy_neon.simulator.look import Look
from psychopy_neon.simulator.native.layout import EYE_STATE, EYE_STATE_BYTES
from psychopy_neon.simulator.native.reading import NativeRecording
from psychopy_neon.simulator.replay.player import Player, ToDevice
from psychopy_neon.simulator.replay.timeline import Timeline
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.stream import Stream
from psychopy_neon.simulator.truth import TrueGaze, TruthLog

_BARE_BYTES = 9
_EYES_END = _BARE_BYTES + EYE_STATE_BYTES[0]
_NAN_EYES = np.full(EYE_STATE.fewest, np.nan, ">f4").tobytes()
_FILL = b"\x3f"


class ReplayedGaze:
    """Sends the gaze of a recording, with eye state and lids if those were recorded.

    Attributes
    ----------
    stream : Stream
    worn : bool
        False hides that the glasses were worn; may be changed while running.
    gaze_bytes : int
        Variant sent: 9, 65 or 89 bytes as far as recorded; any other number gives a variant
        that nobody knows. May be changed while running.
    eye_state_is_nan : bool
        Whether pupils and optical axes are unknown; may be changed while running.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        view: SceneView,
        recording: NativeRecording,
        timeline: Timeline,
        truth: TruthLog,
    ) -> None:
        self.stream = Stream(lambda: MEDIA, "gaze")
        self.worn = True
        self.eye_state_is_nan = False
        self._payloads = _payloads(recording)
        self.gaze_bytes = max(self.variants)
        self._points = np.array(recording.gaze.rows[["x", "y"]].tolist(), np.float64)
        self._norms = view.norm_of(self._points)
        self._eyes = _eyes(recording)
        self._truth = truth
        self._watchers: list[Callable[[Look], None]] = []
        self._times_ns = recording.gaze.times_ns
        self._player = Player("neon-sim-gaze", clock, timeline, self._times_ns, self._send)

    @property
    def variants(self) -> tuple[int, ...]:
        """Lengths that the recording can fill."""
        longest = int(self._payloads.shape[1])
        return tuple(n for n in (_BARE_BYTES, _EYES_END, 89) if n <= longest)

    def on_look(self, watcher: Callable[[Look], None]) -> None:
        """Call `watcher` with every look, after its gaze sample was sent; not once started."""
        self._watchers.append(watcher)

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
        device_ns = to_device(int(self._times_ns[number]))
        (x, y), (across, up) = self._points[number].tolist(), self._norms[number].tolist()
        # The truth first: whoever has received a sample may look it up.
        self._truth.add_gaze(TrueGaze(device_ns, x, y, across, up))
        self.stream.emit(device_ns, ((self._payload(number), False),))
        pupil_mm, openness = self._eyes[number].tolist()
        look = Look(device_ns, (across, up), x, y, pupil_mm, openness)
        for watcher in self._watchers:
            watcher(look)

    def _payload(self, number: int) -> bytes:
        data: bytes = self._payloads[number].tobytes()
        if not self.worn:
            data = data[: _BARE_BYTES - 1] + b"\0" + data[_BARE_BYTES:]
        if self.eye_state_is_nan and len(data) >= _EYES_END:
            data = data[:_BARE_BYTES] + _NAN_EYES + data[_EYES_END:]
        wanted = self.gaze_bytes
        known = max(length for length in self.variants if length <= wanted)
        return data[:known] + _FILL * (wanted - known)


def _payloads(recording: NativeRecording) -> npt.NDArray[np.uint8]:
    """What goes over the wire for each sample, shape (n, 9, 65 or 89)."""
    gaze = recording.gaze
    columns = [_big_endian(gaze.rows), _worn(recording)]
    if len(recording.eye_state):
        states, is_known = _states_of_gaze(recording)
        names = list(states.dtype.names or ())
        kept = len(EYE_STATE.fields) if len(names) >= len(EYE_STATE.fields) else EYE_STATE.fewest
        columns.append(_big_endian(states[names[:kept]]))
        columns[-1][~is_known] = np.frombuffer(np.full(kept, np.nan, ">f4").tobytes(), np.uint8)
    return np.concatenate(columns, axis=1)


def _states_of_gaze(
    recording: NativeRecording,
) -> tuple[npt.NDArray[np.void], npt.NDArray[np.bool_]]:
    """State of the eyes at the time of each gaze sample, and whether there is one."""
    times, wanted = recording.eye_state.times_ns, recording.gaze.times_ns
    places = np.minimum(np.searchsorted(times, wanted), len(times) - 1)
    return recording.eye_state.rows[places], times[places] == wanted


def _worn(recording: NativeRecording) -> npt.NDArray[np.uint8]:
    worn = np.full((len(recording.gaze), 1), WORN, np.uint8)
    count = min(len(worn), len(recording.worn))
    worn[:count, 0] = recording.worn.rows["worn"][:count]
    return worn


def _big_endian(rows: npt.NDArray[np.void]) -> npt.NDArray[np.uint8]:
    """Rows of float32 as the bytes of the wire; not one bit of a NaN is lost."""
    names = rows.dtype.names or ()
    flat = np.stack([rows[name] for name in names], axis=1)
    swapped = np.ascontiguousarray(flat).view("<u4").byteswap().view(np.uint8)
    return np.asarray(swapped.reshape(len(rows), 4 * len(names)), np.uint8)


def _eyes(recording: NativeRecording) -> npt.NDArray[np.float64]:
    """Pupil diameter (mm) and openness (0 to 1) at each gaze sample, for drawn eyes."""
    drawn = np.tile([3.5, 1.0], (len(recording.gaze), 1))
    if len(recording.eye_state):
        states, is_known = _states_of_gaze(recording)
        drawn[:, 0] = np.nan_to_num(states["pupil_diameter_left_mm"], nan=3.5)
        if "eyelid_aperture_left_mm" in (states.dtype.names or ()):
            drawn[:, 1] = np.nan_to_num(states["eyelid_aperture_left_mm"]) / OPEN_APERTURE_MM
        drawn[~is_known] = 3.5, 1.0
    return np.clip(drawn, (0.5, 0.0), (9.0, 1.0))
