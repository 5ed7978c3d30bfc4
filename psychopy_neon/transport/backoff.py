"""When to try again: at once, then ever later, never more than five seconds apart."""

from __future__ import annotations

LONGEST_S = 5.0
_DELAYS_S = (0.0, 0.2, 0.5, 1.0, 2.0)


class Backoff:
    """Delays between attempts; forgets the failures after a success."""

    def __init__(self) -> None:
        self._failures = 0

    def next_delay_s(self) -> float:
        """Count one failure and return how long to wait before the next attempt, seconds."""
        delay = _DELAYS_S[self._failures] if self._failures < len(_DELAYS_S) else LONGEST_S
        self._failures += 1
        return delay

    def reset(self) -> None:
        """Forget the failures: the next delay is zero again."""
        self._failures = 0

    def worked_for(self, duration_s: float) -> None:
        """Forget the failures if it worked for long enough.

        A peer that accepts every connection and drops it a moment later must not make us dial
        in a tight loop.
        """
        if duration_s >= LONGEST_S:
            self.reset()
