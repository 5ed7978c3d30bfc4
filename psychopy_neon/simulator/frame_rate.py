"""How many pictures a second this computer manages to make while they are sent."""

from __future__ import annotations

import statistics
from collections import deque

EVERY = (1, 2, 3, 5)  # 30, 15, 10 and 6 a second
PATIENCE = 15  # pictures; a short halt of the computer is no reason, so the median counts
MOST = 0.9  # of the time between two pictures


class FrameRate:
    """Takes every picture, or every second, third or fifth if making them takes too long.

    It does not go up again: a rate that changes all the time is of no use.

    Parameters
    ----------
    per_second : int
        How many there should be.
    """

    def __init__(self, per_second: int) -> None:
        self._wanted = per_second
        self._step = 0
        self._took_s: deque[float] = deque(maxlen=PATIENCE)

    @property
    def per_second(self) -> int:
        """How many there are."""
        return self._wanted // EVERY[self._step]

    @property
    def is_lowered(self) -> bool:
        """Whether there are fewer than there should be."""
        return self._step > 0

    def takes(self, number: int) -> bool:
        """Whether the picture of that number is made."""
        return number % EVERY[self._step] == 0

    def note(self, took_s: float) -> None:
        """Making a picture took so long, seconds."""
        self._took_s.append(took_s)
        is_full = len(self._took_s) == PATIENCE
        too_long = statistics.median(self._took_s) > MOST / self.per_second
        if is_full and too_long and self._step < len(EVERY) - 1:
            self._step += 1
            self._took_s.clear()
