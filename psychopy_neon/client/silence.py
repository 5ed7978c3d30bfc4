"""How long a stream may be silent."""

from __future__ import annotations

import time

# A stream is lost when it is silent for so many of its usual packet intervals, 0.75 s at 200 Hz.
SILENT_INTERVALS, SHORTEST_SILENCE_S = 150, 0.75
# A hiccup of the network ends by itself, and then the old session is the quickest one.
PATIENCE = 2.0


class Silence:
    """Tells for how long a session has been silent, and whether that is too long.

    Parameters
    ----------
    longest_s : float
        Silence that is too long at any rate; less is enough for a quick stream.
    """

    def __init__(self, longest_s: float) -> None:
        self.limit_s = longest_s
        self._longest_s = longest_s
        self._opened_s = self._first_s = self._heard_s = self._now_s = time.perf_counter()
        self._received = 0

    def note(self, received: int, arrived_s: float, looked_s: float) -> None:
        """Take note of how many packets had come, and when the latest of them.

        Parameters
        ----------
        received : int
            Packets so far.
        arrived_s : float
            When the latest of them came, ``time.perf_counter()``.
        looked_s : float
            What had come by then is among them. Later ones may still wait to be read: on a busy
            computer the time that passes until then is no silence of the phone.
        """
        self._now_s = max(arrived_s, looked_s)
        if received <= self._received:
            return
        if self._received == 0:
            self._first_s = arrived_s
        self._heard_s, self._received = arrived_s, received
        if received < SILENT_INTERVALS:  # it may have begun with a burst
            return
        usual_s = (arrived_s - self._first_s) / received
        wanted_s = max(SHORTEST_SILENCE_S, SILENT_INTERVALS * usual_s)
        self.limit_s = min(self._longest_s, wanted_s)

    @property
    def is_lost(self) -> bool:
        """Whether packets have come, but none for longer than they should."""
        return self._received > 0 and self._now_s - self._heard_s > self.limit_s

    @property
    def is_hopeless(self) -> bool:
        """Whether only a new session can help."""
        return self.is_lost and self._now_s - self._heard_s > PATIENCE * self.limit_s

    @property
    def never_heard_s(self) -> float:
        """For how long not even a first packet has come; 0 if one has."""
        return 0.0 if self._received else self._now_s - self._opened_s
