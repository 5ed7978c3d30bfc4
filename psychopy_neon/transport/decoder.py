"""H.264 access units to pictures, with PyAV."""

from __future__ import annotations

import contextlib

import av

from ..protocol.h264 import AccessUnit, annex_b
from ..samples import VideoFrame


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
        Access units that the decoder refused.
    """

    def __init__(self, parameter_sets: tuple[bytes, ...]) -> None:
        self.failed = 0
        self._damaged = True  # nothing can be trusted before the first key picture
        self._codec = av.CodecContext.create("h264", "r")
        # More threads would hold back one picture each (screen-mapping reference, section 4).
        self._codec.thread_count = 1
        self._parameter_sets = annex_b(parameter_sets)

    def decode(
        self, unit: AccessUnit, device_ns: int, arrived_host_ns: int, *, provisional: bool
    ) -> list[VideoFrame]:
        """Decode one access unit: one picture, or none if it cannot be decoded."""
        self._damaged = unit.damaged or (self._damaged and not unit.is_key)
        data = self._parameter_sets + unit.data
        self._parameter_sets = b""
        try:
            pictures = self._codec.decode(av.Packet(data))
        except av.FFmpegError:
            self.failed += 1
            self._damaged = True
            return []
        return [
            VideoFrame(device_ns, arrived_host_ns, p.width, p.height, self._damaged, provisional, p)
            for p in pictures
        ]

    def close(self) -> None:
        """Give back what the decoder still holds."""
        with contextlib.suppress(av.FFmpegError):
            self._codec.decode(None)
