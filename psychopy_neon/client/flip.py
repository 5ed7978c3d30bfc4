"""When a PsychoPy window was flipped, without importing PsychoPy."""

from __future__ import annotations

import sys
from typing import Any

LONGEST_S = 1.0


def seconds_since_flip(win: Any) -> float:
    """Seconds that have passed since the window's latest flip.

    To be called from a function that was given to ``win.callOnFlip``: the window stamps the flip,
    on the clock of PsychoPy's log, before it calls those, one after the other. 0 for a window
    without a stamp that makes sense.
    """
    log = sys.modules.get("psychopy.logging")  # loaded if there is a window
    flipped_s = getattr(win, "_frameTime", None)
    if log is None or flipped_s is None:
        return 0.0
    passed_s = float(log.defaultClock.getTime()) - float(flipped_s)
    return passed_s if 0.0 <= passed_s < LONGEST_S else 0.0
