"""Writes coded pictures to an MP4 file as they are."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av

_TICKS_PER_S = 90_000
_NS = 1_000_000_000


class FilmWriter:
    """One file; nothing is encoded anew.

    Parameters
    ----------
    path : Path
    first_key : bytes
        The first picture, with start codes and its parameter sets.
    device_ns : int
        Its time.

    Raises
    ------
    OSError
        If it cannot be written (PyAV's errors are of this kind, too).
    """

    def __init__(self, path: Path, first_key: bytes, device_ns: int) -> None:
        self._first_ns = device_ns
        self._last_ticks = -1
        with av.open(io.BytesIO(first_key), format="h264") as sample:
            self._container = av.open(str(path), "w")
            self._stream = self._container.add_stream_from_template(sample.streams.video[0])
        self._stream.time_base = Fraction(1, _TICKS_PER_S)

    def write(self, picture: bytes, device_ns: int, *, is_key: bool) -> None:
        """Add a picture; two at one time, as after a step of the clock, are put one tick apart."""
        elapsed_ticks = (device_ns - self._first_ns) * _TICKS_PER_S // _NS
        ticks = max(elapsed_ticks, self._last_ticks + 1)
        packet = av.Packet(picture)
        packet.stream = self._stream
        packet.time_base = Fraction(1, _TICKS_PER_S)
        packet.pts = packet.dts = ticks
        # The film ends after the last picture has been shown, and players show it only then.
        packet.duration = ticks - self._last_ticks
        self._last_ticks = ticks
        packet.is_keyframe = is_key
        self._container.mux(packet)

    def close(self) -> None:
        """Finish the file; without this it cannot be read."""
        self._container.close()
