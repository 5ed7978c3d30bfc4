"""One loop of scene video: drawn and encoded once, then sent again and again."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass

from psychopy_neon.screen.camera import PICTURE_SIZE_PX
from psychopy_neon.simulator.h264_encoder import (
    CodedFrame,
    H264Encoder,
    ParameterSets,
    coded_frame,
    parameter_sets_of,
)
from psychopy_neon.simulator.head import LOOP_NS
from psychopy_neon.simulator.loop_memory import LoopMemory
from psychopy_neon.simulator.scene_renderer import Picture, SceneRenderer
from psychopy_neon.simulator.scene_view import SceneView

FRAMES_PER_SECOND = 30
LOOP_FRAMES = FRAMES_PER_SECOND * LOOP_NS // 1_000_000_000
GOP_FRAMES = 30
BITS_PER_SECOND = 5_000_000
WHOLE_PX = (0, 0, *PICTURE_SIZE_PX)


@dataclass(frozen=True, slots=True)
class VideoLoop:
    """Coded pictures of one period of the head's motion, and their parameter sets."""

    parameter_sets: ParameterSets
    frames: tuple[CodedFrame, ...]


_drawn: LoopMemory[VideoLoop] = LoopMemory()


class VideoLoopMaker:
    """Draws and encodes the loop in the background.

    Parameters
    ----------
    view : SceneView
    area_px : tuple of 4 int
        Left, top, width and height of the part of the picture that is filmed.
    aggregate : bool
        Whether parameter sets travel as STAP-A.
    """

    def __init__(
        self,
        view: SceneView,
        *,
        area_px: tuple[int, int, int, int] = WHOLE_PX,
        aggregate: bool = False,
    ) -> None:
        self._view = view
        self._area_px = area_px
        self._aggregate = aggregate
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
        """Stop drawing, and free the loop. Idempotent."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5.0)
        self._loop = None

    def _run(self) -> None:
        try:
            self._loop = self._make()
        except Exception as error:  # outermost frame of the thread: kept for who waits
            self._error = error
        finally:
            self._done.set()

    def _make(self) -> VideoLoop | None:
        loop = _drawn.find(self._shown)
        if loop is None:
            loop = self._draw()
        if loop is not None:
            _drawn.keep(self._shown, loop)
        return loop

    @property
    def _shown(self) -> Hashable:
        camera = self._view.camera
        lens = camera.camera_matrix.tobytes(), camera.distortion.tobytes()
        return lens, self._view.head, self._view.monitor, self._area_px, self._aggregate

    def _draw(self) -> VideoLoop | None:
        moments = [frame_ns(index) for index in range(LOOP_FRAMES)]
        renderer = SceneRenderer(self._view, moments[::5])
        size_px = self._area_px[2:]
        encoder = H264Encoder(size_px, FRAMES_PER_SECOND, BITS_PER_SECOND, GOP_FRAMES)
        coded: list[bytes] = []
        for moment_ns in moments:
            if self._stop.is_set():
                return None
            coded += encoder.encode(self._part(renderer, moment_ns))
        return self._packetized([*coded, *encoder.finish()])

    def _part(self, renderer: SceneRenderer, moment_ns: int) -> Picture:
        left, top, width, height = self._area_px
        return renderer.picture(moment_ns)[top : top + height, left : left + width]

    def _packetized(self, coded: list[bytes]) -> VideoLoop:
        sets = parameter_sets_of(coded[0])
        frames = (coded_frame(data, sets, aggregate=self._aggregate) for data in coded)
        return VideoLoop(sets, tuple(frames))


def frame_ns(index: int) -> int:
    """Time of a picture since the start of the loop."""
    return index * 1_000_000_000 // FRAMES_PER_SECOND
