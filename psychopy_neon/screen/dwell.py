"""Choosing something by looking at it for a while."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Generic, TypeVar

from psychopy_neon.exceptions import UsageError

LONGEST_GAP_S = 0.15
"""Looking at nothing, or a blink, for no longer than this does not end a dwell."""

Item = TypeVar("Item", bound=Hashable)


class Dwell(Generic[Item]):
    """Watches what is looked at; the first item that was looked at for long enough is chosen.

    Time without gaze on the item does not count, and more than 0.15 s of it, or a look at
    another item, lets the item begin from nothing. Of a longer pause between calls 0.15 s count.

    Parameters
    ----------
    dwell_s : float
        How long an item has to be looked at, seconds.

    Attributes
    ----------
    looked_at : object or None
        What gaze is on, or was on not longer ago than a gap may be.
    selected : object or None
        What was chosen; stays so until `reset`.

    Raises
    ------
    UsageError
        If `dwell_s` is not more than 0.
    """

    def __init__(self, dwell_s: float) -> None:
        if not 0 < dwell_s < math.inf:
            raise UsageError(f"the dwell time is {dwell_s!r} s; it must be more than 0.")
        self._dwell_s = dwell_s
        self.reset()

    def reset(self) -> None:
        """Nothing has been looked at, and nothing is chosen."""
        self.looked_at: Item | None = None
        self.selected: Item | None = None
        self._looked_s = 0.0
        self._newest_s = self._on_item_s = -math.inf
        self._was_on_item = False

    @property
    def progress(self) -> float:
        """How much of the time is over for what is looked at, 0 to 1; 1 once it is chosen."""
        if self.selected is not None:
            return 1.0
        return min(1.0, self._looked_s / self._dwell_s)

    def take(self, time_s: float, item: Item | None) -> Item | None:
        """Note what gaze is on now, None for nothing; returns what is chosen, or None.

        Parameters
        ----------
        time_s : float
            Seconds of any clock that nobody sets.
        item : object, optional
            What gaze is on.
        """
        if self.selected is None:
            self._note(time_s, item)
            if self.looked_at is not None and self._looked_s >= self._dwell_s:
                self.selected = self.looked_at
        return self.selected

    def _note(self, time_s: float, item: Item | None) -> None:
        is_on_it = item is not None and item == self.looked_at
        is_forgotten = not self._was_on_item and time_s - self._on_item_s > LONGEST_GAP_S
        if is_on_it and self._was_on_item:
            # A program that stood still meanwhile cannot know where gaze was.
            self._looked_s += min(time_s - self._newest_s, LONGEST_GAP_S)
        elif is_forgotten or (item is not None and not is_on_it):
            self.looked_at, self._looked_s = item, 0.0
        self._was_on_item = item is not None
        if self._was_on_item:
            self._on_item_s = time_s
        self._newest_s = time_s
