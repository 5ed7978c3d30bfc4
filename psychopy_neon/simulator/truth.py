"""What really happened: the simulator's own record, for tests and reports."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from psychopy_neon.simulator.clock import ClockLine

MAX_GAZE_KEPT = 120_000  # ten minutes at 200 Hz; the file keeps everything
MAX_OTHERS_KEPT = 100_000
FLUSH_INTERVAL_S = 0.5
_COUNTED = ("clocks", "events", "recordings", "eye_events", "patch", "steps", "gaze")


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """An event as the simulated phone received and stored it.

    Attributes
    ----------
    name : str
        Its text.
    timestamp_ns : int
        Phone's Unix clock, as stored.
    given : bool
        Whether the sender gave the timestamp (else the phone stamped it on arrival).
    arrived_ns : int
        Phone's Unix clock at arrival.
    recording_id : str or None
        Recording it was attached to.
    """

    name: str
    timestamp_ns: int
    given: bool
    arrived_ns: int
    recording_id: str | None


@dataclass(frozen=True, slots=True)
class TrueRecording:
    """What the recorder was asked to do.

    Attributes
    ----------
    action : str
        "start", "stop_and_save" or "cancel".
    id : str
        Of the recording.
    device_ns : int
        When it was asked for, phone's Unix clock, ns.
    """

    action: str
    id: str
    device_ns: int


@dataclass(frozen=True, slots=True)
class TrueGaze:
    """One gaze sample, and the truth about it.

    Attributes
    ----------
    device_ns : int
        Time of the sample on the phone's Unix clock, ns.
    x, y : float
        As sent, scene camera pixels.
    screen_x, screen_y : float
        Where the participant really looked: norm units of the drawn monitor, -1 to 1, y up.
    """

    device_ns: int
    x: float
    y: float
    screen_x: float
    screen_y: float


@dataclass(frozen=True, slots=True)
class TrueEyeEvent:
    """A fixation, saccade, onset or blink of the participant.

    Attributes
    ----------
    kind : str
        "saccade", "fixation", "saccade_onset", "fixation_onset" or "blink".
    start_ns : int
        Phone's Unix clock, ns.
    end_ns : int or None
        None for onsets.
    """

    kind: str
    start_ns: int
    end_ns: int | None


@dataclass(frozen=True, slots=True)
class TruePatch:
    """A change of the patch on the drawn monitor.

    Attributes
    ----------
    on : bool
        Whether it is bright from then on.
    device_ns : int
        When it was changed, phone's Unix clock, ns: the flip.
    lit_ns : int
        When its light appeared: the display lag later.
    """

    on: bool
    device_ns: int
    lit_ns: int


@dataclass(frozen=True, slots=True)
class TrueStep:
    """Something that a scenario, or somebody at the control endpoint, did to the simulator.

    Attributes
    ----------
    do : str
        Name of the method of `Faults` or `Controls`.
    arguments : mapping of str to object
        As given, decoded JSON.
    device_ns : int
        When it began, phone's Unix clock, ns.
    at_s : float or None
        When the scenario had planned it, seconds after its begin; None for the control endpoint.
    problem : str
        Why it failed; such a step is noted a second time. Empty when it begins.
    """

    do: str
    arguments: Mapping[str, Any]
    device_ns: int
    at_s: float | None = None
    problem: str = ""


class TruthLog:
    """Thread-safe record of clock, events, recordings, eye events and gaze, also as JSON lines.

    Parameters
    ----------
    path : path or None
        File for the JSON lines, overwritten. None keeps the record in memory only.

    Raises
    ------
    OSError
        If the file cannot be written.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._lock = threading.Lock()
        self._clocks: list[ClockLine] = []
        self._events: deque[TrueEvent] = deque(maxlen=MAX_OTHERS_KEPT)
        self._recordings: deque[TrueRecording] = deque(maxlen=MAX_OTHERS_KEPT)
        self._eye_events: deque[TrueEyeEvent] = deque(maxlen=MAX_OTHERS_KEPT)
        self._patch: deque[TruePatch] = deque(maxlen=MAX_OTHERS_KEPT)
        self._gaze: deque[TrueGaze] = deque(maxlen=MAX_GAZE_KEPT)
        self._steps: deque[TrueStep] = deque(maxlen=MAX_OTHERS_KEPT)
        self._counts = dict.fromkeys(_COUNTED, 0)
        self._file: TextIO | None = open(path, "w", encoding="utf-8") if path else None  # noqa: SIM115
        self._flushed_at = time.monotonic()
        self._knows_late = False

    @property
    def clocks(self) -> list[ClockLine]:
        """Relations between the two clocks, oldest first; more than one after a clock step."""
        with self._lock:
            return list(self._clocks)

    @property
    def events(self) -> list[TrueEvent]:
        """Events in order of arrival."""
        with self._lock:
            return list(self._events)

    @property
    def recordings(self) -> list[TrueRecording]:
        """What was asked of the recorder, in order."""
        with self._lock:
            return list(self._recordings)

    @property
    def gaze(self) -> list[TrueGaze]:
        """The last ten minutes of gaze samples, oldest first."""
        with self._lock:
            return list(self._gaze)

    @property
    def eye_events(self) -> list[TrueEyeEvent]:
        """Fixations, saccades, onsets and blinks in the order in which they were sent."""
        with self._lock:
            return list(self._eye_events)

    @property
    def patch(self) -> list[TruePatch]:
        """Changes of the patch on the drawn monitor, in order."""
        with self._lock:
            return list(self._patch)

    @property
    def steps(self) -> list[TrueStep]:
        """What scenarios and the control endpoint did, in order."""
        with self._lock:
            return list(self._steps)

    def counts(self) -> dict[str, int]:
        """How much of each kind was noted so far, also of what is no longer kept in memory."""
        with self._lock:
            return dict(self._counts)

    def add_clock(self, line: ClockLine) -> None:
        """Note the relation between the clocks."""
        with self._lock:
            self._clocks.append(line)
            self._counts["clocks"] += 1
            self._write_now({"kind": "clock", **asdict(line)})

    def add_event(self, event: TrueEvent) -> None:
        """Note an event."""
        with self._lock:
            self._events.append(event)
            self._counts["events"] += 1
            self._write_now({"kind": "event", **asdict(event)})

    def add_recording(self, recording: TrueRecording) -> None:
        """Note what was asked of the recorder."""
        with self._lock:
            self._recordings.append(recording)
            self._counts["recordings"] += 1
            self._write_now({"kind": "recording", **asdict(recording)})

    def add_eye_event(self, event: TrueEyeEvent) -> None:
        """Note an eye event."""
        line = {"kind": "eye_event", "eye_event": event.kind}
        with self._lock:
            self._eye_events.append(event)
            self._counts["eye_events"] += 1
            self._write_now({**line, "start_ns": event.start_ns, "end_ns": event.end_ns})

    def add_patch(self, change: TruePatch) -> None:
        """Note a change of the patch."""
        with self._lock:
            self._patch.append(change)
            self._counts["patch"] += 1
            self._write_now({"kind": "patch", **asdict(change)})

    def add_step(self, step: TrueStep) -> None:
        """Note what was done to the simulator."""
        with self._lock:
            self._steps.append(step)
            self._counts["steps"] += 1
            self._write_now({"kind": "step", **asdict(step)})

    def add_gaze(self, gaze: TrueGaze) -> None:
        """Note a gaze sample."""
        with self._lock:
            self._gaze.append(gaze)
            self._counts["gaze"] += 1
            if self._file is not None:
                self._file.write(_gaze_line(gaze))
                self._flush_if_due(self._file)

    def add_sent(self, stream: str, device_ns: int, host_ns: int) -> None:
        """Note in the file when a sample of a stream left (``time.perf_counter_ns()``)."""
        with self._lock:
            if self._file is not None:
                self._file.write(
                    f'{{"kind": "sent", "stream": "{stream}", "device_ns": {device_ns}, '
                    f'"host_ns": {host_ns}}}\n'
                )

    def add_late(self, counts: Mapping[str, int]) -> None:
        """Note in the file how many samples of each sensor left late; once, at the end."""
        with self._lock:
            if self._file is not None and not self._knows_late:
                self._knows_late = True
                self._write_now({"kind": "late", **counts})

    def close(self) -> None:
        """Flush and close the file; the record in memory stays readable. Idempotent."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write_now(self, line: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def _flush_if_due(self, file: TextIO) -> None:
        now = time.monotonic()
        if now - self._flushed_at >= FLUSH_INTERVAL_S:
            self._flushed_at = now
            file.flush()


def _gaze_line(gaze: TrueGaze) -> str:
    # Written by hand: json.dumps costs several times as much, 200 times a second.
    return (
        f'{{"kind": "gaze", "device_ns": {gaze.device_ns}, "x": {gaze.x:.4f}, "y": {gaze.y:.4f}, '
        f'"screen_x": {gaze.screen_x:.6f}, "screen_y": {gaze.screen_y:.6f}}}\n'
    )
