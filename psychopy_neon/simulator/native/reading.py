"""Reads a native recording folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from psychopy_neon.exceptions import ProtocolError, UsageError
from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.protocol.imu import parse_imu
from psychopy_neon.simulator.native.layout import (
    BLINKS,
    CALIBRATION,
    EVENT_NAMES,
    EVENT_TIMES,
    EYE_STATE,
    EYES_VIDEO,
    FIXATIONS,
    GAZE,
    IMU,
    IMU_PACKETS,
    INFO,
    SCENE_VIDEO,
    WORN,
    Times,
)
from psychopy_neon.simulator.native.tables import (
    Series,
    part_files,
    read_table,
    read_times,
    time_file,
)

LONGEST_NS = 24 * 3600 * 1_000_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Film:
    """Video of one camera.

    Attributes
    ----------
    times_ns : ndarray of int64
        Of all pictures, phone's Unix clock.
    parts : tuple of (path, int)
        Files in order, with the number of pictures that have a time; empty if only the times
        were kept.
    """

    times_ns: Times
    parts: tuple[tuple[Path, int], ...]


@dataclass(frozen=True, eq=False, slots=True)
class NativeRecording:
    """Content of a folder; what it does not have is empty.

    Attributes
    ----------
    folder : Path
    info : dict
        As in ``info.json``.
    calibration : Calibration
    gaze, worn, eye_state, imu, fixations, blinks : Series
    events : tuple of (int, str)
        Time and name.
    scene, eyes : Film
    """

    folder: Path
    info: dict[str, Any]
    calibration: Calibration
    gaze: Series
    worn: Series
    eye_state: Series
    imu: Series
    fixations: Series
    blinks: Series
    events: tuple[tuple[int, str], ...]
    scene: Film
    eyes: Film

    @property
    def first_ns(self) -> int:
        """When the first sample of any sensor was taken."""
        return min(int(times[0]) for times in self._all_times() if len(times))

    @property
    def last_ns(self) -> int:
        """When the last sample of any sensor was taken."""
        return max(int(times[-1]) for times in self._all_times() if len(times))

    @property
    def start_ns(self) -> int:
        """When the recording began, which is before the first sample."""
        start_ns = self.info.get("start_time")
        return start_ns if isinstance(start_ns, int) and start_ns > 0 else self.first_ns

    def _all_times(self) -> list[Times]:
        return [self.gaze.times_ns, self.imu.times_ns, self.scene.times_ns, self.eyes.times_ns]


def read_recording(folder: str | Path) -> NativeRecording:
    """Read a native recording folder, but for its videos; blocks for that.

    Raises
    ------
    UsageError
        If it is none, cannot be read or lacks gaze or calibration.
    """
    path = Path(folder)
    if not path.is_dir():
        raise UsageError(f"there is no recording folder {folder}.")
    try:
        return _checked(_read(path))
    except (OSError, ValueError, ProtocolError, UsageError, RecursionError) as error:
        raise UsageError(f"cannot read the recording {folder}: {error}") from error


def _read(path: Path) -> NativeRecording:
    return NativeRecording(
        path,
        _read_info(path / INFO),
        Calibration.parse((path / CALIBRATION).read_bytes()),
        read_table(path, GAZE),
        read_table(path, WORN),
        read_table(path, EYE_STATE),
        _read_imu(path),
        read_table(path, FIXATIONS),
        read_table(path, BLINKS),
        _read_events(path),
        _read_film(path, SCENE_VIDEO),
        _read_film(path, EYES_VIDEO),
    )


def _checked(recording: NativeRecording) -> NativeRecording:
    if not len(recording.gaze):
        raise UsageError("it has no gaze.")
    if recording.first_ns <= 0 or recording.last_ns - recording.first_ns > LONGEST_NS:
        raise UsageError("its times do not belong to one day.")
    return recording


def _read_info(path: Path) -> dict[str, Any]:
    info = json.loads(path.read_text("utf-8"))
    if not isinstance(info, dict):
        raise UsageError(f"{path.name} is no JSON object.")
    return info


def _read_imu(folder: Path) -> Series:
    """The table, or what older apps wrote: the packets only."""
    series = read_table(folder, IMU)
    if len(series):
        return series
    rows = [row for path in part_files(folder, IMU_PACKETS, ".raw") for row in _unpacked(path)]
    table = np.array(rows, IMU.dtype())
    return Series(table["timestamp_ns"].astype(np.int64), table)


def _unpacked(path: Path) -> list[tuple[float, ...]]:
    data, rows, place = path.read_bytes(), [], 0
    while place + 2 <= len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "little")
        if end > len(data):
            break
        sample = parse_imu(data[place + 2 : end], device_ns=0, arrived_host_ns=0)
        parts = (sample.rotation_deg_s, sample.acceleration_g, sample.quaternion_wxyz)
        rows.append((sample.sensor_ns, *(value for part in parts for value in part)))
        place = end
    return rows


def _read_events(folder: Path) -> tuple[tuple[int, str], ...]:
    times = read_times(folder / EVENT_TIMES).tolist()
    if not times:
        return ()
    names = (folder / EVENT_NAMES).read_text("utf-8").split("\n")
    return tuple(sorted(zip(times, names, strict=False)))


def _read_film(folder: Path, name: str) -> Film:
    times = [np.empty(0, np.int64)]
    times += [read_times(path) for path in part_files(folder, name, ".time")]
    parts = part_files(folder, name, ".mp4")
    if parts:
        times = [np.empty(0, np.int64), *(read_times(time_file(path)) for path in parts)]
    counted = tuple((path, len(part)) for path, part in zip(parts, times[1:], strict=False))
    return Film(np.concatenate(times), counted)
