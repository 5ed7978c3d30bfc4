"""Scene video with a patch that may change at any time.

Two loops, dark and bright, consist of key pictures only, so that one can be left for the other at
any picture. Pictures in whose exposure the patch changed are drawn and encoded when they are due.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

from psychopy_neon.screen.patch import BRIGHT, DARK
from psychopy_neon.simulator.h264_encoder import (
    CodedFrame,
    H264Encoder,
    coded_frame,
    parameter_sets_of,
)
from psychopy_neon.simulator.scene_renderer import SceneRenderer
from psychopy_neon.simulator.scene_video import (
    FRAMES_PER_SECOND,
    LOOP_FRAMES,
    WHOLE_PX,
    VideoLoop,
    VideoLoopMaker,
    frame_ns,
)
from psychopy_neon.simulator.scene_view import SceneView

BITS_PER_SECOND = 10_000_000

Blinking = Literal["patch", "frame"]


class PatchVideoMaker(VideoLoopMaker):
    """Draws and encodes both loops in the background, and mixtures on demand; see the base."""

    def __init__(
        self,
        view: SceneView,
        *,
        area_px: tuple[int, int, int, int] = WHOLE_PX,
        aggregate: bool = False,
        blinking: Blinking = "patch",
    ) -> None:
        super().__init__(view, area_px=area_px, aggregate=aggregate)
        self._blinking = blinking
        self._bright_loop: VideoLoop | None = None

    def frame(self, number: int, level: float) -> CodedFrame | None:
        """Picture of the loop with the patch from 0, dark, to 1, bright; None while drawing."""
        dark, bright = self.ready, self._bright_loop
        if dark is None or bright is None:
            return None
        if 0 < level < 1:
            mixed = self._dark.mixed_with(self._bright, level)
            return self._coded(mixed, number % LOOP_FRAMES)
        return (bright if level else dark).frames[number % LOOP_FRAMES]

    def close(self) -> None:
        """Stop drawing, and free the loops. Idempotent."""
        super().close()
        self._bright_loop = None

    def _make(self) -> VideoLoop | None:
        dark_view = self._showing(bright=False)
        self._dark = SceneRenderer(dark_view, [*map(frame_ns, range(0, LOOP_FRAMES, 5))])
        self._bright = self._dark.of_monitor(self._showing(bright=True).monitor)
        size_px = self._area_px[2:]
        self._encoder = H264Encoder(size_px, FRAMES_PER_SECOND, BITS_PER_SECOND, gop_frames=1)
        (first,) = self._encoder.encode(self._part(self._dark, 0))
        self._sets = parameter_sets_of(first)
        dark = self._loop_of(self._dark)
        self._bright_loop = None if dark is None else self._loop_of(self._bright)
        return dark

    def _loop_of(self, renderer: SceneRenderer) -> VideoLoop | None:
        frames = []
        for index in range(LOOP_FRAMES):
            if self._stop.is_set():
                return None
            frames.append(self._coded(renderer, index))
        return VideoLoop(self._sets, tuple(frames))

    def _coded(self, renderer: SceneRenderer, index: int) -> CodedFrame:
        (coded,) = self._encoder.encode(self._part(renderer, frame_ns(index)))
        return coded_frame(coded, self._sets, aggregate=self._aggregate)

    def _showing(self, *, bright: bool) -> SceneView:
        shown = self._view.monitor
        if self._blinking == "frame":
            monitor = dataclasses.replace(shown, inverted=not bright)
        else:
            monitor = dataclasses.replace(shown, patch_level=BRIGHT if bright else DARK)
        return SceneView(self._view.camera, self._view.head, monitor)
