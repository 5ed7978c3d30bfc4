"""Stores recordings as native recording folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.native.layout import (
    CALIBRATION,
    EYES_VIDEO,
    INFO,
    SCENE_VIDEO,
    TEMPLATE,
    WEARER,
)
from psychopy_neon.simulator.recorder.folder import RecordingFolder
from psychopy_neon.simulator.recorder.papers import info_of, name_of, template_data_of, wearer
from psychopy_neon.simulator.recorder.tracks import EyeEventTrack, FilmTrack, GazeTrack, ImuTrack
from psychopy_neon.simulator.refusal import RefusalError
from psychopy_neon.simulator.sensors import Sensors
from psychopy_neon.simulator.stream import Receiver, Stream

_MS = 1_000_000
_ID_LENGTH = 8
MAX_KEPT = 100  # recordings that late events may still belong to


class NoRecorder:
    """Stores nothing."""

    def begin(self, recording_id: str, device_ns: int) -> None:
        """Nothing."""

    def open(self) -> None:
        """Nothing."""

    def add_event(self, recording_id: str, name: str, device_ns: int) -> None:
        """Nothing."""

    def end(self, device_ns: int, template: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
        """Nothing."""

    def discard(self) -> None:
        """Nothing."""

    def break_off(self) -> None:
        """Nothing."""


class Recorder(NoRecorder):
    """Follows the phone's recordings, one at a time; its caller sees to it that calls do not cross.

    Parameters
    ----------
    parent : Path
        Where the folders are made.
    sensors : Sensors
    calibration : bytes
    identity : mapping of str to str
        What ``info.json`` says about phone and glasses.

    Raises
    ------
    UsageError
        If the folder cannot be made.
    """

    def __init__(
        self, parent: Path, sensors: Sensors, calibration: bytes, identity: Mapping[str, str]
    ) -> None:
        try:
            parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make the folder {parent} for recordings: {error}.") from error
        self._parent = parent
        self._sensors = sensors
        self._calibration = calibration
        self._identity = dict(identity)
        self._folders: dict[str, RecordingFolder] = {}
        self._current: RecordingFolder | None = None
        self._recording_id, self._start_ns = "", 0
        self._watched: list[tuple[Stream, Receiver]] = []

    def problems(self) -> list[str]:
        """What could not be written, one sentence each."""
        folders = [folder for folder in self._folders.values() if folder.error is not None]
        return [f"The recording {one.path} is not complete: {one.error}." for one in folders]

    def begin(self, recording_id: str, device_ns: int) -> None:
        """Make the folder of a recording that is about to open; RefusalError if that cannot be."""
        start_ns = device_ns // _MS * _MS  # like the events that the phone stamps
        name = f"{name_of(start_ns)}-{recording_id[:_ID_LENGTH]}"
        try:
            folder = RecordingFolder(self._parent / name)
        except OSError as error:
            raise RefusalError(500, f"Storage cannot be written: {error}") from error
        self._current, self._recording_id, self._start_ns = folder, recording_id, start_ns
        self._folders[recording_id] = folder
        while len(self._folders) > MAX_KEPT:
            del self._folders[next(iter(self._folders))]
        folder.write_bytes(CALIBRATION, self._calibration)
        folder.write_text(WEARER, json.dumps(wearer()))
        self._write_info(folder, 0, {})
        folder.add_event("recording.begin", start_ns)

    def open(self) -> None:
        """Let the sensors write."""
        if self._current is None:
            return
        for stream, track in self._tracks(self._current):
            self._watched.append((stream, track))
            stream.subscribe(track)

    def add_event(self, recording_id: str, name: str, device_ns: int) -> None:
        """Add an event to that recording, even if it is over."""
        folder = self._folders.get(recording_id)
        if folder is not None:
            folder.add_event(name, device_ns)

    def end(self, device_ns: int, template: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
        """Finish the folder."""
        folder = self._let_go()
        if folder is None:
            return
        end_ns = device_ns // _MS * _MS
        folder.add_event("recording.end", end_ns)
        folder.write_text(TEMPLATE, json.dumps(template))
        data = template_data_of(template, answers, name_of(self._start_ns))
        self._write_info(folder, end_ns - self._start_ns, data)

    def discard(self) -> None:
        """Throw the recording away."""
        folder = self._let_go()
        if folder is not None:
            self._folders.pop(self._recording_id, None)
            folder.remove()

    def break_off(self) -> None:
        """End it without a word, as when the phone goes off: what there is stays."""
        self._let_go()

    def _let_go(self) -> RecordingFolder | None:
        watched, self._watched = self._watched, []
        for stream, track in watched:
            stream.unsubscribe(track)
        folder, self._current = self._current, None
        if folder is not None:
            folder.close()
        return folder

    def _tracks(self, folder: RecordingFolder) -> list[tuple[Stream, Receiver]]:
        sensors = self._sensors

        def skew_ns() -> int:
            return sensors.imu.skew_ns

        make: dict[str, Callable[[], Receiver]] = {
            "gaze": lambda: GazeTrack(folder, skew_ns),
            "imu": lambda: ImuTrack(folder),
            "eye_events": lambda: EyeEventTrack(folder),
            "world": lambda: FilmTrack(folder, SCENE_VIDEO, skew_ns),
            "eyes": lambda: FilmTrack(folder, EYES_VIDEO, skew_ns),
        }
        streams = [stream for streams in sensors.streams.values() for stream in streams]
        return [(stream, make[stream.name]()) for stream in streams if stream.name in make]

    def _write_info(
        self, folder: RecordingFolder, duration_ns: int, template_data: Mapping[str, Any]
    ) -> None:
        start_ns, identity = self._start_ns, self._identity
        info = info_of(self._recording_id, start_ns, duration_ns, identity, template_data)
        folder.write_text(INFO, json.dumps(info))
