"""The scene camera: replays the loop of video in step with the head's motion."""

from __future__ import annotations

from psychopy_neon.protocol.sdp import Media
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.h264_encoder import h264_media
from psychopy_neon.simulator.pacer import NS, Pacer
from psychopy_neon.simulator.patch_screen import PatchScreen
from psychopy_neon.simulator.patch_video import Blinking, PatchVideoMaker
from psychopy_neon.simulator.scene_video import (
    FRAMES_PER_SECOND,
    LOOP_FRAMES,
    WHOLE_PX,
    VideoLoopMaker,
)
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.stream import Stream

DESCRIBE_TIMEOUT_S = 8.0
HELD_BACK = 3  # pictures with a patch: what happens during an exposure is known only after it


class SceneSensor:
    """Sends scene video, 30 pictures a second.

    Attributes
    ----------
    stream : Stream
    """

    def __init__(
        self,
        clock: SimulatedClock,
        view: SceneView,
        *,
        area_px: tuple[int, int, int, int] = WHOLE_PX,
        aggregate: bool = False,
        patch: PatchScreen | None = None,
        blinking: Blinking = "patch",
    ) -> None:
        self.stream = Stream(self._describe, "world")
        self._patch = patch
        self._maker: VideoLoopMaker
        if patch is None:
            self._maker = VideoLoopMaker(view, area_px=area_px, aggregate=aggregate)
        else:
            self._maker = PatchVideoMaker(
                view, area_px=area_px, aggregate=aggregate, blinking=blinking
            )
        self._pacer = Pacer("neon-sim-scene", clock, FRAMES_PER_SECOND, self._tick)

    def start(self) -> None:
        """Begin to draw, and to send once the drawing is done."""
        self._maker.start()
        self._pacer.start()

    def close(self) -> None:
        """End both threads. Idempotent."""
        self._pacer.close()
        self._maker.close()

    def wait_until_drawn(self, timeout_s: float = 10.0) -> bool:
        """Wait for the loop of video; False if it takes longer or cannot be made."""
        return self._maker.wait(timeout_s) is not None

    @property
    def error(self) -> BaseException | None:
        """Why there is no video, if it cannot be made."""
        return self._maker.error

    @property
    def late(self) -> int:
        """Pictures that left more than one interval after their time."""
        return self._pacer.late

    @property
    def shortfall(self) -> str:
        """Empty: its pictures are made before they are sent."""
        return ""

    @property
    def how(self) -> str:
        """How its pictures are made."""
        return f"drawn and encoded ahead, {FRAMES_PER_SECOND} pictures a second"

    def _tick(self, number: int, device_ns: int) -> None:
        if self._patch is not None:
            self._send_with_patch(number - HELD_BACK, self._patch)
            return
        loop = self._maker.ready
        if loop is None:
            return
        frame = loop.frames[number % LOOP_FRAMES]
        self.stream.emit(device_ns, frame.payloads, can_start=frame.is_key)

    def _send_with_patch(self, number: int, patch: PatchScreen) -> None:
        device_ns = number * NS // FRAMES_PER_SECOND
        level = patch.film(device_ns)
        assert isinstance(self._maker, PatchVideoMaker)
        frame = self._maker.frame(number, level)
        if frame is not None:
            self.stream.emit(device_ns, frame.payloads, can_start=frame.is_key)

    def _describe(self) -> Media | None:
        loop = self._maker.wait(DESCRIBE_TIMEOUT_S)
        return None if loop is None else h264_media(loop.parameter_sets)
