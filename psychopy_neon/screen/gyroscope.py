"""How far the glasses turned between two moments, by their gyroscope."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from psychopy_neon.samples import Vector
from psychopy_neon.screen.rotations import (
    NO_TURN,
    Quaternion,
    from_vector,
    inverse,
    normalized,
    product,
)

KEPT = 1_200
"""Samples: eleven seconds at 110 a second."""

LONGEST_GAP_NS = 100_000_000
"""Nothing is known of the motion in a longer one."""

LONGEST_HOLD_NS = 50_000_000
"""So long the head is taken to turn on when the newest sample is older than the gaze."""

LASTING_S = 0.05
"""Its rate changes on as between the newest two samples, but ever less, with this time constant."""

FASTEST_DEG_S = 2_000.0
"""More is beyond the sensor's range, and therefore no measurement."""

_NS_PER_S = 1e9


class _Row(NamedTuple):
    device_ns: int
    rates: Vector  # rad/s
    orientation: Quaternion  # integrated since the first sample


@dataclass(frozen=True, slots=True)
class Turn:
    """A rotation of the glasses, in the gyroscope's axes.

    Attributes
    ----------
    rotation : tuple of 4 float
        Quaternion (w, x, y, z) from the axes at the end to those at the start.
    guessed_s : float
        Part of the time that lies after the newest sample, seconds.
    """

    rotation: Quaternion
    guessed_s: float


class GyroTrack:
    """Integrates the gyroscope, and keeps the newest eleven seconds.

    Rates between two samples are taken to change evenly. One thread at a time adds; any thread
    may ask meanwhile.
    """

    def __init__(self) -> None:
        self._rows: list[_Row] = []

    def add(self, device_ns: int, rotation_deg_s: Vector) -> None:
        """Take the next sample.

        One that is not later than the last, or no measurement, is ignored. If the clock was set
        back or there was a gap, what came before is forgotten.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.
        rotation_deg_s : tuple of 3 float
            In the gyroscope's own axes.
        """
        if not all(abs(rate) <= FASTEST_DEG_S for rate in rotation_deg_s):
            return
        x, y, z = (math.radians(rate) for rate in rotation_deg_s)
        rows = self._rows
        passed_ns = device_ns - rows[-1].device_ns if rows else 0
        if rows and -LONGEST_GAP_NS <= passed_ns <= 0:
            return
        if not rows or not 0 < passed_ns <= LONGEST_GAP_NS:
            self._rows = [_Row(device_ns, (x, y, z), NO_TURN)]
            return
        turned = product(rows[-1].orientation, _turned(rows[-1].rates, (x, y, z), passed_ns))
        rows.append(_Row(device_ns, (x, y, z), normalized(turned)))
        if len(rows) >= 2 * KEPT:
            self._rows = rows[-KEPT:]  # a new list: who reads the old one is not disturbed

    @property
    def newest_ns(self) -> int | None:
        """Time of the newest sample, phone's Unix clock; None before the first."""
        rows = self._rows
        return rows[-1].device_ns if rows else None

    def turn(self, start_ns: int, end_ns: int) -> Turn | None:
        """How the glasses turned from one moment to another, which may be the earlier one.

        Parameters
        ----------
        start_ns, end_ns : int
            Phone's Unix clock, ns.

        Returns
        -------
        Turn or None
            None if one of them is before the first sample, or more than `LONGEST_GAP_NS` after
            the newest.
        """
        rows = self._rows
        known = len(rows)  # another thread may add to them
        start, end = _orientation(rows, known, start_ns), _orientation(rows, known, end_ns)
        if start is None or end is None:
            return None
        guessed_ns = max(0, max(start_ns, end_ns) - rows[known - 1].device_ns)
        return Turn(product(inverse(start), end), guessed_ns / _NS_PER_S)


def _orientation(rows: list[_Row], known: int, device_ns: int) -> Quaternion | None:
    index = bisect_right(rows, device_ns, hi=known, key=_device_ns)
    if index == 0:
        return None
    row = rows[index - 1]
    into_ns = device_ns - row.device_ns
    if index == known:
        if into_ns > LONGEST_GAP_NS:
            return None
        held_ns = min(into_ns, LONGEST_HOLD_NS)
        then = _rates_to_come(rows[max(0, index - 2)], row, held_ns)
        return product(row.orientation, _turned(row.rates, then, held_ns))
    share = into_ns / (rows[index].device_ns - row.device_ns)
    ax, ay, az = row.rates
    bx, by, bz = rows[index].rates
    then = ax + share * (bx - ax), ay + share * (by - ay), az + share * (bz - az)
    return product(row.orientation, _turned(row.rates, then, into_ns))


def _rates_to_come(before: _Row, row: _Row, ahead_ns: int) -> Vector:
    """Rates of an even change by which the head would turn as far as it is taken to."""
    passed_s, ahead_s = (row.device_ns - before.device_ns) / _NS_PER_S, ahead_ns / _NS_PER_S
    if passed_s <= 0 or ahead_s <= 0:
        return row.rates
    share = LASTING_S / ahead_s
    lasting_s = LASTING_S * (1 - share * (1 - math.exp(-1 / share)))
    times = 2 * lasting_s / passed_s
    ax, ay, az = before.rates
    bx, by, bz = row.rates
    return bx + times * (bx - ax), by + times * (by - ay), bz + times * (bz - az)


def _turned(first: Vector, last: Vector, passed_ns: int) -> Quaternion:
    half_s = passed_ns / _NS_PER_S / 2
    ax, ay, az = first
    bx, by, bz = last
    return from_vector((ax + bx) * half_s, (ay + by) * half_s, (az + bz) * half_s)


def _device_ns(row: _Row) -> int:
    return row.device_ns
