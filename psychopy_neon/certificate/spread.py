"""Median and company of many values, without NaN."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """How values are spread; all in the unit of the values.

    Attributes
    ----------
    count : int
        Number of values; NaN is not counted.
    least, median, p95, p99, most : float
        Least, median, 95th and 99th percentile (nearest rank), greatest.
    """

    count: int
    least: float
    median: float
    p95: float
    p99: float
    most: float


def spread(values: Iterable[float]) -> Spread | None:
    """Describe the finite ones of `values`; None if there are none."""
    ordered = sorted(value for value in values if math.isfinite(value))
    if not ordered:
        return None
    return Spread(
        len(ordered),
        ordered[0],
        quantile(ordered, 0.5),
        quantile(ordered, 0.95),
        quantile(ordered, 0.99),
        ordered[-1],
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Value that `share` of the ascending values do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
