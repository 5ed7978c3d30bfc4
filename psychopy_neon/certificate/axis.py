"""One axis of a chart: its range, its ticks, and where a value lies."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_TICKS = 6
NARROWEST_LOG = 10.0  # an axis over less than a decade has no second tick


@dataclass(frozen=True, slots=True)
class Axis:
    """Range and scale of an axis.

    Attributes
    ----------
    low, high : float
        Ends of the range; `low` is below `high`, and above 0 on a logarithmic axis.
    log : bool
        Whether it is logarithmic.
    label : str
        What it shows, with the unit.
    """

    low: float
    high: float
    label: str
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value lies: 0 at `low`, 1 at `high`; clipped to both."""
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return (at - low) / (high - low)

    def ticks(self) -> list[float]:
        """Round values in the range, a handful."""
        return self._powers() if self.log else self._multiples()

    def _powers(self) -> list[float]:
        first, last = math.floor(math.log10(self.low)), math.floor(math.log10(self.high))
        every = max(1, math.ceil((last - first) / MOST_TICKS))
        within = (1, 2, 5) if last - first <= 2 else (1,)
        values = [d * 10.0**power for power in range(first, last + 1, every) for d in within]
        return [value for value in values if self.low <= value <= self.high]

    def _multiples(self) -> list[float]:
        step = _round_step((self.high - self.low) / MOST_TICKS)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return power * next(step for step in STEPS if step * power >= least * (1 - 1e-9))


def linear(values: Iterable[float], label: str, *, from_zero: bool = False) -> Axis:
    """A linear axis around all finite values, with some air."""
    low, high = _ends(values, (0.0, 1.0))
    low = min(0.0, low) if from_zero else low
    air = 0.06 * (high - low) or max(abs(high) * 0.1, 1e-6)
    return Axis(low if from_zero else low - air, high + air, label)


def logarithmic(values: Iterable[float], label: str) -> Axis:
    """A logarithmic axis around all positive values, at least a decade."""
    low, high = _ends((value for value in values if value > 0), (0.1, 1.0))
    low, high = low / 1.3, high * 1.3
    missing = NARROWEST_LOG / (high / low)
    if missing > 1:
        low, high = low / math.sqrt(missing), high * math.sqrt(missing)
    return Axis(low, high, label, log=True)


def _ends(values: Iterable[float], otherwise: tuple[float, float]) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else otherwise


def tick_text(value: float) -> str:
    """A tick's number, short: 0.001, 10, 25000."""
    return f"{value + 0.0:.6g}".replace("-", "−")
