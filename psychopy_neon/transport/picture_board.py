"""The newest scene picture, small, handed from one process to another through a memory-mapped file.

ioHub's replies are short and get lost when they are long; this is how a picture comes across. One
picture at a time is in the file, with a checksum, as gaze is in that of `gaze_board`.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import struct
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from psychopy_neon.samples import Point

MOST_PIXELS = 480 * 480
MOST_TAGS = 64
_HEAD = struct.Struct("<IHHddB")  # number, width, height, gaze x and y, tags
_TAG = struct.Struct("<B8f")
_CHECKSUM = struct.Struct("<I")
_SIZE = _CHECKSUM.size + _HEAD.size + MOST_TAGS * _TAG.size + MOST_PIXELS
_NUMBER = struct.Struct("<I")
_TRIES = 5


@dataclass(frozen=True, slots=True)
class PreviewTag:
    """A tag in a picture.

    Attributes
    ----------
    good : bool
        Whether there is nothing wrong with it.
    corners : tuple of 4 (x, y)
        Fractions of the picture's width and height, from the top left.
    """

    good: bool
    corners: tuple[Point, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Preview:
    """A small scene picture, and what is seen in it.

    Attributes
    ----------
    number : int
        Another one for each picture, above 0.
    luma : ndarray of uint8, shape (height, width)
    gaze : tuple of 2 float, or None
        Fractions of the picture's width and height, from the top left.
    tags : tuple of PreviewTag
    """

    number: int
    luma: npt.NDArray[np.uint8]
    gaze: Point | None
    tags: tuple[PreviewTag, ...]


class PictureBoardWriter:
    """Makes the file and writes to it; use from one thread at a time.

    Attributes
    ----------
    path : Path
        For `PictureBoard`, in this process or another.
    """

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix="psychopy_neon_picture_")
        self.path = Path(name)
        try:
            os.truncate(name, _SIZE)
            self._memory = mmap.mmap(descriptor, _SIZE)
        finally:
            os.close(descriptor)

    def write(self, preview: Preview) -> None:
        """Show this picture from now on; one that is too large is left out."""
        height, width = preview.luma.shape
        if width * height > MOST_PIXELS or self._memory.closed:
            return
        x, y = preview.gaze or (math.nan, math.nan)
        tags = preview.tags[:MOST_TAGS]
        parts = [_HEAD.pack(preview.number, width, height, x, y, len(tags))]
        parts += [
            _TAG.pack(tag.good, *(v for corner in tag.corners for v in corner)) for tag in tags
        ]
        entry = b"".join([*parts, preview.luma.tobytes()])
        self._memory[_CHECKSUM.size : _CHECKSUM.size + len(entry)] = entry
        self._memory[: _CHECKSUM.size] = _CHECKSUM.pack(zlib.crc32(entry))

    def close(self) -> None:
        """Delete the file; harmless if repeated."""
        if not self._memory.closed:
            self._memory.close()
            with contextlib.suppress(OSError):  # Windows keeps a file that a reader has open
                self.path.unlink()


class PictureBoard:
    """Reads what a `PictureBoardWriter` shows.

    Parameters
    ----------
    path : path-like

    Raises
    ------
    OSError
        If the file is not there.
    """

    def __init__(self, path: str | Path) -> None:
        with Path(path).open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), _SIZE, access=mmap.ACCESS_READ)

    def read(self, but_not: int = 0) -> Preview | None:
        """The newest picture; None before the first, or if it is this one. Never blocks or raises.

        Parameters
        ----------
        but_not : int
            Number of the picture that is known already.
        """
        for _ in range(_TRIES):
            number = _NUMBER.unpack_from(self._memory, _CHECKSUM.size)[0]
            if number in (0, but_not):
                return None
            preview = self._read_whole()
            if preview is not None:
                return preview
        return None

    def _read_whole(self) -> Preview | None:
        """None if a half-written picture was met."""
        data = self._memory[:]
        (checksum,) = _CHECKSUM.unpack_from(data)
        number, width, height, x, y, count = _HEAD.unpack_from(data, _CHECKSUM.size)
        first_tag = _CHECKSUM.size + _HEAD.size
        pixels = first_tag + count * _TAG.size
        end = pixels + width * height
        if end > _SIZE or zlib.crc32(data[_CHECKSUM.size : end]) != checksum:
            return None
        luma = np.frombuffer(data, np.uint8, width * height, pixels).reshape(height, width)
        tags = tuple(_tag(data, offset) for offset in range(first_tag, pixels, _TAG.size))
        return Preview(number, luma, None if math.isnan(x) else (x, y), tags)

    def close(self) -> None:
        """Let go of the file; harmless if repeated."""
        self._memory.close()


def _tag(data: bytes, offset: int) -> PreviewTag:
    good, *values = _TAG.unpack_from(data, offset)
    return PreviewTag(bool(good), tuple(zip(values[::2], values[1::2], strict=True)))
