"""Coded pictures for a replay: those of the recording, or drawn ones."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Protocol

import av
from av.bitstream import BitStreamFilterContext

from psychopy_neon.simulator.h264_encoder import (
    CodedFrame,
    ParameterSets,
    coded_frame,
    parameter_sets_of,
)
from psychopy_neon.simulator.native.reading import Film
from psychopy_neon.simulator.scene_video import LOOP_FRAMES, VideoLoopMaker


class Pictures(Protocol):
    """One after the other, by number.

    Attributes
    ----------
    how : str
        How they are made.
    """

    how: str

    @property
    def error(self) -> BaseException | None:
        """Why there are none, if they cannot be had."""

    def start(self) -> None:
        """Begin to make them."""

    def close(self) -> None:
        """Free everything; called when no picture is asked for any more. Idempotent."""

    def parameter_sets(self, timeout_s: float) -> ParameterSets | None:
        """What a decoder has to know, waiting for it if need be."""

    def picture(self, number: int) -> CodedFrame | None:
        """The picture of that number, or None if there is none (yet)."""


class DrawnPictures:
    """The loop of video, its pictures in their own order whatever number is asked for."""

    how = "drawn and encoded ahead, at the times of the recording"

    def __init__(self, maker: VideoLoopMaker) -> None:
        self._maker = maker
        self._count = 0

    @property
    def error(self) -> BaseException | None:
        """Why there is no loop, if making it failed."""
        return self._maker.error

    def start(self) -> None:
        """Begin to draw."""
        self._maker.start()

    def close(self) -> None:
        """Stop drawing. Idempotent."""
        self._maker.close()

    def parameter_sets(self, timeout_s: float) -> ParameterSets | None:
        """Of the loop."""
        loop = self._maker.wait(timeout_s)
        return None if loop is None else loop.parameter_sets

    def picture(self, number: int) -> CodedFrame | None:
        """The next one of the loop."""
        loop = self._maker.ready
        if loop is None:
            return None
        self._count += 1
        return loop.frames[(self._count - 1) % LOOP_FRAMES]


class FilmedPictures:
    """H.264 out of the recording's files, read as it is needed; a gap ends at a key picture."""

    how = "as it was recorded"

    def __init__(self, film: Film, *, aggregate: bool) -> None:
        self._film = film
        self._aggregate = aggregate
        self._lock = threading.Lock()
        self._sets: ParameterSets | None = None
        self._error: BaseException | None = None
        self._reader: Generator[bytes | None, None, None] | None = None
        self._next = -1
        self._is_torn = True

    @property
    def error(self) -> BaseException | None:
        """Why the files cannot be read."""
        return self._error

    def start(self) -> None:
        """Look into the files, so that `error` is known early."""
        self.parameter_sets(0.0)

    def close(self) -> None:
        """Close the files. Idempotent."""
        if self._reader is not None:
            self._reader.close()
        self._reader, self._next = None, -1

    def parameter_sets(self, timeout_s: float) -> ParameterSets | None:
        """Those that come with the first picture."""
        with self._lock:
            if self._sets is None and self._error is None:
                try:
                    self._sets = parameter_sets_of(next(_coded(self._film.parts[0][0])))
                except (av.FFmpegError, OSError, ValueError, KeyError, StopIteration) as error:
                    self._error = error
            return self._sets

    def picture(self, number: int) -> CodedFrame | None:
        """The picture of that number; not a damaged one after a jump."""
        sets = self.parameter_sets(0.0)
        if sets is None:
            return None
        try:
            coded = next(self._reader_at(number), None)
        except (av.FFmpegError, OSError, ValueError) as error:
            self._error = error
            return None
        if coded is None:
            return None
        return self._whole(coded_frame(coded, sets, aggregate=self._aggregate))

    def _reader_at(self, number: int) -> Generator[bytes | None, None, None]:
        if self._reader is None or number != self._next:
            self.close()
            self._reader, self._is_torn = _from_number(self._film, number), True
        self._next = number + 1
        return self._reader

    def _whole(self, frame: CodedFrame) -> CodedFrame | None:
        self._is_torn = self._is_torn and not frame.is_key
        return None if self._is_torn else frame


def _from_number(film: Film, number: int) -> Generator[bytes | None, None, None]:
    """Coded pictures from that number on; None for those that the files lack."""
    for path, count in film.parts:
        found = 0
        if number < count:
            for coded in itertools.islice(_coded(path), count):
                found += 1
                if found > number:
                    yield coded
            yield from [None] * (count - max(found, number))
        number = max(0, number - count)


def _coded(path: Path) -> Generator[bytes, None, None]:
    """Pictures of a file, with start codes and, before key pictures, parameter sets."""
    with closing(av.open(str(path))) as container:
        if not container.streams.video:
            raise ValueError(f"{path.name} has no video")
        stream = container.streams.video[0]
        if stream.codec_context.name != "h264":
            raise ValueError(f"{path.name} is {stream.codec_context.name}, not H.264")
        to_start_codes = BitStreamFilterContext("h264_mp4toannexb", stream)
        for packet in container.demux(stream):
            for filtered in to_start_codes.filter(packet if packet.size else None):
                yield bytes(filtered)
