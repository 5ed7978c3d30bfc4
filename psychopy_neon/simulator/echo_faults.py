"""What can go wrong with the time echo; switched by `faults.Faults`."""

from __future__ import annotations

import random


class EchoFaults:
    """Delays of the time echo; all clients share one line, so a delay holds up the others too.

    Attributes
    ----------
    silent : bool
        Requests are read and never answered.
    request_s, reply_s : float
        Delay before the phone reads its clock, and after; unequal ones mislead an estimate.
    share : float
        Share of the exchanges (0..1) that are delayed.
    """

    def __init__(self) -> None:
        self.silent = False
        self.request_s = self.reply_s = 0.0
        self.share = 1.0
        self._random = random.Random(0)
        self._is_hit = False

    def restart(self, seed: int) -> None:
        """Draw the delayed exchanges anew."""
        self._random.seed(seed)

    def there_s(self) -> float:
        """Delay of the next request."""
        self._is_hit = self._random.random() < self.share
        return self.request_s if self._is_hit else 0.0

    def back_s(self) -> float:
        """Delay of the reply to it."""
        return self.reply_s if self._is_hit else 0.0
