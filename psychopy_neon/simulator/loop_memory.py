"""Remembers what was drawn last: many simulators of one process show the same.

Drawing a loop takes about a second of computing, and a test suite starts hundreds of simulators.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

MAX_KEPT = 4  # of about 3 MB each

Loop = TypeVar("Loop")


class LoopMemory(Generic[Loop]):
    """The last few loops of video by what they show; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Loop] = OrderedDict()

    def find(self, what: Hashable) -> Loop | None:
        """The loop that shows this, if it is still known."""
        with self._lock:
            if what in self._kept:
                self._kept.move_to_end(what)
            return self._kept.get(what)

    def keep(self, what: Hashable, loop: Loop) -> None:
        """Remember a loop; the one that nobody has asked for longest is forgotten."""
        with self._lock:
            self._kept[what] = loop
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
