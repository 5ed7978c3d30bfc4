"""A line of the ledger about what gaze is corrected by."""

from __future__ import annotations

import json
import math
from typing import Any

from psychopy_neon.ledger.lines import Line, number, text, whole, whole_or
from psychopy_neon.ledger.session import LedgerCorrection

FORMAT = 1


def correction_of(line: Line) -> LedgerCorrection:
    """Read it.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it cannot be understood.
    """
    try:
        parts = json.loads(text(line, "correction"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if parts["format"] != FORMAT:
        raise ValueError("a correction of another format")
    first, second = parts["linear"]
    return LedgerCorrection(
        host_ns=whole(line, "host_ns"),
        experiment_s=number(line, "experiment_s"),
        version=whole_or(parts, "version", 0),
        offset_deg=_pair(parts["offset_deg"]),
        linear=(_pair(first), _pair(second)),
        points=whole_or(parts, "points", 0),
        distance=number(parts, "distance"),
        expected_error_deg=number(parts, "expected_error_deg"),
    )


def _pair(values: Any) -> tuple[float, float]:
    first, second = (number({"value": value}, "value") for value in values)
    if math.isnan(first + second):
        raise ValueError("a correction without its numbers")
    return first, second
