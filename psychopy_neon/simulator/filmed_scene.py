"""The scene camera in front of this computer's own screen: drawn and encoded as it happens."""

from __future__ import annotations

import time

from psychopy_neon.protocol.sdp import Media
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.exposure import Exposure
from psychopy_neon.simulator.film_renderer import FilmRenderer
from psychopy_neon.simulator.frame_rate import FrameRate
from psychopy_neon.simulator.h264_encoder import (
    H264Encoder,
    ParameterSets,
    coded_frame,
    h264_media,
    parameter_sets_of,
)
from psychopy_neon.simulator.pacer import Pacer
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
    """Films the screen, 30 pictures a second if this computer can, while somebody watches.

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
        exposure: Exposure,
        *,
        area_px: tuple[int, int, int, int] = WHOLE_PX,
        aggregate: bool = False,
    ) -> None:
        self.stream = Stream(self._describe, "world")
        self._grabber = grabber
        self._area_px = area_px
        self._aggregate = aggregate
        moments_ns = [*map(frame_ns, range(0, LOOP_FRAMES, 5))]
        self._renderer = FilmRenderer(view, moments_ns, exposure)
        self._encoder = H264Encoder(
            area_px[2:], FRAMES_PER_SECOND, BITS_PER_SECOND, GOP_FRAMES, keys_on_demand=True
        )
        self._sets = self._first_sets()
        self._rate = FrameRate(FRAMES_PER_SECOND)
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

    @property
    def shortfall(self) -> str:
        """Says at which rate it films if that is not the usual one."""
        if not self._rate.is_lowered:
            return ""
        rate = self._rate.per_second
        return f"The screen is filmed {rate} times a second: this computer is too slow for more."

    @property
    def how(self) -> str:
        """How its pictures are made."""
        return f"filmed and encoded as it happens, {self._rate.per_second} pictures a second"

    def _first_sets(self) -> ParameterSets:
        (coded,) = self._coded(0)
        return parameter_sets_of(coded)

    def _tick(self, number: int, device_ns: int) -> None:
        if not self.stream.is_watched or not self._rate.takes(number):
            return
        began_s = time.perf_counter()
        for coded in self._coded(device_ns, as_key=self.stream.has_newcomers):
            frame = coded_frame(coded, self._sets, aggregate=self._aggregate)
            self.stream.emit(device_ns, frame.payloads, can_start=frame.is_key)
        self._rate.note(time.perf_counter() - began_s)

    def _coded(self, device_ns: int, *, as_key: bool = False) -> list[bytes]:
        planes = self._renderer.picture(self._grabber.newest(), device_ns).part(*self._area_px)
        return self._encoder.encode(planes.luma, (planes.blue, planes.red), as_key=as_key)

    def _describe(self) -> Media | None:
        return h264_media(self._sets)
