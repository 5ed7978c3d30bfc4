"""Rows of ioHub's events.

A row is a list in the order of its event class; nothing in ioHub checks it, so it is built by
field name from the class's own list.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from psychopy_neon.iohub.event_times import EventTimes

Row = list[Any]
GOOD, MISSING = 0, 22  # ioHub's codes: 2 right eye, 20 left eye, 22 both missing
NAN = math.nan


def status_of(point: tuple[float, float]) -> int:
    """ioHub's code for a place of gaze, which is NaN where there is none."""
    return MISSING if math.isnan(point[0]) else GOOD


def row_of(
    event_class: Any, times: EventTimes, values: dict[str, Any], undefined: float = 0
) -> Row:
    """One row.

    Parameters
    ----------
    event_class : type
        Of ioHub's events.
    times : EventTimes
    values : dict
        By field name; an event id is added by `EventSink`.
    undefined : float
        What stands in the fields of float type that have no value; whole numbers get 0.

    Raises
    ------
    KeyError
        If the class has no such field.
    """
    blanks = _blanks(event_class, undefined)
    filled = {**blanks, **_common(event_class, times), **values}
    if len(filled) > len(blanks):
        unknown = sorted(filled.keys() - blanks.keys())
        raise KeyError(f"PsychoPy's event class has no field {unknown}")
    return list(filled.values())


def _common(event_class: Any, times: EventTimes) -> dict[str, Any]:
    return {
        "type": event_class.EVENT_TYPE_ID,
        "device_time": times.device_s,
        "logged_time": times.logged_s,
        "time": times.time_s,
        "confidence_interval": times.confidence_interval_s,
        "delay": times.logged_s - times.time_s,
    }


@functools.cache
def _blanks(event_class: Any, undefined: float) -> dict[str, Any]:
    """All fields in their order; do not change it."""
    dtype = event_class.NUMPY_DTYPE
    return {name: undefined if dtype[name].kind == "f" else 0 for name in dtype.names}
