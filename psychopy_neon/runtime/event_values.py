"""What a Neon Event may be given."""

from __future__ import annotations

from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.event_check import check_event

LONGEST_LAG_S = 1.0


def display_lag_s(name: str, value: Any) -> float:
    """Return the lag, in seconds, or raise `UsageError` if it cannot be used."""
    try:
        lag_s = float(value or 0.0)
    except (TypeError, ValueError):
        lag_s = float("nan")
    if not abs(lag_s) <= LONGEST_LAG_S:
        raise UsageError(
            f"the display lag of {name} is {value!r}; expected seconds, at most {LONGEST_LAG_S:g}"
        )
    return lag_s


def plain_data(name: str, data: Any) -> dict[str, Any]:
    """Return data with NumPy's numbers, which conditions files bring along, as Python's."""
    if not isinstance(data, dict):
        raise UsageError(f"the data of {name} must be a dict of texts and numbers; got {data!r}")
    plain = {
        str(key): value.item() if hasattr(value, "item") else value for key, value in data.items()
    }
    check_event(name, plain)
    return plain
