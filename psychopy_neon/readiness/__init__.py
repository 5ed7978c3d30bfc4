"""Whether glasses, phone and network are ready for a session: facts to plain sentences.

`judge` compares `Facts` with `Requirements`. Nothing here knows PsychoPy, sockets or clocks.
"""

from __future__ import annotations

from psychopy_neon.readiness.endurance import battery_minutes, storage_minutes
from psychopy_neon.readiness.facts import Facts
from psychopy_neon.readiness.items import Item, Readiness, State
from psychopy_neon.readiness.judging import KEYS, PATIENCE_S, judge
from psychopy_neon.readiness.requirements import Requirements

__all__ = [
    "KEYS",
    "PATIENCE_S",
    "Facts",
    "Item",
    "Readiness",
    "Requirements",
    "State",
    "battery_minutes",
    "judge",
    "storage_minutes",
]
