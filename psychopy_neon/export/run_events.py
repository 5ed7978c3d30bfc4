"""Everything that happened in a run, one row each: eye movements, events and messages."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from psychopy_neon.export.columns import Columns, from_records, sorted_by
from psychopy_neon.export.hub_tables import Table
from psychopy_neon.export.run_clock import RunClock
from psychopy_neon.ledger.session import Session

NAMES = (
    *("time_s", "duration_s", "kind", "name", "x", "y", "end_x", "end_y"),
    *("amplitude_deg", "mean_velocity_px_s", "max_velocity_px_s"),
    *("device_time_s", "time_error_s", "state", "recording_id", "data"),
)
MOVEMENTS = {
    "FixationEndEvent": "fixation",
    "SaccadeEndEvent": "saccade",
    "BlinkEndEvent": "blink",
}
NAN = math.nan
NEAR_S = 0.001
Record = dict[str, Any]


def all_events(tables: dict[str, Table], sessions: Sequence[Session], clock: RunClock) -> Columns:
    """Fixations, saccades, blinks, the events of the experiment, and its messages.

    Returns
    -------
    Columns
        In the order of time, which is that of the start. ``x`` and ``y`` are in the window's
        units: the mean of a fixation, the start of a saccade.
    """
    records = [
        *_movements(tables, clock),
        *_sent(sessions, clock),
        *_messages(tables.get("MessageEvent"), clock),
    ]
    rows = [[record.get(name, _blank(name)) for name in NAMES] for record in records]
    return sorted_by(from_records(NAMES, rows), "time_s") if rows else {}


def _blank(name: str) -> Any:
    return "" if name in ("name", "state", "recording_id", "data") else NAN


def _movements(tables: dict[str, Table], clock: RunClock) -> Iterator[Record]:
    packets = tables.get("NeonEyeMovementEvent")
    for table_name, kind in MOVEMENTS.items():
        table = tables.get(table_name)
        if table is None or not len(table):
            continue
        for row, end_s in zip(table, clock.times(table), strict=True):
            duration_s = _number(row["duration"])
            yield {
                "time_s": end_s - duration_s,
                "duration_s": duration_s,
                "kind": kind,
                "device_time_s": float(row["device_time"]) - duration_s,
                "time_error_s": _number(row["confidence_interval"] / 2),
                **_places(row, kind),
                **_sizes(packets, kind, float(row["device_time"])),
            }


def _places(row: Any, kind: str) -> Record:
    if kind == "fixation":
        return {"x": _number(row["average_gaze_x"]), "y": _number(row["average_gaze_y"])}
    if kind == "saccade":
        fields = ("start_gaze_x", "start_gaze_y", "end_gaze_x", "end_gaze_y")
        return dict(zip(("x", "y", "end_x", "end_y"), map(_number, row[list(fields)]), strict=True))
    return {}


def _sizes(packets: Table | None, kind: str, end_device_s: float) -> Record:
    """What PsychoPy's classes have no field for, from the packet of the same movement."""
    if packets is None or kind == "blink" or not len(packets):
        return {}
    same = packets[packets["kind"] == kind.encode()]
    if not len(same):
        return {}
    nearest = same[int(np.argmin(np.abs(same["end_device_ns"] / 1e9 - end_device_s)))]
    if abs(nearest["end_device_ns"] / 1e9 - end_device_s) > NEAR_S:
        return {}
    names = ("amplitude_deg", "mean_velocity_px_s", "max_velocity_px_s")
    return {name: _number(nearest[name]) for name in names}


def _number(single: Any) -> float:
    """A number of single precision, with the digits that it has."""
    return float(f"{single:.7g}")


def _sent(sessions: Sequence[Session], clock: RunClock) -> Iterator[Record]:
    for session in sessions:
        for event in session.events:
            yield {
                "time_s": clock.from_raw(event.experiment_s),
                "duration_s": 0.0,
                "kind": "event",
                "name": event.name,
                "device_time_s": NAN if event.device_ns is None else event.device_ns / 1e9,
                "time_error_s": NAN if event.bound_ns is None else event.bound_ns / 1e9,
                "state": event.state,
                "recording_id": event.recording_id or "",
                "data": json.dumps(event.data, ensure_ascii=False) if event.data else "",
            }


def _messages(table: Table | None, clock: RunClock) -> Iterator[Record]:
    if table is None:
        return
    for row in table:
        yield {
            "time_s": float(row["time"]),
            "duration_s": 0.0,
            "kind": "message",
            "name": row["text"].decode("utf-8", "replace"),
            "data": row["category"].decode("utf-8", "replace"),
        }
