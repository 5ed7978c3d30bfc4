"""What a run must keep to, decided before it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from psychopy_neon.exceptions import UsageError

SHARES = ("min_confirmed_share", "max_late_flip_share", "max_gaze_loss_share")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that a run is judged by; None leaves that value unjudged.

    The defaults suit a laboratory where phone and computer share a cable, a hub or an access point
    of their own: there the bound of an event is 0.1 to 0.5 ms. `wifi` suits a network shared
    with others, where answers are late by tens of milliseconds now and then.

    Parameters
    ----------
    max_event_bound_ms : float or None
        Greatest possible error of any event's time, ms. Default 1 ms; Wi-Fi 5 ms.
    min_confirmed_share : float or None
        Events that the phone confirmed, of all. Default 1: every one; Wi-Fi the same.
    max_clock_steps : int or None
        Steps of the phone's clock during the run. Default 0: a phone in a laboratory can have
        its automatic time turned off; Wi-Fi 1.
    max_gaze_loss_share : float or None
        Gaze samples that did not arrive, of all. Default 0.1 %; Wi-Fi 1 %.
    max_gaze_age_p95_ms : float or None
        Age of the newest gaze when the flip showed what it steered, ms; 95 % of flips must be
        below. Default 60 ms; Wi-Fi 100 ms.
    max_late_flip_share : float or None
        Flips that came more than half a refresh late, of all. Default 1 %; Wi-Fi the same,
        for the network has no part in it.
    max_display_lag_uncertainty_ms : float or None
        How far the lag of the display, if it was measured in the run, can be off, ms. The clocks
        must agree as well. Default 5 ms; Wi-Fi 10 ms, as the bound of the clocks is part of it.

    Notes
    -----
    The bound of an event cannot fall below half of the shortest round trip, however often the
    phone is asked. In simulated runs of three minutes it was 1.8 ms, 3.0 at most, with ways of
    1 to 5 ms there and 1 to 35 ms back, and 3.1 ms, 4.9 at most, with 2 to 40 ms each way: 5 ms
    suits a network in which some round trips take less than 8 ms. The price is about twelve
    questions a second; with two, the second kind of link goes beyond 6 ms. A link that always
    takes 2 ms there and 40 ms back has a bound of 23 ms, since nothing tells which way is the
    slow one; its true error is 20 ms, and no limit below that is kept.

    Raises
    ------
    UsageError
        If a value is no number, is below 0, or is a share above 1.
    """

    max_event_bound_ms: float | None = 1.0
    min_confirmed_share: float | None = 1.0
    max_clock_steps: int | None = 0
    max_gaze_loss_share: float | None = 0.001
    max_gaze_age_p95_ms: float | None = 60.0
    max_late_flip_share: float | None = 0.01
    max_display_lag_uncertainty_ms: float | None = 5.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            _check(name, value)

    @classmethod
    def wifi(cls) -> Limits:
        """Limits for a network that is shared with others."""
        return cls(
            max_event_bound_ms=5.0,
            max_clock_steps=1,
            max_gaze_loss_share=0.01,
            max_gaze_age_p95_ms=100.0,
            max_display_lag_uncertainty_ms=10.0,
        )

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Limits:
        """Limits from names and numbers, as a JSON file has them; the rest are defaults.

        Parameters
        ----------
        values : mapping of str to float or None
            Names as above.

        Raises
        ------
        UsageError
            If a name is unknown or a value is of no use.
        """
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                raise UsageError(f"there is no limit {name!r}; expected some of {', '.join(known)}")
        return cls(**values)


def _check(name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _fits(name, value):
        expected = "a share, 0 to 1" if name in SHARES else "a number of at least 0"
        raise UsageError(f"{name} is {value!r}; expected {expected}, or null for no limit")


def _fits(name: str, value: float) -> bool:
    return math.isfinite(value) and 0 <= value <= (1 if name in SHARES else math.inf)
