"""Numbers as people read them."""

from __future__ import annotations

import math


def rounded_up(value: float) -> str:
    """Two significant digits, never less than the value: a bound must not look better."""
    if not math.isfinite(value):
        return "unknown"
    if value == 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(abs(value))))
    scale = 10**digits
    return f"{math.ceil(value * scale - 1e-9) / scale:.{digits}f}"


def ms(value: float) -> str:
    """Milliseconds: two significant digits, rounded up."""
    return f"{rounded_up(value)} ms"


def percent(share: float) -> str:
    """A share as per cent, rounded up to two digits or so: "0 %" is said of 0 only."""
    scale = 10 if share >= 0.01 else 100 if share >= 0.001 else 1000
    return f"{math.ceil(share * 100 * scale - 1e-9) / scale:g} %"


def with_bound(value: float, bound: float) -> str:
    """A value with its sign, to the same decimal as its bound: "+40.1 ± 7.9"."""
    margin = rounded_up(bound)
    decimals = len(margin.partition(".")[2])
    return f"{value:+.{decimals}f} ± {margin}".replace("-", "−")


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 event", "312 events"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """How long something lasted: "0.4 s", "12 s", "3 min 20 s", "1 h 2 min"."""
    if seconds < 59.5:
        return f"{seconds:.0f} s" if seconds >= 9.95 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
