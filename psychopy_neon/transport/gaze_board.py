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

from psychopy_neon.samples import GazeProblem, ScreenGaze

_PROBLEMS: tuple[GazeProblem | None, ...] = (None, *get_args(GazeProblem))
_ENTRY = struct.Struct("<ddBBddqq")  # x, y, problem, tags, pose age, pupil, device ns, host ns
_CHECKSUM = struct.Struct("<I")
_SIZE = _ENTRY.size + _CHECKSUM.size
_TRIES = 20
NAN = math.nan


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
        self._write(NAN, NAN, "no gaze", 0, NAN, NAN, 0, 0)

    def write(self, gaze: ScreenGaze, host_ns: int) -> None:
        """Show this gaze from now on; `host_ns` is its time, ``time.perf_counter_ns()``."""
        self._write(
            gaze.x,
            gaze.y,
            gaze.problem,
            gaze.tags,
            gaze.pose_age_s,
            gaze.pupil_mm,
            gaze.device_ns or 0,
            host_ns,
        )

    def close(self) -> None:
        """Delete the file; harmless if repeated. Readers see their last entry grow old."""
        if not self._memory.closed:
            self._memory.close()
            with contextlib.suppress(OSError):  # Windows keeps a file that a reader has open
                self.path.unlink()

    def _write(
        self,
        x: float,
        y: float,
        problem: GazeProblem | None,
        tags: int,
        pose_age_s: float,
        pupil_mm: float,
        device_ns: int,
        host_ns: int,
    ) -> None:
        number = _PROBLEMS.index(problem)
        entry = _ENTRY.pack(x, y, number, min(tags, 255), pose_age_s, pupil_mm, device_ns, host_ns)
        self._memory[:] = entry + _CHECKSUM.pack(zlib.crc32(entry))


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
        for _ in range(_TRIES):
            data = self._memory[:]
            entry = data[: _ENTRY.size]
            if _CHECKSUM.unpack_from(data, _ENTRY.size)[0] == zlib.crc32(entry):
                return self._gaze(entry)
        return ScreenGaze(NAN, NAN, False, "no gaze", NAN, NAN, 0, None, NAN)

    def close(self) -> None:
        """Let go of the file; harmless if repeated."""
        self._memory.close()

    def _gaze(self, entry: bytes) -> ScreenGaze:
        x, y, number, tags, pose_age_s, pupil_mm, device_ns, host_ns = _ENTRY.unpack(entry)
        problem = _PROBLEMS[number]
        age_s = (time.perf_counter_ns() - host_ns) / 1e9 if device_ns else NAN
        if device_ns and abs(age_s) > self._max_age_s:
            problem = "too old"
        if problem is not None:
            x = y = NAN
        return ScreenGaze(
            x, y, problem is None, problem, age_s, pose_age_s, tags, device_ns or None, pupil_mm
        )
