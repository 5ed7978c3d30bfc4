"""The newest gaze, handed from one process to another through a memory-mapped file.

The experiment reads it in every frame. A request to the ioHub process takes half a millisecond, and
many when that process is busy; reading this takes microseconds and never waits. A file works alike
on all systems, and unlike shared memory it needs no tracker process to clean up after it.

A checksum tells a reader that it met a half-written entry. That holds on every processor, whatever
order it makes writes of another core visible in.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import struct
import tempfile
import time
import zlib
from pathlib import Path
from typing import get_args

from psychopy_neon.samples import GazeProblem, PoseSource, ScreenGaze

_PROBLEMS: tuple[GazeProblem | None, ...] = (None, *get_args(GazeProblem))
_SOURCES: tuple[PoseSource | None, ...] = (None, *get_args(PoseSource))
# x, y, problem, tags, pose's source, pose age, pupil, expected error, distance, device ns, host ns
_ENTRY = struct.Struct("<ddBBBddddqq")
_CHECKSUM = struct.Struct("<I")
_SIZE = _ENTRY.size + _CHECKSUM.size
_TRIES = 20
NAN = math.nan
NO_GAZE = ScreenGaze(NAN, NAN, False, "no gaze", NAN, NAN, 0, None, NAN)


class GazeBoardWriter:
    """Makes the file and writes to it; use from one thread at a time.

    Attributes
    ----------
    path : Path
        For `GazeBoard`, in this process or another.
    """

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix="psychopy_neon_gaze_")
        self.path = Path(name)
        try:
            os.write(descriptor, bytes(_SIZE))
            self._memory = mmap.mmap(descriptor, _SIZE)
        finally:
            os.close(descriptor)
        self.write(NO_GAZE, 0)

    def write(self, gaze: ScreenGaze, host_ns: int, distance_mm: float = NAN) -> None:
        """Show this gaze from now on.

        Parameters
        ----------
        gaze : ScreenGaze
        host_ns : int
            Its time, ``time.perf_counter_ns()``.
        distance_mm : float
            How far away the surface is where gaze meets it, if somebody wants to know.
        """
        entry = _ENTRY.pack(
            gaze.x,
            gaze.y,
            _PROBLEMS.index(gaze.problem),
            min(gaze.tags, 255),
            _SOURCES.index(gaze.pose_source),
            gaze.pose_age_s,
            gaze.pupil_mm,
            gaze.expected_error_deg,
            distance_mm,
            gaze.device_ns or 0,
            host_ns,
        )
        self._memory[:] = entry + _CHECKSUM.pack(zlib.crc32(entry))

    def close(self) -> None:
        """Delete the file; harmless if repeated. Readers see their last entry grow old."""
        if not self._memory.closed:
            self._memory.close()
            with contextlib.suppress(OSError):  # Windows keeps a file that a reader has open
                self.path.unlink()


class GazeBoard:
    """Reads what a `GazeBoardWriter` shows.

    Parameters
    ----------
    path : path-like
    max_age_s : float
        Older gaze is not valid.

    Raises
    ------
    OSError
        If the file is not there.
    """

    def __init__(self, path: str | Path, max_age_s: float) -> None:
        self._max_age_s = max_age_s
        with Path(path).open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), _SIZE, access=mmap.ACCESS_READ)

    def read(self) -> ScreenGaze:
        """The newest gaze, aged by this moment; takes microseconds, never blocks or raises."""
        return self.read_placed()[0]

    def read_placed(self) -> tuple[ScreenGaze, float]:
        """The same, and how far away the surface is there, mm; NaN if the writer did not tell."""
        for _ in range(_TRIES):
            data = self._memory[:]
            entry = data[: _ENTRY.size]
            if _CHECKSUM.unpack_from(data, _ENTRY.size)[0] == zlib.crc32(entry):
                return self._gaze(entry)
        return NO_GAZE, NAN

    def close(self) -> None:
        """Let go of the file; harmless if repeated."""
        self._memory.close()

    def _gaze(self, entry: bytes) -> tuple[ScreenGaze, float]:
        x, y, number, tags, source, *measures, device_ns, host_ns = _ENTRY.unpack(entry)
        pose_age_s, pupil_mm, expected_error_deg, distance_mm = measures
        problem = _PROBLEMS[number]
        age_s = (time.perf_counter_ns() - host_ns) / 1e9 if device_ns else NAN
        if device_ns and abs(age_s) > self._max_age_s:
            problem = "too old"
        if problem is not None:
            x = y = expected_error_deg = NAN
        gaze = ScreenGaze(
            x=x,
            y=y,
            valid=problem is None,
            problem=problem,
            age_s=age_s,
            pose_age_s=pose_age_s,
            tags=tags,
            device_ns=device_ns or None,
            pupil_mm=pupil_mm,
            expected_error_deg=expected_error_deg,
            pose_source=_SOURCES[source],
        )
        return gaze, distance_mm
