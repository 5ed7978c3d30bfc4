"""Whether gaze has stayed near a target for long enough."""

from __future__ import annotations

import math
from collections import deque

from psychopy_neon.exceptions import UsageError

LONGEST_GAP_S = 0.1
"""Lost samples and blinks up to this length do not end a fixation; longer ones do."""
_KEPT = 2_000


class FixationGate:
    """Opens when gaze has been within a circle for a time, without leaving it.

    Parameters
    ----------
    radius_deg : float
        Of the circle around the target, degrees.
    hold_s : float
        How long gaze has to stay in it, seconds.

    Attributes
    ----------
    is_open : bool
        Stays so.

    Raises
    ------
    UsageError
        If one of them is not greater than 0.
    """

    def __init__(self, radius_deg: float, hold_s: float) -> None:
        if not (0 < radius_deg < math.inf and 0 < hold_s < math.inf):
            raise UsageError(
                f"gaze within {radius_deg!r} degrees for {hold_s!r} s: both must be more than 0."
            )
        self.is_open = False
        self._radius_deg = radius_deg
        self._hold_ns = round(hold_s * 1e9)
        self._inside: deque[tuple[int, float, float]] = deque(maxlen=_KEPT)
        self._since_ns = 0

    def take(self, device_ns: int, x_deg: float, y_deg: float) -> bool:
        """Judge the next sample; returns whether the gate is open.

        Parameters
        ----------
        device_ns : int
            Time of the sample on the phone's Unix clock, ns.
        x_deg, y_deg : float
            Offset of gaze from the target, degrees; NaN where not valid.
        """
        if self.is_open or math.isnan(x_deg) or math.isnan(y_deg):
            return self.is_open
        if math.hypot(x_deg, y_deg) > self._radius_deg:
            self._inside.clear()
            return False
        if not self._inside or device_ns - self._inside[-1][0] > LONGEST_GAP_S * 1e9:
            self._inside.clear()
            self._since_ns = device_ns
        self._inside.append((device_ns, x_deg, y_deg))
        self.is_open = device_ns - self._since_ns >= self._hold_ns
        return self.is_open

    @property
    def offset_deg(self) -> tuple[float, float]:
        """Mean offset since gaze has been in the circle, degrees; NaN while it is not."""
        if not self._inside:
            return math.nan, math.nan
        _, xs, ys = zip(*self._inside, strict=True)
        return sum(xs) / len(xs), sum(ys) / len(ys)
