"""One loop of scene video: drawn and encoded once, then sent again and again."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

from psychopy_neon.protocol.h264 import packetize, split_annexb
from psychopy_neon.screen.camera import PICTURE_SIZE_PX
from psychopy_neon.simulator.head import LOOP_NS
from psychopy_neon.simulator.scene_renderer import Picture, SceneRenderer
from psychopy_neon.simulator.scene_view import SceneView

FRAMES_PER_SECOND = 30
LOOP_FRAMES = FRAMES_PER_SECOND * LOOP_NS // 1_000_000_000
GOP_FRAMES = 30
BITS_PER_SECOND = 5_000_000
MAX_PAYLOAD = 1260  # the phone's largest RTP packet has 1272 bytes with its header
PROFILE_LEVEL_ID = "42c028"
_SPS, _PPS, _KEY_SLICE = 7, 8, 5
_SLICES = (1, _KEY_SLICE)


@dataclass(frozen=True, slots=True)
class CodedFrame:
    """RTP payloads of one picture with their marker bits; `is_key` if decoding can start here."""

    payloads: tuple[tuple[bytes, bool], ...]
    is_key: bool


@dataclass(frozen=True, slots=True)
class VideoLoop:
    """Coded pictures of one period of the head's motion, and their parameter sets."""

    parameter_sets: tuple[bytes, bytes]
    frames: tuple[CodedFrame, ...]


class VideoLoopMaker:
    """Draws and encodes the loop in the background.

    Parameters
    ----------
    view : SceneView
    """

    def __init__(self, view: SceneView) -> None:
        self._view = view
        self._done = threading.Event()
        self._stop = threading.Event()
        self._loop: VideoLoop | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="neon-sim-draw", daemon=True)

    def start(self) -> None:
        """Begin to draw."""
        self._thread.start()

    @property
    def ready(self) -> VideoLoop | None:
        """The loop, or None while it is being made."""
        return self._loop

    def wait(self, timeout_s: float) -> VideoLoop | None:
        """The loop, waiting for it if need be; None if it takes longer or failed."""
        self._done.wait(timeout_s)
        return self._loop

    @property
    def error(self) -> BaseException | None:
        """Why there is no loop, if making it failed."""
        return self._error

    def close(self) -> None:
        """Stop drawing. Idempotent."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        try:
            self._loop = self._make()
        except Exception as error:  # outermost frame of the thread: kept for who waits
            self._error = error
        finally:
            self._done.set()

    def _make(self) -> VideoLoop | None:
        moments = [_frame_ns(index) for index in range(LOOP_FRAMES)]
        renderer = SceneRenderer(self._view, moments[::5])
        encoder = _Encoder()
        coded: list[bytes] = []
        for moment_ns in moments:
            if self._stop.is_set():
                return None
            coded += encoder.encode(renderer.picture(moment_ns))
        return _packetized([*coded, *encoder.finish()])


def _frame_ns(index: int) -> int:
    return index * 1_000_000_000 // FRAMES_PER_SECOND


class _Encoder:
    """libx264, constrained baseline: no B pictures, one slice a picture, a key picture a second."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height = PICTURE_SIZE_PX
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, FRAMES_PER_SECOND)
        context.framerate = Fraction(FRAMES_PER_SECOND)
        context.bit_rate = BITS_PER_SECOND
        context.gop_size = GOP_FRAMES
        context.max_b_frames = 0
        context.thread_count = 1
        rate = f"vbv-maxrate={BITS_PER_SECOND // 1000}:vbv-bufsize={BITS_PER_SECOND // 2000}"
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "x264-params": f"{rate}:scenecut=0:keyint={GOP_FRAMES}:min-keyint={GOP_FRAMES}",
        }
        self._context = context
        self._frame = av.VideoFrame(*PICTURE_SIZE_PX, "yuv420p")
        self._count = 0
        for plane in self._frame.planes[1:]:
            plane.update(np.full(plane.buffer_size, 128, np.uint8).tobytes())

    def encode(self, picture: Picture) -> list[bytes]:
        """Encode one picture; return what is ready."""
        plane = self._frame.planes[0]
        padded = np.zeros((PICTURE_SIZE_PX[1], plane.line_size), np.uint8)
        padded[:, : PICTURE_SIZE_PX[0]] = picture
        plane.update(padded.tobytes())
        self._frame.pts = self._count
        self._count += 1
        return [bytes(packet) for packet in self._context.encode(self._frame)]

    def finish(self) -> list[bytes]:
        """Return what is left."""
        return [bytes(packet) for packet in self._context.encode(None)]


def _packetized(coded: list[bytes]) -> VideoLoop:
    pictures = [split_annexb(data) for data in coded]
    sets = {unit[0] & 0x1F: unit for unit in pictures[0]}
    parameter_sets = sets[_SPS], sets[_PPS]
    return VideoLoop(
        parameter_sets, tuple(_coded_frame(units, parameter_sets) for units in pictures)
    )


def _coded_frame(units: list[bytes], parameter_sets: tuple[bytes, bytes]) -> CodedFrame:
    slices = [unit for unit in units if unit[0] & 0x1F in _SLICES]
    is_key = any(unit[0] & 0x1F == _KEY_SLICE for unit in slices)
    payloads: list[tuple[bytes, bool]] = []
    for unit in [*parameter_sets, *slices] if is_key else slices:
        parts = packetize(unit, MAX_PAYLOAD)
        # Like the phone's server family: the marker ends a NAL unit, not a picture.
        payloads += [(part, index == len(parts) - 1) for index, part in enumerate(parts)]
    return CodedFrame(tuple(payloads), is_key)
