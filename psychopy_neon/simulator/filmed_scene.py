"""The scene camera in front of this computer's own screen: drawn and encoded as it happens."""

from __future__ import annotations

from psychopy_neon.protocol.sdp import Media
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.h264_encoder import (
    H264Encoder,
    ParameterSets,
    coded_frame,
    h264_media,
    parameter_sets_of,
)
from psychopy_neon.simulator.pacer import Pacer
from psychopy_neon.simulator.scene_renderer import Picture, SceneRenderer
from psychopy_neon.simulator.scene_video import (
    BITS_PER_SECOND,
    FRAMES_PER_SECOND,
    GOP_FRAMES,
    LOOP_FRAMES,
    WHOLE_PX,
    frame_ns,
)
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.screen_grabber import ScreenGrabber
from psychopy_neon.simulator.stream import Stream


class FilmedScene:
    """Films the screen, 30 pictures a second, while somebody watches.

    A picture is stamped with the moment at which it is taken off the screen, and leaves when it
    is encoded, some hundredths of a second later.

    Attributes
    ----------
    stream : Stream
    """

    def __init__(
        self,
        clock: SimulatedClock,
        view: SceneView,
        grabber: ScreenGrabber,
        *,
        area_px: tuple[int, int, int, int] = WHOLE_PX,
        aggregate: bool = False,
    ) -> None:
        self.stream = Stream(self._describe, "world")
        self._grabber = grabber
        self._area_px = area_px
        self._aggregate = aggregate
        self._renderer = SceneRenderer(view, [*map(frame_ns, range(0, LOOP_FRAMES, 5))])
        self._encoder = H264Encoder(
            area_px[2:], FRAMES_PER_SECOND, BITS_PER_SECOND, GOP_FRAMES, keys_on_demand=True
        )
        self._sets = self._first_sets()
        self._pacer = Pacer("neon-sim-scene", clock, FRAMES_PER_SECOND, self._tick)

    def start(self) -> None:
        """Begin to film."""
        self._grabber.start()
        self._pacer.start()

    def close(self) -> None:
        """End all threads. Idempotent."""
        self._pacer.close()
        self._grabber.close()

    def wait_until_drawn(self, timeout_s: float = 10.0) -> bool:
        """True: there is a picture from the start on."""
        return True

    @property
    def error(self) -> BaseException | None:
        """None: what could go wrong has gone wrong before."""
        return None

    @property
    def late(self) -> int:
        """Pictures that were taken more than one interval after their time."""
        return self._pacer.late

    def _first_sets(self) -> ParameterSets:
        (coded,) = self._encoder.encode(self._picture(0))
        return parameter_sets_of(coded)

    def _tick(self, number: int, device_ns: int) -> None:
        if not self.stream.is_watched:
            return
        as_key = self.stream.has_newcomers
        for coded in self._encoder.encode(self._picture(device_ns), as_key=as_key):
            frame = coded_frame(coded, self._sets, aggregate=self._aggregate)
            self.stream.emit(device_ns, frame.payloads, can_start=frame.is_key)

    def _picture(self, device_ns: int) -> Picture:
        left, top, width, height = self._area_px
        picture = self._renderer.of_picture(self._grabber.newest()).picture(device_ns)
        return picture[top : top + height, left : left + width]

    def _describe(self) -> Media | None:
        return h264_media(self._sets)
