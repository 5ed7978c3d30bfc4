"""The patch on the simulated monitor that blinks for the scene camera."""

from __future__ import annotations

import random
import threading
from collections import deque

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.truth import TruePatch, TruthLog

MAX_CHANGES = 1_000
DISPLAY_GAMMA = 2.2
_AHEAD_NS = 1_000_000_000
_SHORTEST, _LONGEST = 0.6, 1.4  # of the period


class PatchScreen:
    """Which light the patch sent out when, on the phone's clock.

    Parameters
    ----------
    truth : TruthLog
        Told of every change.
    display_lag_s : float
        From a change to its light.
    exposure_s : float
        How long the scene camera gathers light, from the stamped time of a picture on.
    period_s : float
        Mean time between changes that come by themselves; 0 for none.
    seed : int
        Of their times.
    """

    def __init__(
        self,
        truth: TruthLog,
        *,
        display_lag_s: float,
        exposure_s: float,
        period_s: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._truth = truth
        self._lag_ns = round(display_lag_s * 1e9)
        self._exposure_ns = max(1, round(exposure_s * 1e9))
        self._period_ns = period_s * 1e9
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._lit: deque[tuple[int, bool]] = deque(maxlen=MAX_CHANGES)
        self._next_ns = 0
        self._filmed_until_ns = 0

    def show(self, on: bool, device_ns: int) -> None:
        """Change the patch; `on` is bright.

        Raises
        ------
        UsageError
            If the change lies before an earlier one, or before pictures that were already sent.
        """
        lit_ns = device_ns + self._lag_ns
        with self._lock:
            if self._lit and lit_ns <= self._lit[-1][0]:
                raise UsageError("the patch must be changed in the order of time")
            if lit_ns < self._filmed_until_ns:
                late_ms = (self._filmed_until_ns - lit_ns) / 1e6
                raise UsageError(
                    f"the patch was changed {late_ms:.0f} ms too late: the picture is already sent"
                )
            self._lit.append((lit_ns, on))
        self._truth.add_patch(TruePatch(on, device_ns, lit_ns))

    def film(self, device_ns: int) -> float:
        """Share of bright light in the picture stamped with this time, as a level: 0 to 1."""
        self._notice_step_back(device_ns)
        self._follow_script(device_ns)
        with self._lock:
            end_ns = self._filmed_until_ns = device_ns + self._exposure_ns
            bright_ns = 0
            for lit_ns, on in reversed(self._lit):
                start_ns = max(lit_ns, device_ns)
                if start_ns < end_ns:
                    bright_ns += (end_ns - start_ns) * on
                    end_ns = start_ns
                if lit_ns <= device_ns:
                    break
        # Light adds up, but what is stored of it is bent like the levels of the display.
        share: float = (bright_ns / self._exposure_ns) ** (1 / DISPLAY_GAMMA)
        return share

    def _notice_step_back(self, device_ns: int) -> None:
        """After a step of the phone's clock earlier changes have times that are still to come."""
        with self._lock:
            if device_ns < self._filmed_until_ns - _AHEAD_NS:
                is_on = self._is_on
                self._lit.clear()
                self._lit.append((device_ns, is_on))
                self._next_ns = self._filmed_until_ns = 0

    def _follow_script(self, device_ns: int) -> None:
        if not self._period_ns:
            return
        if self._next_ns < device_ns - _AHEAD_NS:  # at the start, and after a clock step
            self._next_ns = device_ns + _AHEAD_NS // 2
        while self._next_ns < device_ns + _AHEAD_NS:
            self.show(not self._is_on, self._next_ns)
            factor = self._random.uniform(_SHORTEST, _LONGEST)
            self._next_ns += max(1, round(self._period_ns * factor))

    @property
    def _is_on(self) -> bool:
        return bool(self._lit) and self._lit[-1][1]
