"""H.264 access units to pictures, with PyAV."""

from __future__ import annotations

from dataclasses import dataclass

import av

from psychopy_neon.protocol.h264 import AccessUnit, annex_b
from psychopy_neon.samples import VideoFrame

MAX_PIXELS = 4096 * 2304  # no camera of the glasses comes near; a forged header could ask for more
MAX_HELD_BACK = 32  # more pictures no H.264 decoder may hold back (standard, A.3.1)


@dataclass(frozen=True, slots=True)
class _Origin:
    """What is known of a picture from the packets that carried it."""

    device_ns: int
    arrived_host_ns: int
    damaged: bool
    provisional: bool


class VideoDecoder:
    """Decodes pictures one by one, with no delay; use from one thread.

    After a damaged picture every following one is marked damaged until the next key picture,
    because each is predicted from those before it.

    Parameters
    ----------
    parameter_sets : tuple of bytes
        SPS and PPS from the session description.

    Attributes
    ----------
    failed : int
        Access units that gave no picture.
    """

    def __init__(self, parameter_sets: tuple[bytes, ...]) -> None:
        self.failed = 0
        self._damaged = True  # nothing can be trusted before the first key picture
        self._decoded = 0
        self._origins: dict[int, _Origin] = {}
        self._parameter_sets = self._unsent_sets = annex_b(parameter_sets)
        self._codec = _new_codec()

    def decode(
        self, unit: AccessUnit, device_ns: int, arrived_host_ns: int, *, provisional: bool
    ) -> list[VideoFrame]:
        """Decode one access unit: one picture, or none if it cannot be decoded.

        A stream with reordered pictures, which the glasses do not send, gives them out later
        and in order, each with its own times.
        """
        if unit.is_key and self._damaged:
            self._start_afresh()
        self._damaged = unit.damaged or (self._damaged and not unit.is_key)
        packet = av.Packet(self._unsent_sets + unit.data)
        self._unsent_sets = b""
        packet.pts = self._decoded
        self._note(_Origin(device_ns, arrived_host_ns, self._damaged, provisional))
        try:
            pictures = self._codec.decode(packet)
        except av.FFmpegError:
            pictures = []
        if not pictures and not self._codec.has_b_frames:
            self.failed += 1
            self._damaged = True
        return [frame for picture in pictures if (frame := self._frame(picture)) is not None]

    def _start_afresh(self) -> None:
        """Forget what damaged pictures did to the decoder: it may hold back pictures ever after."""
        self._codec = _new_codec()
        self._unsent_sets = self._parameter_sets

    def _note(self, origin: _Origin) -> None:
        self._origins[self._decoded] = origin
        self._origins.pop(self._decoded - MAX_HELD_BACK, None)
        self._decoded += 1

    def _frame(self, picture: av.VideoFrame) -> VideoFrame | None:
        origin = None if picture.pts is None else self._origins.pop(picture.pts, None)
        if origin is None:
            return None
        damaged = origin.damaged or picture.is_corrupt
        self._damaged = self._damaged or damaged
        return VideoFrame(
            origin.device_ns,
            origin.arrived_host_ns,
            picture.width,
            picture.height,
            damaged,
            origin.provisional,
            picture,
        )


def _new_codec() -> av.VideoCodecContext:
    codec = av.CodecContext.create("h264", "r")
    # More threads would hold back one picture each (screen-mapping reference, section 4).
    codec.thread_count = 1
    codec.options = {"max_pixels": str(MAX_PIXELS)}
    return codec
