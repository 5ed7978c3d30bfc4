"""How long battery and storage of the phone last."""

from __future__ import annotations

BATTERY_RESERVE_PERCENT = 10.0
"""The app refuses to record with a low battery; where that begins is not published."""
STORAGE_RESERVE_BYTES = 1e9
"""It refuses with little storage as well."""


def battery_minutes(percent: float, per_minute: float) -> float:
    """Minutes of recording until the battery is low.

    Parameters
    ----------
    percent : float
        Charge, 0 to 100.
    per_minute : float
        Percent that a minute takes.
    """
    return max(0.0, percent - BATTERY_RESERVE_PERCENT) / per_minute


def storage_minutes(free_bytes: float, mb_per_minute: float) -> float:
    """Minutes of recording until the storage is nearly full.

    Parameters
    ----------
    free_bytes : float
    mb_per_minute : float
        MB (1 000 000 bytes) that a minute takes.
    """
    return max(0.0, free_bytes - STORAGE_RESERVE_BYTES) / (mb_per_minute * 1e6)
