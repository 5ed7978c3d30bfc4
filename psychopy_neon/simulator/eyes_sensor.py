"""The eye cameras: a picture of both eyes for every gaze sample, drawn and encoded as it happens.

A loop of video, as of the scene, could not follow the gaze. Drawing and encoding so small a
picture takes about a third of a millisecond, and is done only while somebody watches.
"""

from __future__ import annotations

import queue
import threading

import av

from psychopy_neon.protocol.sdp import Media
from psychopy_neon.simulator.eye_picture import PICTURE_SIZE_PX, EyePainter
from psychopy_neon.simulator.h264_encoder import (
    H264Encoder,
    ParameterSets,
    coded_frame,
    h264_media,
    parameter_sets_of,
)
from psychopy_neon.simulator.look import Look
from psychopy_neon.simulator.stream import Stream

FRAMES_PER_SECOND = 200
GOP_FRAMES = 200
BITS_PER_SECOND = 1_500_000
MAX_WAITING = 200  # a second: as much as gaze catches up with, after the computer was busy
STRAIGHT_AHEAD = Look(0, (0.0, 0.0), 800.0, 600.0)


class EyesSensor:
    """Sends eye video, 384 x 192, left and right eye side by side, 200 pictures a second.

    Attributes
    ----------
    stream : Stream
    skipped : int
        Pictures left out because this computer was too slow.
    error : exception or None
        Why there is no video, if it cannot be made.
    """

    def __init__(self, *, aggregate: bool = False) -> None:
        self._aggregate = aggregate
        self.stream = Stream(self._describe, "eyes")
        self.skipped = 0
        self.error: BaseException | None = None
        self._painter: EyePainter | None = None
        self._encoder: H264Encoder | None = None
        self._sets: ParameterSets | None = None
        self._lock = threading.Lock()
        self._waiting: queue.Queue[Look | None] = queue.Queue(MAX_WAITING)
        self._thread = threading.Thread(target=self._run, name="neon-sim-eyes", daemon=True)

    @property
    def shortfall(self) -> str:
        """Says so if pictures had to be left out."""
        if not self.skipped:
            return ""
        return (
            f"Eye video lacks pictures: this computer is too slow for {FRAMES_PER_SECOND} a second."
        )

    def start(self) -> None:
        """Begin to wait for looks."""
        self._thread.start()

    def see(self, look: Look) -> None:
        """Take a picture of the eyes if somebody watches; returns at once."""
        if not self.stream.is_watched:
            return
        try:
            self._waiting.put_nowait(look)
        except queue.Full:
            self.skipped += 1

    def close(self) -> None:
        """End the thread, and free the encoder. Idempotent."""
        if self._thread.ident is None:
            return
        while self._thread.is_alive():
            try:
                self._waiting.put(None, timeout=0.1)
                break
            except queue.Full:
                continue
        self._thread.join(timeout=2.0)
        with self._lock:
            self._painter = self._encoder = self._sets = None

    def _run(self) -> None:
        while (look := self._waiting.get()) is not None:
            try:
                self._show(look)
            except (av.FFmpegError, ValueError) as error:
                self.error = error  # a recorder watches without having asked for a description

    def _show(self, look: Look) -> None:
        painter, encoder, sets = self._camera()
        as_key = self.stream.has_newcomers
        for coded in encoder.encode(painter.paint(look), as_key=as_key):
            frame = coded_frame(coded, sets, aggregate=self._aggregate)
            self.stream.emit(look.device_ns, frame.payloads, can_start=frame.is_key)

    def _describe(self) -> Media | None:
        try:
            return h264_media(self._camera()[2])
        except (av.FFmpegError, ValueError) as error:
            self.error = error
            return None

    def _camera(self) -> tuple[EyePainter, H264Encoder, ParameterSets]:
        """Painter and encoder, made when first needed: most simulators never show eyes."""
        with self._lock:
            if self._painter is None or self._encoder is None or self._sets is None:
                self._painter = EyePainter()
                self._encoder = H264Encoder(
                    PICTURE_SIZE_PX,
                    FRAMES_PER_SECOND,
                    BITS_PER_SECOND,
                    GOP_FRAMES,
                    keys_on_demand=True,
                )
                (coded,) = self._encoder.encode(self._painter.paint(STRAIGHT_AHEAD))
                self._sets = parameter_sets_of(coded)
            return self._painter, self._encoder, self._sets
