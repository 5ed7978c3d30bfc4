"""What gaze on the window was corrected by, and from when on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from psychopy_neon.export.columns import Columns, from_records, length
from psychopy_neon.export.run_clock import RunClock
from psychopy_neon.ledger.session import LedgerCorrection, Session

NAMES = (
    *("time_s", "version", "offset_right_deg", "offset_up_deg"),
    *("linear_11", "linear_12", "linear_21", "linear_22"),
    *("points", "distance_window_heights", "expected_error_deg"),
)
MEANING = (
    "corrected = gaze + offset + linear @ gaze, azimuth (to the right) and elevation (up) in the "
    "scene camera's axes, degrees. Each replaces the one before, and applies to gaze as the "
    "glasses sent it. Version 0 ends the correction"
)


def all_corrections(sessions: Sequence[Session], clock: RunClock) -> Columns:
    """One row per change, in the order of the ledger.

    Parameters
    ----------
    sessions : sequence of Session
    clock : RunClock
    """
    records = [_record(each, clock) for session in sessions for each in session.corrections]
    return from_records(NAMES, records) if records else {}


def described_corrections(corrections: Columns) -> dict[str, Any]:
    """For the description of a BIDS recording."""
    rows = [
        {
            "Onset": _known(corrections["time_s"][row]),
            "Version": int(corrections["version"][row]),
            "OffsetDegrees": [float(corrections[f"offset_{way}_deg"][row]) for way in WAYS],
            "Linear": [[float(corrections[f"linear_{i}{j}"][row]) for j in "12"] for i in "12"],
            "Targets": int(corrections["points"][row]),
            "ExpectedErrorDegrees": _known(corrections["expected_error_deg"][row]),
        }
        for row in range(length(corrections))
    ]
    return {"Description": MEANING, "Corrections": rows}


WAYS = ("right", "up")


def _record(each: LedgerCorrection, clock: RunClock) -> tuple[Any, ...]:
    return (
        clock.from_raw(each.experiment_s),
        each.version,
        *each.offset_deg,
        *(number for row in each.linear for number in row),
        each.points,
        each.distance,
        each.expected_error_deg,
    )


def _known(number: Any) -> float | None:
    return None if math.isnan(number) else float(number)
